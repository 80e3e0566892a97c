"""Our snapshots beside published ones: what the page on them says is what is measured, difference by difference."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.docs.pages import DOCS
from tests.support.shared import shared
from tests.validators.fhir.snapshots import agreement
from tests.validators.fhir.snapshots.agreement import Row, row
from validators.fhir import ProfileSet, Walker, load_definitions, parse_json
from validators.fhir.snapshots.packaged import Made, made
from validators.packages import open_package
from validators.report import Report

Json = dict[str, Any]
PAGE = DOCS / "reference" / "snapshots.md"
R4 = "hl7.fhir.r4.core-4.0.1"
BASE = "http://hl7.org/fhir/StructureDefinition/"
BOUND = {
    ("Practitioner-334081.json", "FHIR-BINDING", "Practitioner.communication[0]"),
    ("Practitioner-3719500.json", "FHIR-BINDING", "Practitioner.communication[0]"),
    ("DocumentReference-exemple-pdsm-documentreference.json", "FHIR-BINDING-EXTENSIBLE",
     "DocumentReference.securityLabel[0]"),
}  # fmt: skip
"""What snapshots say more: a profile that repeats a binding of R4 judges it as its own; the walk is milder."""
BINDINGS = {rule for _, rule, _ in BOUND}


@pytest.fixture(scope="module")
def packages() -> dict[str, dict[str, Json]]:
    return agreement.guides()


@pytest.fixture(scope="module")
def found(packages: dict[str, dict[str, Json]]) -> dict[str, list[Made]]:
    return agreement.measured(packages)


@pytest.fixture(scope="module")
def r4() -> list[Made]:
    return agreement.r4()


def lines(columns: int) -> list[list[str]]:
    """The rows of the page's tables with so many columns, heads apart."""
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| Package")
    ]
    return [one for one in cells if len(one) == columns]


def told(measured: Row, alone: Row) -> list[str]:
    return [str(value) for value in (*measured, alone.identical, alone.differing)]


def test_the_guides_agree_as_the_page_says(packages: dict[str, dict[str, Json]], found: dict[str, list[Made]]) -> None:
    alone = agreement.measured(packages, alone=True)
    every = [told(row(name, found[name]), row(name, alone[name])) for name in packages]
    assert every == [line for line in lines(7) if line[0] != R4]
    assert [one.problem for listed in (*found.values(), *alone.values()) for one in listed if one.problem] == []
    fields = {each.field for listed in alone.values() for one in listed for each in one.differences()}
    assert fields == {"element", "type"}


def test_every_difference_of_the_guides_has_its_reason(
    packages: dict[str, dict[str, Json]], found: dict[str, list[Made]]
) -> None:
    known = {d["url"]: d for name, own in packages.items() if "current" not in name for d in own.values()}
    counted = {name: agreement.reasons(listed, known) for name, listed in found.items()}
    rows = [[name, *key, str(number)] for name, each in counted.items() for key, number in sorted(each.items())]
    assert rows == [line for line in lines(4) if line[0] != R4]


def test_r4_agrees_as_the_page_says(r4: list[Made]) -> None:
    figures = row(R4, r4)
    assert told(figures, figures) in lines(7)
    rows = [[R4, *key, str(number)] for key, number in sorted(agreement.r4_reasons(r4).items())]
    assert rows == [line for line in lines(4) if line[0] == R4]


def test_three_profiles_of_r4_contradict_it(r4: list[Made]) -> None:
    assert {one.definition["id"]: one.problem.partition(": ")[2] for one in r4 if one.problem} == {
        "catalog": "Composition.date:IssueDate: a slice of an element that is not sliced",
        "codesystem-history": "Extension.extension:revision.extension:date: max 1 is above that of its base, 0",
        "familymemberhistory-genetic":
            "FamilyMemberHistory.relationship:Relationship: a slice of an element that is not sliced",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("package", "name", "places"),
    [
        ("ans.fhir.fr.annuaire-1.1.0", "as-dr-organization",
         ["Organization.extension:as-ext-digital-certificate.extension:validity.value[x].start"]),
        ("ans.fhir.fr.annuaire-1.1.0", "as-ext-patient-type",
         [f"Extension.extension:{part}AgeRange.value[x].low" for part in ("authorized", "installed")]),
        (R4, "elementdefinition-de",
         [f"ElementDefinition.extension:{part}.url" for part in ("Question", "AllowedUnits")]),
    ],
)  # fmt: skip
def test_an_empty_element_opens_what_was_published_open(
    package: str, name: str, places: list[str], packages: dict[str, dict[str, Json]], r4: list[Made]
) -> None:
    own = {one.name: one.definition for one in r4} if package == R4 else packages[package]
    file, definition = next((file, d) for file, d in own.items() if d["id"] == name)
    opened = copy.deepcopy(definition)
    for place in places:
        path = ".".join(step.partition(":")[0] for step in place.split("."))
        opened["differential"]["element"].append({"id": place, "path": path})
    others = [d for each in packages.values() for d in each.values()] + list(own.values())
    [again] = made({file: opened}, others)
    assert again.published
    assert again.differences() == []


