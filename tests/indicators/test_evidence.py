"""Evidence: as many counted rows as the numerator, and one clear reason for everything else."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from indicators.engine import ArrowFacts, duckdb_engine
from indicators.facts import Document, Message, Stay
from indicators.measures import Evidence, Scope, Window, compute, evidence
from tests.indicators.country import SITES, Country, arrow, letter, random_country, random_window, stay

FEBRUARY = Window(date(2024, 2, 1), date(2024, 2, 29))


def reasons(stays: list[Stay], documents: list[Document], **scope: Any) -> list[tuple[str | None, int | None, str]]:
    engine = duckdb_engine(ArrowFacts(Country(stays, documents).tables()))
    found = evidence(engine, "I-SUN1-LDL", FEBRUARY, **scope)
    engine.close()
    return [(row.document, row.stay, row.reason) for row in found]


@pytest.mark.parametrize("seed", range(15))
def test_counted_rows_are_the_numerator_and_no_document_is_told_twice(seed: int) -> None:
    country, window = random_country(seed), random_window(seed)
    engine = duckdb_engine(ArrowFacts(country.tables()), threads=1)
    numerators = {(f.measure, f.organization): f.numerator for f in compute(engine, window)}
    for measure in ("I-SUN1-INS", "I-SUN1-LDL"):
        rows = evidence(engine, measure, window)
        counted = Counter((measure, row.organization) for row in rows if row.counted)
        assert counted == Counter({key: n for key, n in numerators.items() if key[0] == measure and n})
        documents = [row.document for row in rows if row.document is not None]
        assert len(documents) == len(set(documents))
        assert all((row.reason == "COUNTED") == row.counted for row in rows)
    engine.close()


@pytest.mark.parametrize("seed", range(6))
def test_each_stay_and_each_letter_in_time_has_a_row(seed: int) -> None:
    country, window = random_country(seed), random_window(seed)
    engine = duckdb_engine(ArrowFacts(country.tables()), threads=1)
    population = sum(f.denominator or 0 for f in compute(engine, window, measures=["I-SUN1-LDL"]))
    rows = evidence(engine, "I-SUN1-LDL", window)
    engine.close()
    in_time = {
        d.document for d in country.documents if d.kind == "LDL" and window.period_start <= d.deposited <= window.cutoff
    }
    assert in_time <= {row.document for row in rows}
    uncounted = sum(row.reason == "NO_DOCUMENT" for row in rows)
    inside = {(s.stay, s.legal_entity) for s in country.stays if not s.excluded and _within(s, window)}
    assert len(inside) == population
    assert {(row.stay, row.legal_entity) for row in rows if row.document is None} <= inside
    assert uncounted == sum(row.document is None for row in rows)


def _within(one: Stay, window: Window) -> bool:
    return one.discharged is not None and window.period_start <= one.discharged <= window.period_end


@pytest.mark.parametrize("organization", SITES)
@pytest.mark.parametrize("measure", ["I-SUN1-INS", "I-SUN1-LDL"])
def test_one_site_sees_its_own_numerator(organization: str, measure: str) -> None:
    engine = duckdb_engine(ArrowFacts(random_country(3).tables()))
    year = Window(date(2024, 1, 1), date(2024, 12, 31))
    figures = compute(engine, year, measures=[measure], organization=organization)
    for entity in (SITES[organization], None):
        rows = evidence(engine, measure, year, organization=organization, legal_entity=entity)
        assert sum(row.counted for row in rows) == sum(f.numerator for f in figures)
    assert evidence(engine, measure, year, organization=organization, legal_entity="another") == []
    engine.close()


class TestReasonOfAStay:
    """The reason of the document nearest to counting."""

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({}, "COUNTED"),
            ({"deposited": date(2024, 3, 1), "month": 202403}, "LATE"),
            ({"dmp": False}, "NOT_IN_DMP"),
            ({"ins_level": "present"}, "INS_NOT_QUALIFIED"),
            ({"ins_level": "present_without_traits"}, "INS_NOT_QUALIFIED"),
            ({"ins_level": "absent"}, "INS_ABSENT"),
            ({"conformant": False}, "NOT_CONFORMANT"),
            ({"deleted": date(2024, 2, 29)}, "DELETED"),
            ({"organization": None}, "SITE_UNKNOWN"),
        ],
    )
    def test_one_document(self, changes: dict[str, Any], reason: str) -> None:
        assert reasons([stay(1)], [letter("a", 1, **changes)]) == [("a", 1, reason)]

    def test_no_document(self) -> None:
        assert reasons([stay(1)], []) == [(None, 1, "NO_DOCUMENT")]

    def test_the_nearest_document_speaks_and_the_other_keeps_its_own_reason(self) -> None:
        documents = [letter("a", 1, ins_level="absent"), letter("b", 1, dmp=False)]
        assert reasons([stay(1)], documents) == [("a", 1, "INS_ABSENT"), ("b", 1, "NOT_IN_DMP")]

    def test_the_first_good_letter_counts_and_the_second_says_so(self) -> None:
        documents = [letter("a", 1, on=date(2024, 2, 20)), letter("b", 1, on=date(2024, 2, 12))]
        assert reasons([stay(1)], documents) == [("a", 1, "STAY_ALREADY_COUNTED"), ("b", 1, "COUNTED")]


class TestReasonOfALetterWithoutStay:
    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"stay": 2}, "STAY_UNKNOWN"),
            ({"stay": None}, "STAY_UNKNOWN"),
            ({"stay": None, "link": "unknown"}, "STAY_UNKNOWN"),
            ({"stay": None, "link": "ambiguous"}, "STAY_AMBIGUOUS"),
            ({"stay": None, "link": "site_unknown"}, "SITE_UNKNOWN"),
            ({"stay": None, "organization": None}, "SITE_UNKNOWN"),
        ],
    )
    def test_no_stay(self, changes: dict[str, Any], reason: str) -> None:
        assert reasons([], [letter("a", 1, **changes)]) == [("a", changes["stay"], reason)]

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"discharged": date(2024, 1, 31)}, "STAY_OUTSIDE_PERIOD"),
            ({"discharged": None}, "STAY_OUTSIDE_PERIOD"),
            ({"excluded": True}, "STAY_EXCLUDED"),
        ],
    )
    def test_a_stay_that_is_no_population(self, changes: dict[str, Any], reason: str) -> None:
        assert reasons([stay(1, **changes)], [letter("a", 1)]) == [("a", 1, reason)]

    def test_a_stay_of_a_sister_site(self) -> None:
        found = reasons([stay(1, "010000032")], [letter("a", 1)], organization="010000024", legal_entity="010000001")
        assert found == [("a", 1, "STAY_OF_OTHER_SITE")]

    def test_a_letter_of_an_unknown_site_is_shown_to_the_sites_of_its_legal_entity(self) -> None:
        lost = letter("a", None, organization=None)
        found = reasons([stay(1), stay(1, "2A0000048")], [lost], organization="010000024")
        assert found == [(None, 1, "NO_DOCUMENT"), ("a", None, "SITE_UNKNOWN")]
        assert reasons([stay(1, "2A0000048")], [lost], organization="2A0000048") == [(None, 1, "NO_DOCUMENT")]

    def test_a_letter_deposited_outside_the_dates_is_not_listed(self) -> None:
        assert reasons([], [letter("a", 1, on=date(2024, 3, 1)), letter("b", 1, on=date(2024, 1, 31))]) == []


def test_identity_evidence_names_the_level_and_the_acknowledgement() -> None:
    documents = [
        letter("a", 1, acknowledged=True),
        letter("b", None, ins_level="absent"),
        letter("c", None, ins_level="present"),
        letter("d", None, conformant=False),
    ]
    engine = duckdb_engine(ArrowFacts(Country([], documents).tables()))
    found = evidence(engine, "I-SUN1-INS", FEBRUARY, organization="010000024")
    engine.close()
    site, entity = "010000024", "010000001"
    assert found == [
        Evidence("a", 1, True, "COUNTED", site, entity, True),
        Evidence("b", None, False, "INS_ABSENT", site, entity, False),
        Evidence("c", None, False, "INS_NOT_QUALIFIED", site, entity, False),
    ]


class TestRowsOfNoKnownEstablishment:
    """Shown to every site of their legal entity, counted nowhere."""

    OWN = Scope("010000024", "010000001")

    def test_letters_of_an_unknown_site_are_shown_to_a_site_that_has_no_stay_yet(self) -> None:
        facts = {"documents": arrow("documents", [letter("a", None, organization=None)])}
        assert self.shown("I-SUN1-LDL", facts) == [("a", "SITE_UNKNOWN")]
        assert self.shown("I-SUN1-LDL", facts, Scope("010000024")) == []

    def shown(self, measure: str, facts: dict[str, pa.Table], scope: Scope = OWN) -> list[tuple[str | None, str]]:
        engine = duckdb_engine(ArrowFacts(facts))
        try:
            rows = evidence(engine, measure, FEBRUARY, organization=scope.organization, legal_entity=scope.legal_entity)
            figures = compute(engine, FEBRUARY, measures=[measure], organization=scope.organization)
        finally:
            engine.close()
        assert sum(row.counted for row in rows) == sum(figure.numerator for figure in figures)
        return [(row.document or row.message, row.reason) for row in rows]

    @pytest.mark.parametrize(
        ("measure", "kind"), [("I-SUN1-INS", "LDL"), ("I-ESMS-E5", "ORD"), ("I-MR-3", "SDM-MR"), ("I-SUN1-BIO", "BIO")]
    )
    def test_documents_of_an_unknown_site(self, measure: str, kind: str) -> None:
        made: dict[str, Any] = {"kind": kind, "produced": date(2024, 2, 3)}
        rows = [
            letter("a", None, **made),
            letter("b", None, organization=None, **made),
            letter("c", None, "010000032", **made),
            letter("d", None, "2A0000048", organization=None, **made),
        ]
        facts = {"documents": arrow("documents", rows)}
        assert self.shown(measure, facts) == [("a", "COUNTED"), ("b", "SITE_UNKNOWN")]
        assert self.shown(measure, facts, Scope("010000024")) == [("a", "COUNTED")]

    def test_messages_of_an_unknown_mailbox(self) -> None:
        rows = [
            message("a"), message("b", organization=None), message("c", organization="010000032"),
            message("d", organization=None, legal_entity="2A0000006"), message("e", delivered=False),
        ]  # fmt: skip
        facts = {"messages": arrow("messages", rows)}
        assert self.shown("I-SUN2-PRO", facts) == [
            ("a", "COUNTED"), ("e", "NOT_DELIVERED"), ("b", "MAILBOX_UNKNOWN"),
        ]  # fmt: skip
        assert self.shown("I-SUN2-PRO", facts, Scope("2A0000048", "2A0000006")) == [("d", "MAILBOX_UNKNOWN")]


def message(name: str, **changes: Any) -> Message:
    made = Message(name, "010000024", "010000001", "sent", "professional", date(2024, 2, 7), 202402, True, False, None)
    return replace(made, **changes)
