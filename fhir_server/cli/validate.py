"""`segur validate`."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fhir_server.cli.common import fail, say
from validators.pdsm import Pdsm

if TYPE_CHECKING:
    from fhir_server.cli.files import Job
    from fhir_server.reports import Judged
    from validators.fhir import Walker
    from validators.suppress import Suppression


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    NDJSON = "ndjson"
    HTML = "html"
    JUNIT = "junit"
    SARIF = "sarif"
    OUTCOME = "outcome"


class Language(StrEnum):
    """The language of messages."""

    FR = "fr"
    EN = "en"


class Threshold(StrEnum):
    """The severity from which a finding fails the run."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


def validate(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files to check.")],
    format_: Annotated[
        Format, typer.Option("--format", help="outcome is FHIR: one OperationOutcome a file and a line.")
    ] = Format.TEXT,
    lang: Annotated[Language, typer.Option(help="fr or en.")] = Language.FR,
    mode: Annotated[str, typer.Option(envvar="SEGUR_MODE", help="sandbox or production.")] = "sandbox",
    pdsm: Annotated[Pdsm, typer.Option(envvar="SEGUR_PDSM", help="Version of PDSm: 3.1.1 or head.")] = Pdsm.RELEASED,
    profile: Annotated[
        list[str] | None,
        typer.Option("--profile", metavar="URL|FILE", help="A profile to meet: its canonical, or its file."),
    ] = None,
    definitions: Annotated[
        list[Path] | None,
        typer.Option("--definitions", metavar="FILE", help="Conformance resources to load: profiles, value sets…"),
    ] = None,
    package: Annotated[
        list[str] | None,
        typer.Option(
            "--package",
            envvar="SEGUR_PACKAGE",
            metavar="FILE|NAME",
            help="A FHIR package: folder, .tgz, .zip, or an installed name[@version].",
        ),
    ] = None,
    value_sets: Annotated[
        Path | None,
        typer.Option("--value-sets", envvar="SEGUR_VALUE_SETS", help="Folder of national value sets (SVS)."),
    ] = None,
    tx: Annotated[
        str | None,
        typer.Option(
            "--tx", envvar="SEGUR_TX", help="Base of a FHIR terminology server, asked about codes unknown here."
        ),
    ] = None,
    official_kit: Annotated[
        Path | None,
        typer.Option(
            "--official-kit", envvar="SEGUR_OFFICIAL_KIT", help="Your copy of the national CDA kit, run beside."
        ),
    ] = None,
    must_support: Annotated[
        bool, typer.Option("--must-support", help="Tell which elements marked mustSupport by its profiles are absent.")
    ] = False,
    fail_on: Annotated[
        Threshold, typer.Option("--fail-on", help="Exit code 1 from this severity on; error: when one is not valid.")
    ] = Threshold.ERROR,
    suppress: Annotated[
        list[str] | None,
        typer.Option(
            "--suppress", metavar="RULE[@PATH]=REASON", help="Findings to live with; they stay in the report."
        ),
    ] = None,
    suppressions: Annotated[
        Path | None, typer.Option("--suppressions", help="The same in a file: YAML, or one a line.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes; a progress bar shows when there are many files.")] = 1,
) -> None:
    """Check FHIR resources (JSON, XML), ITI-65 bundles and CDA documents. Exit code 1 when one is not valid.

    Example: segur validate lettre.xml lot.json --format ndjson
    """
    _require(paths, value_sets, mode)
    if official_kit is not None:
        from fhir_server.cli.official import require_kit

        require_kit(official_kit)
    left_alone = _suppressions(suppress or (), suppressions)
    from fhir_server.cli.files import Job
    from validators.report import Mode, Severity
    from validators.terminology import ValueSets

    walker, profiles = _walker(profile or (), definitions or (), package or (), pdsm)
    walker = _asking(tx, walker, pdsm) if tx else walker
    job = Job(
        Mode(mode), Severity(fail_on.value), _layout(format_), lang.value, shutil.get_terminal_size().columns,
        ValueSets.load(value_sets) if value_sets is not None else None, walker, profiles, left_alone, official_kit,
        pdsm, must_support,
    )  # fmt: skip
    raise typer.Exit(_report(job, paths, jobs))