@pytest.mark.slow
def test_snapshots_of_the_guides_are_valid_where_they_were(packages: dict[str, dict[str, Json]]) -> None:
    """What our engine says of a definition with our snapshot it said of it with the published one, too."""
    walker = Walker(load_definitions())
    for listed in agreement.measured(packages, alone=True).values():
        for one in listed:
            assert one.whole is not None
            before, after = Report(), Report()
            walker.check(one.definition, before)
            walker.check(one.whole, after)
            assert after.conformant == before.conformant, one.definition["id"]


@pytest.fixture(scope="module")
def walkers(packages: dict[str, dict[str, Json]]) -> tuple[Walker, Walker]:
    """Over the profiles of the guides as differentials, and as our snapshots alone."""
    beside = [resource for name in packages if "current" not in name for resource in _others(name)]
    own = {d["url"]: agreement.bare(d) for name, ds in packages.items() if "current" not in name for d in ds.values()}
    whole = [_alone(one) for one in made(own)]
    sets = (ProfileSet([*beside, *own.values()]), ProfileSet([*beside, *whole]))
    return Walker(load_definitions(), sets[0]), Walker(load_definitions(), sets[1])


def examples() -> Iterator[tuple[str, Json]]:
    for path in sorted(shared("examples").glob("*/*.json")):
        resource = parse_json(path.read_bytes(), Report())
        assert isinstance(resource, dict)
        yield path.name, resource


def test_trees_from_snapshots_give_the_verdicts_of_differentials(walkers: tuple[Walker, Walker]) -> None:
    extra, number = set(), 0
    for name, resource in examples():
        without, with_ = (_verdict(walker, resource) for walker in walkers)
        assert without <= with_, name
        extra |= {(name, rule, place) for rule, _, place, _ in with_ - without}
        number += 1
    assert (number, extra) == (120, BOUND)


def test_they_do_when_something_is_left_out(walkers: tuple[Walker, Walker]) -> None:
    number = 0
    for name, resource in examples():
        for left_out, variant in _variants(resource):
            without, with_ = (_verdict(walker, variant) for walker in walkers)
            assert without <= with_, (name, left_out)
            empty = {place for rule, _, place, _ in without if rule == "FHIR-EMPTY"}
            more = {(rule, place) for rule, _, place, _ in with_ - without if rule not in BINDINGS}
            assert more <= {("FHIR-MIN", place) for place in empty}, (name, left_out)
            number += 1
    assert number > 1500


def _variants(resource: Json) -> Iterator[tuple[str, Json]]:
    """The resource without each of its elements, and without each part of the first of them."""
    for key, value in resource.items():
        if key in ("resourceType", "meta"):
            continue
        yield key, {name: each for name, each in resource.items() if name != key}
        first, *rest = value if isinstance(value, list) else [value]
        for part in first if isinstance(first, dict) else ():
            cut = {name: each for name, each in first.items() if name != part}
            yield f"{key}.{part}", {**resource, key: [cut, *rest] if isinstance(value, list) else cut}


def _others(name: str) -> list[Json]:
    """The value sets and code systems of a package."""
    read = (parse_json(data, Report()) for _, data in open_package(shared(f"packages/{name}.tgz")))
    return [one for one in read if isinstance(one, dict) and one.get("resourceType") in ("ValueSet", "CodeSystem")]


def _alone(one: Made) -> Mapping[str, Any]:
    """A definition whose snapshot is all there is to read of it: no differential, and no profile below it."""
    assert one.whole is not None
    definition = {key: value for key, value in one.whole.items() if key != "differential"}
    profiled = definition["derivation"] == "constraint" and definition["kind"] != "logical"
    return {**definition, "baseDefinition": BASE + definition["type"]} if profiled else definition


def _verdict(walker: Walker, resource: Json) -> set[tuple[str, object, str, str]]:
    report = Report()
    walker.check(resource, report)
    return {(each.rule, each.params.get("key"), each.location, each.severity.value) for each in report}
