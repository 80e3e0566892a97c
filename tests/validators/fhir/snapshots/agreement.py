"""How far our snapshots agree with published ones, measured: what the page docs/reference/snapshots.md has to say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tests.support.corpus import official_files
from tests.support.shared import shared
from validators.fhir.snapshots.compare import Difference, summed
from validators.fhir.snapshots.packaged import Made, made, structure_definitions
from validators.packages import open_package

Json = dict[str, Any]
BASE = "http://hl7.org/fhir/StructureDefinition/"
META = {"project", "author", "onBehalfOf", "account", "accounts", "compartment"}
GUIDES = (
    "ans.fhir.fr.annuaire-1.1.0", "ans.fhir.fr.mss-0.1.0-snapshot", "ans.fhir.fr.pdsm-3.1.1",
    "ans.fhir.fr.pdsm-current-3.1.1-head-96bc12c", "ans.fhir.fr.pdsm4dmp-0.1.0", "ans.fhir.fr.tddui-1.1.0-ballot",
    "hl7.fhir.fr.core-0.0.1-reconstructed", "ihe.iti.mhd-4.2.3",
)  # fmt: skip


def guide(name: str) -> dict[str, Json]:
    """The StructureDefinitions of a published package by file name; the test is skipped where it is absent."""
    return dict(structure_definitions(open_package(shared(f"packages/{name}.tgz"))))


def guides() -> dict[str, dict[str, Json]]:
    """All of them, by package."""
    return {name: guide(name) for name in GUIDES}


def bare(definition: Json) -> Json:
    """A definition without the snapshot it came with."""
    return {key: value for key, value in definition.items() if key != "snapshot"}


def measured(packages: Mapping[str, Mapping[str, Json]], *, alone: bool = False) -> dict[str, list[Made]]:
    """Every definition of every package made again; `alone`: over differentials, no published snapshot being read."""
    found: dict[str, list[Made]] = {}
    for name, own in packages.items():
        others = [d for other, ds in packages.items() if other != name and "current" not in other for d in ds.values()]
        if not alone:
            found[name] = made(own, others)
            continue
        again = made({file: bare(d) for file, d in own.items()}, map(bare, others))
        found[name] = [Made(one.name, own[one.name], one.whole, one.problem) for one in again]
    return found


R4_REASONS = {
    "mustSupport": "must support",
    "constraint": "type profile",
    "absent": "opened",
    "binding": "slice of the base",
    "contentReference": "reference to a slice",
}
"""What differs, and the word for why; anything at a choice comes of the shorthand (`valueQuantity`)."""


class Row(NamedTuple):
    """A line of the first table."""

    package: str
    definitions: int
    identical: int
    elements: int
    differing: int


def row(package: str, found: Iterable[Made]) -> Row:
    """The figures of a package: definitions with a published snapshot, its elements, those that differ on any side."""
    listed = [one for one in found if one.published]
    differing = [{d.element for d in one.differences()} for one in listed]
    same = sum(one.whole is not None and not each for one, each in zip(listed, differing, strict=True))
    return Row(package, len(listed), same, sum(len(one.published) for one in listed), sum(map(len, differing)))


def r4() -> list[Made]:
    """The profiles and extensions of R4 itself, made from their differentials alone."""
    every = dict(structure_definitions(official_files()))
    own = {name: d for name, d in every.items() if d.get("derivation") == "constraint"}
    again = made({name: bare(d) for name, d in own.items()})
    return [Made(one.name, own[one.name], one.whole, one.problem) for one in again]


def reasons(found: Iterable[Made], known: Mapping[str, Json]) -> Counter[tuple[str, str]]:
    """The differences of a package by (definition, reason); `known` are all definitions by canonical.

    Raises:
        AssertionError: a difference that none of the reasons explains.
    """
    counted: Counter[tuple[str, str]] = Counter()
    for one in found:
        for difference in one.differences():
            counted[one.definition["id"], _reason(one, difference, known)] += 1
    return counted


def _reason(one: Made, difference: Difference, known: Mapping[str, Json]) -> str:
    element = difference.element
    if (difference.field, difference.generated) == ("element", "present"):
        _only_mapped(element, known[one.definition["baseDefinition"]])
        return "mapped later"
    if difference.field == "element":
        if ".meta." in element and element.rpartition(".")[2] in META:
            return "other R4"
        own = [e["id"] for e in one.definition["differential"]["element"]]
        assert not any(each == element or each.startswith(f"{element}.") for each in own), element
        return "opened"
    assert (difference.field, element.endswith(".response.outcome")) == ("type", True), difference
    assert (difference.published, difference.generated) == (_of("OperationOutcome"), _of("Resource"))
    return "other R4"


def _of(code: str) -> list[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]]:
    return [(code, (), (), ())]


def _only_mapped(element: str, base: Json) -> None:
    """The base has the element, and its differential says nothing of it but mappings."""
    assert element in {e["id"] for e in base["snapshot"]["element"]}, element
    own = [e for e in base["differential"]["element"] if e["id"] == element]
    assert all(e.keys() <= {"id", "path", "sliceName", "mapping"} for e in own), element


def r4_reasons(found: Iterable[Made]) -> Counter[tuple[str, str]]:
    """The differences of R4's own profiles by (definition, reason); KeyError for one that has none."""
    counted: Counter[tuple[str, str]] = Counter()
    for one in found:
        for place, what, number in summed(one.differences()):
            kind = "shorthand" if place.endswith("[x]") else R4_REASONS[what]
            counted[one.definition["id"], kind] += number
    return counted
