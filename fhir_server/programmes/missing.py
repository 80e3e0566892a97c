"""What is missing to the targets of a file: what is counted, what is not and why, how many, and what they are worth.

The figures are the ones computed here, a control beside what is declared (C-10): nothing is decided from them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from fhir_server.fhir.http import Refusal
from fhir_server.figures import figures
from fhir_server.programmes.office import Office
from fhir_server.programmes.refused import move_refused
from fhir_server.programmes.views import Looked, evidence
from fhir_server.situation import PROGRAMME, cutoff_of
from indicators.measures import Evidence, Window
from indicators.programmes.errors import RuleError
from indicators.programmes.life import Needs
from indicators.programmes.sun_es_volet1.calendar import usage_window
from indicators.programmes.sun_es_volet1.filed import supplied
from indicators.programmes.sun_es_volet1.situation import READS, Situation, situation
from indicators.programmes.sun_es_volet1.whatif import missing_to_target
from indicators.ratio import decimals


@dataclass(frozen=True, slots=True)
class Lacking:
    """One measure of a file. `missing` and `worth` (cents, or why it is not known) are null without a target below.

    `uncounted` is how many rows stand for nothing, by reason; `rows` are the evidence.
    """

    measure: str
    numerator: int
    denominator: int | None
    target: str | None
    verdict: str
    missing: int | None
    worth: int | str | None
    alone: bool
    uncounted: Mapping[str, int]
    rows: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Missed:
    """Where a file stands against its targets, over which days."""

    window: Window
    indicative: bool
    lines: tuple[Lacking, ...]


def counted_by(office: Office, looked: Looked) -> Looked:
    """A file with its figures even where its state asks for none: a file that is closed may still be contested."""
    return with_needs(office, looked) if looked.file.programme.id == PROGRAMME else looked


def missing_of(office: Office, looked: Looked) -> Missed:
    """What a file lacks.

    Raises:
        Refusal: 404 when the file counts nothing over a period that is known.
        Refused: 422 when a rule cannot answer under the region's set.
    """
    if looked.file.programme.id == PROGRAMME:
        return _sun_es(office, looked)
    if looked.window is None:
        raise Refusal(404, "PROGRAMME-MEASURE", found="-", known="-")
    mine = [figure for figure in looked.view.figures if figure.organization == looked.file.organization]
    lines = [
        _line(office, looked, figure.measure, figure.numerator, figure.denominator, "no_target") for figure in mine
    ]
    return Missed(looked.window, True, tuple(lines))


def _sun_es(office: Office, looked: Looked) -> Missed:
    """SUN1-R25, R27: the situation of the establishment in the file's window and domain."""
    counted = with_needs(office, looked)
    try:
        found = sun_es_situation(counted)
    except RuleError as stopped:
        raise move_refused([stopped.code], looked.file.programme) from None
    worth = {one.measure: one for one in missing_to_target(found)}
    lines = []
    for line in (one for one in found.lines if one.decides and one.ratio is not None):
        assert line.ratio is not None
        made = _line(office, counted, line.measure, line.ratio.numerator, line.ratio.denominator, line.verdict)
        said = worth.get(line.measure)
        lines.append(
            replace(
                made,
                target=None if line.target is None else decimals(line.target),
                missing=line.missing,
                worth=None if said is None else said.worth,
                alone=said is not None and said.alone,
            )
        )
    window = counted.window
    assert window is not None
    return Missed(window, found.indicative, tuple(lines))


def with_needs(office: Office, looked: Looked) -> Looked:
    """A SUN-ES file with the figures of its window, whatever its state asks for."""
    given = looked.view.parameters
    try:
        window = usage_window(looked.file.key["window"], given)
    except LookupError:
        raise Refusal(404, "PROGRAMME-UNKNOWN", found=looked.file.key["window"], known="F1, F2, F3, F4") from None
    cutoff = cutoff_of(window, given)
    needs = Needs(READS, window.measure, cutoff)
    counted = figures(office.database, window.measured(cutoff), measures=READS, legal_entity=looked.file.owner)
    return replace(looked, needs=needs, view=replace(looked.view, figures=counted))


def sun_es_situation(looked: Looked) -> Situation:
    """The situation of a file whose figures are at hand."""
    file, view = looked.file, looked.view
    return situation(
        file.organization, file.key["window"], view.figures, [], supplied(view),
        domain=file.key["domain"], cutoff=looked.needs.cutoff, bonus_claimed=view.entries.get("bonus_claimed") is True,
    )  # fmt: skip


def _line(
    office: Office, looked: Looked, measure: str, numerator: int, denominator: int | None, verdict: str
) -> Lacking:
    rows = tuple(evidence(office, looked, measure))
    reasons = Counter(row.reason for row in rows if not row.counted)
    return Lacking(
        measure, numerator, denominator, None, verdict, None, None, False, dict(sorted(reasons.items())), rows
    )