def _walker(
    profiles: Sequence[str], definitions: Sequence[Path], packages: Sequence[str], pdsm: Pdsm
) -> tuple[Walker | None, tuple[str, ...]]:
    """The walker over what was brought along, None when nothing was, and the canonicals to meet."""
    files = [Path(name) for name in profiles if Path(name).is_file()]
    if not (files or definitions or packages):
        return None, tuple(profiles)
    from validators.fhir.loading import LoadingError, read_definition, walker_over
    from validators.mhd import pdsm_profiles

    archives = _packages(packages)
    try:
        urls = {str(path): str(read_definition(path).get("url", path)) for path in files}
        walker = walker_over([*definitions, *files], archives, pdsm_profiles(pdsm))
        return walker, tuple(urls.get(name, name) for name in profiles)
    except LoadingError as problem:
        fail(str(problem))


def _asking(url: str, walker: Walker | None, pdsm: Pdsm) -> Walker:
    """The same walker with somebody to ask; exit 2 when the address is none."""
    from fhir_server.terminology_server import TerminologyServer
    from validators.fhir import Walker
    from validators.mhd import pdsm_walker

    base = walker or pdsm_walker(pdsm)
    try:
        return Walker(base.definitions, base.profiles, TerminologyServer(url))
    except ValueError as problem:
        fail(str(problem))


def _packages(names: Sequence[str]) -> list[Path]:
    """Files of packages named by path or by name; a dependency that is not there is said on standard error."""
    from fhir_server.cli.packages import absent_text
    from fhir_server.guides import GuideError, packages_named

    try:
        paths, absent = packages_named(names)
    except GuideError as problem:
        fail(str(problem))
    for one in absent:
        sys.stderr.write(f"segur: {absent_text(one)}\n")
    return paths


def _report(job: Job, paths: Sequence[Path], jobs: int) -> int:
    """Judge and write; the exit code."""
    from fhir_server.reports.words import words

    failed = False
    used: set[Suppression] = set()
    judged: list[Judged] = []
    for done in job.run(paths, jobs):
        failed |= done.failed
        used |= done.used
        if done.text is None:
            judged.append((done.name, done.verdict))
        else:
            say(done.text)
    if judged:
        say(job.whole(judged, paths))
    for one in dict.fromkeys(job.suppressions):
        if one not in used:
            sys.stderr.write(f"segur: {words(job.lang)['unused'].format(name=one)}\n")
    return int(failed)


def _layout(format_: Format) -> str:
    """Colours and lines in context where somebody looks; plain text where a program reads."""
    return "terminal" if format_ is Format.TEXT and sys.stdout.isatty() else format_.value


def _require(paths: Sequence[Path], value_sets: Path | None, mode: str) -> None:
    for path in paths:
        if not path.is_file():
            fail(f"{path}: {'a folder, name its files' if path.is_dir() else 'no such file'}")
        if not os.access(path, os.R_OK):
            fail(f"{path}: not readable")
    if value_sets is not None and not value_sets.is_dir():
        fail(f"{value_sets}: no such folder")
    if mode not in ("sandbox", "production"):
        fail(f"mode {mode}: sandbox or production")


def _suppressions(given: Sequence[str], file: Path | None) -> tuple[Suppression, ...]:
    """Those of the options and of the file; exit 2 when one cannot be used."""
    if not given and file is None:
        return ()
    from validators.suppress import SuppressionError, parse_suppression, read_suppressions

    try:
        named = [parse_suppression(text) for text in given]
        return (*named, *(read_suppressions(str(file), file.read_text("utf-8")) if file is not None else ()))
    except (SuppressionError, OSError, UnicodeDecodeError) as error:
        fail(str(error))
