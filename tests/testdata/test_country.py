from __future__ import annotations

import re
import time
from datetime import date, datetime, timedelta

import pytest

from testdata import PARIS, Country, Stay, country

from .conftest import TODAY


class TestDeterminism:
    def test_same_seed_and_day_give_the_same_country(self, land: Country) -> None:
        assert repr(country(2026, TODAY)) == repr(land)
        assert country(2026, TODAY).stays == land.stays

    def test_another_seed_gives_other_people(self, land: Country) -> None:
        assert country(7, TODAY).patients != land.patients

    def test_another_day_keeps_organisations_and_people(self, land: Country) -> None:
        later = country(2026, date(2027, 2, 3))
        assert later.establishments == land.establishments
        assert later.patients == land.patients
        assert later.stays != land.stays

    def test_the_day_defaults_to_the_present_one_in_paris(self) -> None:
        before = datetime.now(PARIS).date()
        assert before <= country(stays_per_establishment=1).today <= datetime.now(PARIS).date()

    def test_it_is_made_in_no_time(self) -> None:
        start = time.process_time()
        country(1, TODAY)
        assert time.process_time() - start < 1


class TestOrganisations:
    def test_three_regions_by_insee_code(self, land: Country) -> None:
        assert {region.code for region in land.regions} == {"11", "53", "04"}
        assert {place.region for place in land.establishments} == {"11", "53", "04"}

    def test_numbers(self, land: Country) -> None:
        assert len(land.legal_entities) == 16
        assert len(land.establishments) >= 24
        assert sum(place.sector == "esms" for place in land.establishments) == 2

    def test_every_status_is_there(self, land: Country) -> None:
        assert {entity.status for entity in land.legal_entities} == {"public", "private", "ebnl"}

    def test_sites_belong_to_a_legal_entity_of_their_region(self, land: Country) -> None:
        for place in land.establishments:
            owner = land.legal_entity(place.legal_entity)
            assert (owner.region, owner.status, owner.ght) == (place.region, place.status, place.ght)

    def test_one_group_has_a_support_establishment_and_three_members(self, land: Country) -> None:
        (group,) = land.ghts
        assert group.members[0] == group.support
        assert len(group.members) == 4
        assert all(land.legal_entity(finess).ght == group.name for finess in group.members)

    def test_names_say_that_they_are_invented(self, land: Country) -> None:
        names = [each.name for each in land.legal_entities] + [each.name for each in land.establishments]
        assert all("ficti" in name for name in names)

    def test_mailboxes_are_of_mssante_and_unique(self, land: Country) -> None:
        boxes = [place.mailbox for place in land.establishments]
        assert all(re.fullmatch(r"[^@\s]+@[^@\s]+\.mssante\.fr", box) for box in boxes)
        assert len(set(boxes)) == len(boxes)

    def test_lookup(self, land: Country) -> None:
        place = land.establishments[3]
        assert land.establishment(place.finess) is place
        assert land.stays_of(place.finess)


class TestPatients:
    def test_each_has_a_local_number_where_they_stay(self, land: Country) -> None:
        assert all(stay.patient.ipp(stay.establishment) for stay in land.stays)

    def test_local_numbers_are_unique_in_an_establishment(self, land: Country) -> None:
        numbers = [(finess, ipp) for patient in land.patients for finess, ipp in patient.ipps.items()]
        assert len(set(numbers)) == len(numbers)

    def test_names_have_accents_hyphens_apostrophes_and_several_givens(self, land: Country) -> None:
        names = " ".join(f"{patient.birth_family} {patient.birth_givens[0]}" for patient in land.patients)
        assert all(sign in names for sign in "É-'")
        assert {len(patient.birth_givens) for patient in land.patients} == {1, 2, 3}
        assert any(patient.used_family != patient.birth_family for patient in land.patients)


class TestStays:
    def test_forty_for_each_health_establishment(self, land: Country) -> None:
        for place in land.establishments:
            assert len(land.stays_of(place.finess)) == (40 if place.sector == "health" else 0)

    def test_numbers_are_unique_over_the_country(self, land: Country) -> None:
        assert len({stay.id for stay in land.stays}) == len(land.stays)
        assert all(re.fullmatch(r"\d{10}", stay.id) for stay in land.stays)

    def test_times_are_paris_times(self, land: Country) -> None:
        for stay in land.stays:
            for instant in (stay.admitted, stay.discharged, *(each.when for each in stay.plan)):
                assert instant is None or instant.tzinfo is PARIS

    def test_one_leaves_at_night_on_a_month_end(self, land: Country) -> None:
        late = [stay.discharged for stay in land.stays if stay.discharged and stay.discharged.hour == 23]
        assert late
        assert all((instant + timedelta(hours=1)).month != instant.month for instant in late)

    @pytest.mark.parametrize("today", [TODAY, date(2026, 1, 15), date(2026, 3, 1), date(2024, 2, 29)])
    def test_discharges_fill_four_months_and_never_the_future(self, today: date) -> None:
        left = {stay.discharged.date() for stay in country(2026, today).stays if stay.discharged}
        months = today.year * 12 + today.month - 1 - min(left).year * 12 - min(left).month + 1
        assert months == 3
        assert max(left) < today

    def test_admission_comes_before_discharge_and_today(self, land: Country) -> None:
        for stay in land.stays:
            assert stay.admitted < (stay.discharged or datetime.combine(TODAY, datetime.max.time(), PARIS))

    def test_some_are_ongoing_operated_excluded(self, land: Country) -> None:
        assert any(stay.discharged is None for stay in land.stays)
        assert any(stay.operated for stay in land.stays)
        assert any(stay.excluded for stay in land.stays)


class TestPlan:
    @staticmethod
    def letters(stay: Stay) -> list[str]:
        return [each.variant for each in stay.plan if each.kind == "LDL"]

    def test_every_situation_is_there(self, land: Country) -> None:
        variants = {each.variant for stay in land.stays for each in stay.plan}
        assert variants == {"normal", "late", "without_ins", "replaced", "replacing", "refused"}
        assert {each.kind for stay in land.stays for each in stay.plan} == {"LDL", "ORD", "CRO", "BIO", "IMG"}

    def test_most_past_stays_have_a_letter(self, land: Country) -> None:
        past = [stay for stay in land.stays if stay.discharged and stay.discharged.month != TODAY.month]
        assert 0.8 < sum(bool(self.letters(stay)) for stay in past) / len(past) < 0.97

    def test_some_of_this_month_have_none(self, land: Country) -> None:
        recent = [stay for stay in land.stays if stay.discharged and stay.discharged.month == TODAY.month]
        assert any(not self.letters(stay) for stay in recent)
        assert any(self.letters(stay) for stay in recent)

    def test_nothing_is_sent_before_discharge_nor_in_the_future(self, land: Country) -> None:
        for stay in land.stays:
            for each in stay.plan:
                assert stay.discharged is not None
                assert stay.discharged < each.when < datetime.combine(TODAY, datetime.min.time(), PARIS)

    def test_a_replacement_follows_what_it_replaces(self, land: Country) -> None:
        plans = [self.letters(stay) for stay in land.stays if "replacing" in self.letters(stay)]
        assert {tuple(plan) for plan in plans} == {("replaced", "replacing"), ("without_ins", "replacing")}

    def test_reports_of_operations_only_where_one_took_place(self, land: Country) -> None:
        assert all(stay.operated for stay in land.stays if any(each.kind == "CRO" for each in stay.plan))

    def test_ongoing_and_excluded_stays_send_nothing(self, land: Country) -> None:
        assert not any(stay.plan for stay in land.stays if stay.excluded or stay.discharged is None)
