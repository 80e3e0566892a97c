"""The way of a submission in this process: decision by mode, facts, links made later, what is forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from fhir_server.ids import micros
from fhir_server.store import retention, stays, tables
from fhir_server.store.envelope import envelope_of
from fhir_server.store.reading import submission
from testdata import PARIS, Country, Stay, document_id, level1, with_luhn
from tests.fhir_server.conftest import Desk, rules_of
from tests.support.faces import uncounted
from tests.support.synthetic import admit, bundle, establish, letter, new_stay, with_site


@pytest.fixture
def stay(desk: Desk) -> Stay:
    return new_stay(desk.land, desk.site)


@pytest.fixture
def production(database: Path, demo_country: Country) -> Iterator[Desk]:
    """A desk that takes no test identity."""
    establish(database, demo_country)
    made = Desk(database, demo_country, mode="production")
    yield made
    made.close()


class TestMode:
    @pytest.mark.parametrize("wrapped", [False, True])
    def test_production_refuses_a_test_identity(self, production: Desk, wrapped: bool) -> None:
        document = letter(new_stay(production.land, production.site))
        answer = production.send(json.dumps(bundle(document)).encode() if wrapped else document)
        assert answer.status == 422
        assert "INS-TEST" in rules_of(answer)
        assert not production.rows(tables.document_identity)
        assert [row.decision for row in production.rows(tables.submission)] == ["refused"]

    def test_production_takes_a_document_without_ins_and_does_not_count_it(self, production: Desk) -> None:
        answer = production.send(letter(new_stay(production.land, production.site), without_ins=True))
        assert answer.status == 200
        assert "INS-ABSENT" in uncounted(json.loads(answer.body))

    def test_the_sandbox_takes_it_and_says_so(self, desk: Desk, stay: Stay) -> None:
        answer = desk.send(letter(stay))
        assert answer.status == 200
        assert "INS-TEST" in rules_of(answer)


class TestFacts:
    def test_of_a_letter_say_kind_site_person_and_days(self, desk: Desk, stay: Stay) -> None:
        admit(desk.database, stay)
        desk.send(letter(stay), at=datetime(2026, 11, 30, 23, 30, tzinfo=UTC))
        [fact] = desk.facts()
        assert (fact.kind, fact.organization, fact.legal_entity) == ("LDL", desk.site.finess, desk.site.legal_entity)
        assert (fact.deposited, fact.month) == (date(2026, 12, 1), 202612)
        assert fact.patient == desk.keys.number("patient", stay.patient.oid, stay.patient.matricule)
        assert fact.stay == desk.keys.number("stay", desk.site.legal_entity, stay.id)
        assert (fact.ins_level, fact.conformant, fact.dmp, fact.mssante, fact.link) == (
            "qualified", True, True, False, "linked",
        )  # fmt: skip
        assert (fact.deleted, fact.acknowledged) == (None, False)

    def test_of_one_person_in_two_establishments_have_one_key(self, desk: Desk, stay: Stay) -> None:
        desk.send(letter(stay))
        desk.send(letter(with_site(stay, desk.stranger)), site=desk.stranger)
        facts = desk.facts()
        assert len({fact.legal_entity for fact in facts}) == 2
        assert len({fact.patient for fact in facts}) == 1

    def test_of_a_local_number_belong_to_one_establishment(self, desk: Desk, stay: Stay) -> None:
        desk.send(letter(stay, without_ins=True))
        desk.send(letter(with_site(stay, desk.stranger), without_ins=True), site=desk.stranger)
        assert len({fact.patient for fact in desk.facts()}) == 2

    def test_of_a_new_version_keep_the_day_of_the_first(self, desk: Desk, stay: Stay) -> None:
        first, second = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 5, 1, 12, tzinfo=UTC)
        desk.send(letter(stay), at=first)
        desk.send(letter(stay, version=2, replaces=document_id(stay)), at=second)
        [fact] = desk.facts()
        assert (fact.deposited, fact.month) == (date(2026, 3, 1), 202603)

    def test_of_a_version_that_brings_the_ins_take_its_day(self, desk: Desk, stay: Stay) -> None:
        first, second = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 5, 1, 12, tzinfo=UTC)
        desk.send(letter(stay, without_ins=True), at=first)
        answer = desk.send(letter(stay, version=2, replaces=document_id(stay)), at=second)
        assert answer.status == 200
        [fact] = desk.facts()
        assert (fact.deposited, fact.ins_level) == (date(2026, 5, 1), "qualified")

    def test_of_two_versions_of_one_set_are_one_document(self, desk: Desk, stay: Stay) -> None:
        for version in (1, 2):
            assert desk.send(letter(stay, version=version)).status == 200
        assert len(desk.facts()) == 1
        assert len(desk.rows(tables.document_identity)) == 2

    def test_of_an_unqualified_identity_say_its_level(self, desk: Desk, stay: Stay) -> None:
        desk.send(letter(stay, without_ins=True))
        assert [fact.ins_level for fact in desk.facts()] == ["absent"]

    def test_of_documents_without_programme_are_kept_too(self, desk: Desk, stay: Stay) -> None:
        assert stay.discharged is not None
        answer = desk.send(level1(stay, "IMG", when=stay.discharged))
        assert answer.status == 200
        assert [fact.kind for fact in desk.facts()] == ["IMG"]


class TestLinks:
    def test_are_made_when_the_stay_is_imported_later(self, desk: Desk, stay: Stay) -> None:
        answer = desk.send(letter(stay))
        assert "STAY_UNKNOWN" in rules_of(answer)
        assert [fact.link for fact in desk.facts()] == ["unknown"]
        admit(desk.database, stay)
        [fact] = desk.facts()
        assert (fact.link, fact.stay) == ("linked", desk.keys.number("stay", desk.site.legal_entity, stay.id))

    def test_are_not_made_by_the_stay_of_another_legal_entity(self, desk: Desk, stay: Stay) -> None:
        desk.send(letter(stay))
        admit(desk.database, replace(with_site(stay, desk.stranger), patient=new_stay(desk.land, desk.site).patient))
        assert [fact.link for fact in desk.facts()] == ["unknown"]

    def test_by_number_win_over_links_by_day(self, desk: Desk, stay: Stay) -> None:
        other = new_stay(desk.land, desk.site, patient=stay.patient, discharged=stay.discharged)
        admit(desk.database, stay, other)
        desk.send(letter(stay))
        [fact] = desk.facts()
        assert fact.stay == desk.keys.number("stay", desk.site.legal_entity, stay.id)

    def test_by_day_look_at_the_day_in_paris(self, desk: Desk) -> None:
        late = datetime.combine(date(2026, 3, 31), datetime.min.time(), PARIS).replace(hour=23, minute=40)
        stay = new_stay(desk.land, desk.site, discharged=late)
        admit(desk.database, stay)
        desk.send(letter(replace(stay, id=stay.id + "0")))
        assert [fact.link for fact in desk.facts()] == ["linked"]

    def test_by_day_need_the_only_stay_of_that_day(self, desk: Desk, stay: Stay) -> None:
        admit(desk.database, stay, new_stay(desk.land, desk.site, patient=stay.patient, discharged=stay.discharged))
        answer = desk.send(letter(replace(stay, id=stay.id + "0")))
        assert "STAY_AMBIGUOUS" in rules_of(answer)
        assert [(fact.link, fact.stay) for fact in desk.facts()] == [("ambiguous", None)]

    def test_by_day_do_not_take_another_day_or_patient(self, desk: Desk, stay: Stay) -> None:
        assert stay.discharged is not None
        before = stay.discharged - timedelta(days=1)
        admit(desk.database, new_stay(desk.land, desk.site, discharged=stay.discharged))
        admit(desk.database, new_stay(desk.land, desk.site, patient=stay.patient, discharged=before))
        assert "STAY_UNKNOWN" in rules_of(desk.send(letter(stay)))

    def test_are_made_when_the_establishment_is_imported_later(self, desk: Desk, stay: Stay) -> None:
        unknown = replace(desk.site, finess=with_luhn("99000002"))
        elsewhere = with_site(stay, unknown)
        admit(desk.database, elsewhere)
        answer = desk.send(letter(elsewhere))
        assert "SITE_UNKNOWN" in rules_of(answer)
        assert [(fact.link, fact.organization) for fact in desk.facts()] == [("site_unknown", None)]
        land = replace(desk.land, establishments=(*desk.land.establishments, unknown))
        establish(desk.database, land, [unknown.finess])
        assert [(fact.link, fact.organization) for fact in desk.facts()] == [("linked", unknown.finess)]

    def test_an_imported_stay_is_replaced_by_its_number(self, desk: Desk, stay: Stay) -> None:
        admit(desk.database, stay)
        admit(desk.database, replace(stay, excluded=True))
        assert [row.excluded for row in desk.rows(tables.stays)] == [True]

    def test_an_open_stay_has_no_month(self, desk: Desk, stay: Stay) -> None:
        with desk.writes.begin() as connection:
            entry = stays.StayInput("1", desk.site.finess, desk.site.legal_entity, None)
            assert stays.store(connection, [entry], desk.keys) == 1
        assert [(row.discharged, row.month) for row in desk.rows(tables.stays)] == [(None, 0)]


class TestRetention:
    def refused(self, desk: Desk, stay: Stay, at: datetime) -> str:
        answer = desk.send(letter(stay).replace(b"POCD_HD000040", b"POCD_HD000041"), at=at)
        assert answer.status == 422
        return answer.submission

    def kept(self, desk: Desk, found: str) -> bytes | None:
        with desk.reads.connect() as connection:
            stored = submission(connection, desk.scope, found)
            assert stored is not None
            return envelope_of(connection, desk.scope, stored.row)

    def test_forgets_refused_bytes_after_their_days_and_keeps_the_report(self, desk: Desk, stay: Stay) -> None:
        now = datetime(2026, 6, 30, 12, tzinfo=UTC)
        old, young = (self.refused(desk, stay, now - timedelta(days=days)) for days in (31, 29))
        accepted = desk.send(letter(stay), at=now - timedelta(days=400)).submission
        with desk.writes.begin() as connection:
            retention.forget_refused(connection, micros(now), 30)
        assert self.kept(desk, old) is None
        assert self.kept(desk, young) is not None
        assert self.kept(desk, accepted) == letter(stay)
        with desk.reads.connect() as connection:
            report = submission(connection, desk.scope, old)
        assert report is not None
        assert report.row.sha256

    def test_of_no_days_keeps_report_and_hash_only(self, database: Path, demo_country: Country) -> None:
        establish(database, demo_country)
        desk = Desk(database, demo_country, refused_days=0)
        found = self.refused(desk, new_stay(demo_country, desk.site), datetime.now(UTC))
        assert self.kept(desk, found) is None
        assert len(desk.rows(tables.submission)) == 1
        desk.close()

    def test_is_nobody_elses_to_read(self, desk: Desk, stay: Stay) -> None:
        from fhir_server.security.caller import Scope

        found = self.refused(desk, stay, datetime.now(UTC))
        with desk.reads.connect() as connection:
            assert submission(connection, Scope(desk.stranger.legal_entity), found) is None
