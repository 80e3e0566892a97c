"""What criteria find, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.fhir.search.criteria import MOST_VALUES
from fhir_server.store.criteria import Criterion
from fhir_server.store.search import Sort
from tests.fhir_server.search.shelf import OTHER, Json, Shelf

LOINC = "http://loinc.org"
DOCUMENTS: dict[str, Json] = {
    "a": {"status": "current", "type": {"coding": [{"system": LOINC, "code": "1"}], "text": "Lettre de sortie"},
          "date": "2026-01-10T10:00:00Z", "subject": {"reference": "Patient/p1"}, "description": "Élan vital",
          "context": {"period": {"start": "2026-01-01", "end": "2026-01-05"}}},
    "b": {"status": "superseded", "type": {"coding": [{"system": LOINC, "code": "1"}, {"system": "x", "code": "9"}]},
          "date": "2026-02-10T10:00:00Z", "subject": {"reference": "Patient/p1"},
          "relatesTo": [{"code": "replaces", "target": {"reference": "DocumentReference/a"}}],
          "context": {"period": {"start": "2026-02-01"}}},
    "c": {"status": "current", "type": {"coding": [{"code": "1"}]}, "date": "2026-02-28T23:30:00Z",
          "subject": {"reference": "Patient/p2", "identifier": {"system": "ipp", "value": "7"}},
          "relatesTo": [{"code": "appends", "target": {"reference": "DocumentReference/a"}}],
          "description": "elan et 50%_"},
    "d": {"status": "current", "type": {"coding": [{"system": "x", "code": "2"}]},
          "subject": {"reference": "Patient/p2"}, "content": [{"attachment": {"url": "http://h/x/y"}}]},
}  # fmt: skip


@pytest.fixture
def filled(shelf: Shelf) -> Shelf:
    """Four documents of two patients; another owner has the same ids."""
    shelf.put("Practitioner", "dr", name=[{"family": "Roux"}], identifier=[{"system": "rpps", "value": "8"}])
    shelf.put("Patient", "p1", identifier=[{"system": "ins", "value": "1"}], gender="female", birthDate="1950-06",
              generalPractitioner=[{"reference": "Practitioner/dr"}], name=[{"family": "Béranger",
              "given": ["Zoé"]}])  # fmt: skip
    shelf.put("Patient", "p2", identifier=[{"system": "ins", "value": "2"}, {"system": "ipp", "value": "1"}],
              gender="male", birthDate="1951-06-02", active=True, name=[{"family": "BERANGEON"}])  # fmt: skip
    for key, body in DOCUMENTS.items():
        shelf.put("DocumentReference", key, **body)
    for key in ("a", "d"):
        shelf.put("DocumentReference", key, OTHER, **DOCUMENTS[key])
    return shelf


def cases(*rows: tuple[list[tuple[str, str]], str]) -> pytest.MarkDecorator:
    """A question and the ids it finds, one letter each."""
    return pytest.mark.parametrize(("asked", "found"), rows, ids=lambda row: str(row))


class TestDocuments:
    @cases(
        ([("type", "1")], "abc"), ([("type", f"{LOINC}|1")], "ab"), ([("type", "|1")], "c"),
        ([("type", "1,2")], "abcd"), ([("type", "1"), ("type", "9")], "b"), ([("type", "nothing")], ""),
        ([("type:not", "9")], "acd"), ([("type:not", "9,2")], "ac"), ([("type:text", "LETTRE DE")], "a"),
        ([("type", "1"), ("status", "current")], "ac"), ([("status", "http://any|current")], "acd"),
        ([("type:missing", "true")], ""), ([("date:missing", "true")], "d"), ([("date:missing", "false")], "abc"),
        ([("relatesto:missing", "true"), ("status", "current")], "ad"),
    )  # fmt: skip
    def test_by_token(self, filled: Shelf, asked: list[tuple[str, str]], found: str) -> None:
        assert filled.found("DocumentReference", *asked) == list(found)

    @cases(
        ([("patient", "p1")], "ab"), ([("patient", "Patient/p1,p2")], "abcd"), ([("subject", "Patient/p2")], "cd"),
        ([("subject:Patient", "p2")], "cd"), ([("subject:Device", "p2")], ""), ([("subject:identifier", "ipp|7")], "c"),
        ([("relatesto", "DocumentReference/a")], "bc"), ([("relationship", "replaces$DocumentReference/a")], "b"),
        ([("relationship", "replaces$DocumentReference/a,appends$DocumentReference/a")], "bc"),
        ([("relationship:missing", "true")], "ad"), ([("location", "http://h/x/y")], "d"),
        ([("location:below", "http://h/x")], "d"), ([("location:below", "http://h/x/y/z")], ""),
        ([("location:above", "http://h/x/y/z")], "d"), ([("patient", "http://any.example/fhir/Patient/p1")], "ab"),
    )  # fmt: skip
    def test_by_reference_and_uri(self, filled: Shelf, asked: list[tuple[str, str]], found: str) -> None:
        assert filled.found("DocumentReference", *asked) == list(found)

    @cases(
        ([("description", "élan")], "ac"), ([("description", "ELAN V")], "a"),
        ([("description:exact", "Élan vital")], "a"),
        ([("description:exact", "élan vital")], ""), ([("description:contains", "vital")], "a"),
        ([("description:contains", "50%_")], "c"), ([("description:contains", "%")], "c"),
        ([("description", "élan,autre")], "ac"),
    )  # fmt: skip
    def test_by_string(self, filled: Shelf, asked: list[tuple[str, str]], found: str) -> None:
        assert filled.found("DocumentReference", *asked) == list(found)

    @cases(
        ([("date", "2026")], "abc"), ([("date", "2026-02")], "b"), ([("date", "2026-03-01")], "c"),
        ([("date", "ne2026-02")], "ac"), ([("date", "gt2026-02")], "c"), ([("date", "ge2026-02")], "bc"),
        ([("date", "lt2026-02")], "a"), ([("date", "le2026-02")], "ab"), ([("date", "sa2026-01")], "bc"),
        ([("date", "eb2026-03")], "ab"), ([("date", "2026-01,2026-02")], "ab"),
        ([("date", "ge2026-01-11"), ("date", "lt2026-03")], "b"), ([("date", "2026-02-10T10:00:00Z")], "b"),
        ([("date", "2026-02-10T11:00:00+01:00")], "b"), ([("date", "ap1990")], ""),
        ([("period", "2026-01")], "a"), ([("period", "ge2026-01-04")], "ab"), ([("period", "lt2026-01-02")], "a"),
        ([("period", "gt2027")], "b"), ([("period", "eb2026-02")], "a"), ([("date", "ge2026"), ("patient", "p2")], "c"),
        ([("_lastUpdated", "gt2020"), ("patient", "p1")], "ab"), ([("_lastUpdated", "lt2020")], ""),
        ([("_id", "a,c,zz")], "ac"), ([("_id", "a,c"), ("patient", "p1")], "a"), ([], "abcd"),
    )  # fmt: skip
    def test_by_date_and_id(self, filled: Shelf, asked: list[tuple[str, str]], found: str) -> None:
        assert filled.found("DocumentReference", *asked) == list(found)

    @cases(
        ([("patient.identifier:not", "ins|1")], "abcd"), ([("patient:Patient.birthdate", "1950")], "ab"),
        ([("subject.gender", "male")], "cd"), ([("subject:Patient.name", "beranger")], "ab"),
        ([("patient.general-practitioner.identifier", "rpps|8")], "ab"),
        ([("patient.general-practitioner:Practitioner.family", "roux"), ("status", "current")], "a"),
        ([("patient.name", "berange")], "abcd"), ([("patient.name", "nobody")], ""),
        ([("relatesto.type", "1"), ("relatesto.status", "current")], "bc"),
        ([("relatesto.patient.gender", "female")], "bc"), ([("patient._id", "p2")], "cd"),
        ([("_has:DocumentReference:relatesto:status", "current")], "a"),
        ([("_has:DocumentReference:relatesto:type", "9")], "a"),
        ([("_has:DocumentReference:relatesto:status", "entered-in-error")], ""),
    )  # fmt: skip
    def test_by_chain(self, filled: Shelf, asked: list[tuple[str, str]], found: str) -> None:
        assert filled.found("DocumentReference", *asked) == list(found)

    def test_of_another_owner_stay_there(self, filled: Shelf) -> None:
        assert filled.found("DocumentReference", ("type", "1"), owner=OTHER) == ["a"]
        assert filled.found("DocumentReference", ("patient.name", "beranger"), owner=OTHER) == []
        assert filled.found("Patient", ("_has:DocumentReference:patient:type", "2"), owner=OTHER) == []

    def test_that_are_deleted_are_found_by_nothing(self, filled: Shelf) -> None:
        filled.delete("DocumentReference", "a")
        for asked in [[], [("_id", "a")], [("type", "1"), ("patient", "p1")], [("_lastUpdated", "gt2020")]]:
            assert "a" not in filled.found("DocumentReference", *asked)
        assert filled.found("DocumentReference", ("relatesto.type", "1")) == []
        assert filled.found("Patient", ("_has:DocumentReference:patient:date", "2026-01")) == []

    def test_are_found_by_the_identifiers_their_patient_came_with(self, filled: Shelf) -> None:
        person = {"identifier": [{"system": "ins", "value": "1"}]}
        filled.put("DocumentReference", "e", patient=person, status="current")
        assert filled.found("DocumentReference", ("patient.identifier", "ins|1")) == ["e"]


class TestLimits:
    def test_of_many_values_are_no_limits_of_the_database(self, filled: Shelf) -> None:
        for name in ("author", "patient", "_id", "type", "description", "description:contains", "type:not"):
            values = ",".join(f"v{place}" for place in range(MOST_VALUES))
            assert filled.found("DocumentReference", (name, values)) == (list("abcd") if ":not" in name else [])
        many = ",".join(f"s|{place}" for place in range(MOST_VALUES))
        assert filled.found("DocumentReference", ("type", many)) == []
        assert filled.found("DocumentReference", ("date", ",".join(["2019"] * MOST_VALUES))) == []

    def test_of_many_criteria_neither(self, filled: Shelf) -> None:
        asked = [("type", "1"), ("type:not", "x"), ("patient.gender", "female"), ("relatesto.type:not", "zz")] * 12
        assert filled.found("DocumentReference", *asked, ("_id", "a,b,c")) == ["b"]

    @pytest.mark.parametrize("value", ["'", '"', "%", "_", "\\", "é" * 300, "\U0010ffff", ";--", "1" * 5000])
    def test_of_strange_values_neither(self, filled: Shelf, value: str) -> None:
        for name in ("type", "patient", "description:exact", "_id", "location", "location:above"):
            assert filled.found("DocumentReference", (name, value)) == []


class TestPatients:
    @cases(
        ([("identifier", "1")], "12"), ([("identifier", "ins|1")], "1"), ([("identifier:not", "ins|1")], "2"),
        ([("name", "beranger")], "1"), ([("family", "berange")], "12"), ([("name:contains", "GEON")], "2"),
        ([("given", "zoe")], "1"), ([("active", "true")], "2"), ([("birthdate", "1950")], "1"),
        ([("birthdate", "1950-06-15")], ""), ([("birthdate", "lt1951-06-02")], "1"),
        ([("birthdate", "le1951-06-02")], "12"),
        ([("birthdate", "ap1950")], "12"), ([("birthdate", "gt1950-06")], "2"), ([("birthdate", "ge1950-06-15")], "12"),
        ([("_has:DocumentReference:patient:type", "2")], "2"),
        ([("_has:DocumentReference:patient:date", "ge2026-02")], "12"),
        ([("_has:DocumentReference:patient:type", "9"), ("gender", "female")], "1"),
        ([("_has:DocumentReference:patient:_has:DocumentReference:relatesto:type", "9")], "1"),
        ([("general-practitioner.family", "Roux")], "1"), ([("organization:missing", "true")], "12"),
    )  # fmt: skip
    def test_by_each_family(self, filled: Shelf, asked: list[tuple[str, str]], found: str) -> None:
        assert filled.found("Patient", *asked) == [f"p{one}" for one in found]

    def test_by_the_type_of_an_identifier(self, filled: Shelf) -> None:
        kind = {"coding": [{"system": "v2", "code": "PI"}]}
        filled.put("Patient", "p3", identifier=[{"system": "x", "value": "33", "type": kind}])
        assert filled.found("Patient", ("identifier:of-type", "v2|PI|33")) == ["p3"]
        assert filled.found("Patient", ("identifier:of-type", "v2|PI|3")) == []


class TestNumbersAndQuantities:
    @pytest.mark.parametrize(
        ("value", "found"),
        [("100", "a"), ("1e2", "abc"), ("100.00", ""), ("ne100", "bc"), ("gt100", "b"), ("ge100", "ab"), ("lt100", "c"),
         ("le100", "ac"), ("sa100", "b"), ("eb100", "c"), ("ap105", "ab"), ("-3", ""), ("gt-3", "abc")],
    )  # fmt: skip
    def test_of_a_number(self, shelf: Shelf, value: str, found: str) -> None:
        for key, number in (("a", 100), ("b", 110.5), ("c", 60)):
            shelf.put("RiskAssessment", key, prediction=[{"probabilityDecimal": number}])
        assert shelf.found("RiskAssessment", ("probability", value)) == list(found)

    @pytest.mark.parametrize(
        ("value", "found"),
        [("5.4", "abc"), ("5.4||mg", "ac"), ("5.4|http://unitsofmeasure.org|mg", "a"), ("gt5||g", "b"), ("gt5||MG", ""),
         ("lt6|http://unitsofmeasure.org|mg", "a"), ("ge5.4||mg", "ac"), ("5.40", "")],
    )  # fmt: skip
    def test_of_a_quantity(self, shelf: Shelf, value: str, found: str) -> None:
        ucum = "http://unitsofmeasure.org"
        for key, unit in (
            ("a", {"system": ucum, "code": "mg"}),
            ("b", {"system": ucum, "code": "g"}),
            ("c", {"unit": "mg"}),
        ):
            shelf.put("Observation", key, status="final", valueQuantity={"value": 5.4, **unit})
        assert shelf.found("Observation", ("value-quantity", value)) == list(found)


class TestOrder:
    def ids(self, shelf: Shelf, *order: Sort, **body: Any) -> str:
        return "".join(row.id for row in shelf.page("DocumentReference", (), 100, order).rows)

    def test_is_newest_first(self, filled: Shelf) -> None:
        criteria = (Criterion("type", ((None, "1"),)),)
        assert "".join(row.id for row in filled.page("DocumentReference", criteria, 9).rows) == "cba"

    @pytest.mark.parametrize(
        ("order", "found"),
        [((Sort("_id"),), "abcd"), ((Sort("_id", True),), "dcba"), ((Sort("_lastUpdated"),), "abcd"),
         ((Sort("_lastUpdated", True),), "dcba"), ((Sort("date"),), "abcd"), ((Sort("date", True),), "cbad"),
         ((Sort("description"),), "cabd"), ((Sort("description", True),), "acdb"),
         ((Sort("status"), Sort("_id")), "acdb"),
         ((Sort("status", True), Sort("_id")), "bacd"), ((Sort("type"), Sort("date", True)), "cbad"),
         ((Sort("patient"), Sort("date")), "abcd"), ((Sort("patient", True), Sort("date")), "cdab")],
    )  # fmt: skip
    def test_by_anything_puts_what_has_no_value_last(self, filled: Shelf, order: tuple[Sort, ...], found: str) -> None:
        assert self.ids(filled, *order) == found

    @pytest.mark.parametrize("limit", [1, 2, 3])
    @pytest.mark.parametrize(
        "order",
        [(), (Sort("status"),), (Sort("type"), Sort("date", True)), (Sort("description", True),), (Sort("", False),)],
    )
    def test_goes_on_from_page_to_page(self, filled: Shelf, order: tuple[Sort, ...], limit: int) -> None:
        whole = [row.id for row in filled.page("DocumentReference", (), 100, order).rows]
        pages, after = [], None
        while True:
            page = filled.page("DocumentReference", (), limit, order, after)
            pages += [row.id for row in page.rows]
            after = page.last
            if after is None or len(pages) > len(whole):
                break
        assert pages == whole

    def test_of_a_page_of_nothing(self, filled: Shelf) -> None:
        assert filled.page("DocumentReference", (), 0).rows == []
