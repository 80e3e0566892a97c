"""The FHIRPath test suite of HL7 (tests-fhir-r4.xml): read, run, judged. Takes bytes, touches no file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lxml import etree

from validators.fhir.definitions import Definitions
from validators.fhir.fhirpath.environment import Environment
from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.expression import Expression, compile_expression
from validators.fhir.fhirpath.functions.conversion import to_string
from validators.fhir.fhirpath.items import system_value
from validators.fhir.fhirpath.model import Item, Json
from validators.fhir.fhirpath.quantity import Quantity
from validators.fhir.fhirpath.temporal import Temporal


@dataclass(frozen=True)
class Case:
    """One test: an expression on an input file, and either the outputs (type and text) or the phase that must fail."""

    name: str
    expression: str
    input: str = ""
    invalid: str = ""
    outputs: tuple[tuple[str, str], ...] = ()
    predicate: bool = False
    sorted: bool = True
    order_checked: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a case; `reason` is empty when it passed."""

    case: Case
    reason: str


def read(data: bytes) -> list[Case]:
    """The cases of a suite.

    Raises:
        FhirPathError: not a test suite.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        tree = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as problem:
        raise FhirPathError(f"not XML: {problem}") from problem
    cases = [_case(test) for test in tree.iter("test") if test.find("expression") is not None]
    if not cases:
        raise FhirPathError("no test in it")
    return cases


def _case(test: Any) -> Case:
    expression = test.find("expression")
    return Case(
        name=test.get("name", ""),
        expression=expression.text or "",
        input=test.get("inputfile", ""),
        invalid=expression.get("invalid", ""),
        outputs=tuple((output.get("type", ""), output.text or "") for output in test.findall("output")),
        predicate=test.get("predicate") == "true",
        sorted=test.get("ordered") != "false",
        order_checked=test.get("checkOrderedFunctions") == "true",
    )


def run(cases: list[Case], inputs: Callable[[str], Json], definitions: Definitions) -> Iterator[Outcome]:
    """Run the cases; `inputs` gives the resource of an input file, parsed."""
    for case in cases:
        resource = inputs(case.input) if case.input else None
        yield Outcome(case, _run(case, resource, definitions))


def _run(case: Case, resource: Json | None, definitions: Definitions) -> str:
    type_name = str(resource.get("resourceType")) if resource is not None else None
    try:
        expression = compile_expression(case.expression, definitions, type_name, ordered=case.order_checked)
    except FhirPathError as problem:
        return "" if case.invalid else f"does not compile: {problem}"
    if case.invalid == "syntax":
        return "compiles, a syntax error expected"
    try:
        found = _evaluated(case, expression, resource)
    except FhirPathError as problem:
        return "" if case.invalid else f"fails: {problem}"
    if case.invalid:
        return f"gives {found}, an error expected"
    wanted = list(case.outputs)
    if not case.sorted:
        found, wanted = sorted(found), sorted(wanted)
    same = len(found) == len(wanted) and all(map(_same, found, wanted))
    return "" if same else f"gives {found}, expected {wanted}"


def _evaluated(case: Case, expression: Expression, resource: Json | None) -> list[tuple[str, str]]:
    environment = Environment(resource)
    if case.predicate:
        return [("boolean", to_string(expression.holds(resource, None, environment)) or "")]
    return [_shown(item) for item in expression.items(resource, None, environment)]


def _same(found: tuple[str, str], wanted: tuple[str, str]) -> bool:
    return (not wanted[0] or found[0] == wanted[0]) and found[1] == wanted[1]


def _shown(item: Item) -> tuple[str, str]:
    """The type and text of an item as the suite writes them: dates and times with `@`."""
    value = system_value(item)
    if isinstance(value, Temporal):
        text = ("@T" if value.kind == "Time" else "@") + str(value)
    else:
        text = to_string(value) or ""
    return _type(item, value), text


def _type(item: Item, value: Any) -> str:
    if type(item) is tuple:
        return str(item[1].name)
    if isinstance(value, Temporal):
        return value.kind[0].lower() + value.kind[1:]
    names = {bool: "boolean", int: "integer", Decimal: "decimal", str: "string", Quantity: "Quantity"}
    return names.get(type(value), "")
