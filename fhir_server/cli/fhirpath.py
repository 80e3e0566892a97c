"""`segur fhirpath`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fhir_server.cli.common import fail, say, usage_errors

if TYPE_CHECKING:
    from validators.fhir import Definitions
    from validators.fhir.fhirpath.model import Json


def fhirpath(
    expression: Annotated[str | None, typer.Argument(help="A FHIRPath expression.")] = None,
    file: Annotated[Path | None, typer.Argument(help="The resource it is evaluated on (JSON or XML).")] = None,
    suite: Annotated[Path | None, typer.Option(help="A FHIRPath test suite of HL7, run instead.")] = None,
    input_: Annotated[Path | None, typer.Option("--input", help="Folder of the suite's input files.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Name the tests that fail, and say why.")] = False,
) -> None:
    """Evaluate an expression on a resource, one JSON value a line; or run a test suite: N/M, exit code 1 below M.

    Example: segur fhirpath "Patient.name.where(use = 'official').family" patient.json
    """
    if suite is not None:
        if input_ is None or expression is not None:
            fail("--suite FILE goes with --input DIR, and without an expression")
        raise typer.Exit(0 if _run_suite(suite, input_, verbose) else 1)
    if expression is None or file is None:
        fail("an expression and a file, or --suite FILE --input DIR")
    _evaluate(expression, file)


def _evaluate(expression: str, file: Path) -> None:
    """Print what the expression gives; exit 2 when it cannot be evaluated."""
    from validators.fhir import load_definitions
    from validators.fhir.fhirpath import Environment, FhirPathError, compile_expression

    definitions = load_definitions()
    resource = _resource(file, definitions)
    with usage_errors(FhirPathError):
        for value in compile_expression(expression, definitions).evaluate(resource, None, Environment(resource)):
            say(json.dumps(value, ensure_ascii=False, default=_number))


def _number(value: object) -> Any:
    """A decimal, ours or the parser's, as JSON writes it."""
    return float(str(value))


def _run_suite(suite: Path, folder: Path, verbose: bool) -> bool:
    """Run a suite and print its score; whether all passed."""
    from functools import cache

    from validators.fhir import load_definitions
    from validators.fhir.fhirpath import FhirPathError
    from validators.fhir.fhirpath.suite import read, run

    if not suite.is_file():
        fail(f"{suite}: no such file")
    if not folder.is_dir():
        fail(f"{folder}: no such folder")
    definitions = load_definitions()
    with usage_errors(FhirPathError):
        cases = read(suite.read_bytes())
    missing = next((c.input for c in cases if c.input and not (folder / c.input).is_file()), None)
    if missing is not None:
        fail(f"{folder / missing}: no such file")
    failed = 0
    for outcome in run(cases, cache(lambda name: _resource(folder / name, definitions)), definitions):
        failed += bool(outcome.reason)
        if verbose and outcome.reason:
            say(f"{outcome.case.name}: {outcome.case.expression.strip()} {outcome.reason}")
    say(f"{len(cases) - failed}/{len(cases)}")
    return not failed


def _resource(file: Path, definitions: Definitions) -> Json:
    """A resource of a JSON or XML file; exit 2 when it cannot be read."""
    from validators.fhir.parse import parse_json
    from validators.fhir.xml import parse_xml
    from validators.report import Report

    if not file.is_file():
        fail(f"{file}: no such file")
    data, report = file.read_bytes(), Report()
    is_xml = data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    found = parse_xml(data, report, definitions) if is_xml else parse_json(data, report)
    if not isinstance(found, dict):
        fail(f"{file}: not a FHIR resource")
    return found
