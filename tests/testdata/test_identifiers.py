"""Every key is checked by another computation than the one that made it."""

from __future__ import annotations

import re

import pytest

from testdata import INS_NIR_TEST, Country, ins_key, luhn_key, with_luhn


def luhn_holds(number: str) -> bool:
    doubled = str.maketrans("0123456789", "0246813579")
    digits = number[::-1]
    return (sum(map(int, digits[::2])) + sum(int(each) for each in digits[1::2].translate(doubled))) % 10 == 0


def ins_holds(matricule: str) -> bool:
    """The other wording of the rule: A or B read as 0, then one or two millions less."""
    body, key = matricule[:13], int(matricule[13:])
    number = int(body.replace("A", "0").replace("B", "0"))
    number -= 1_000_000 * ("A" in body) + 2_000_000 * ("B" in body)
    return (number + key) % 97 == 0 and 1 <= key <= 97


class TestKeys:
    @pytest.mark.parametrize("number", ["750803447", "10002422979", "79927398713"])
    def test_luhn_of_known_numbers(self, number: str) -> None:
        assert luhn_holds(number) == (with_luhn(number[:-1]) == number)

    def test_luhn_of_a_public_hospital(self) -> None:
        assert luhn_key("75080344") == "7"

    def test_ins_of_the_published_test_identity(self) -> None:
        assert ins_key("2790351215189") == "89"

    def test_ins_of_a_birth_in_corsica(self) -> None:
        assert ins_holds("1800128004901" + ins_key("1800128004901"))
        for number in ("180012A004901", "280012B033950"):
            assert ins_holds(number + ins_key(number))


class TestNumbers:
    def test_finess_have_nine_digits_and_their_key(self, land: Country) -> None:
        numbers = [each.finess for each in land.legal_entities] + [each.finess for each in land.establishments]
        assert all(re.fullmatch(r"\d{9}", number) and luhn_holds(number) for number in numbers)
        assert len(set(numbers)) == len(numbers)

    def test_finess_start_with_their_department(self, land: Country) -> None:
        assert all(place.finess.startswith(place.department[:2]) for place in land.establishments)

    def test_rpps_are_of_the_test_range(self, land: Country) -> None:
        numbers = [person.rpps for person in land.professionals]
        assert all(re.fullmatch(r"997\d{8}", number) and luhn_holds(number) for number in numbers)
        assert len(set(numbers)) == len(numbers)
        assert all(person.idnps == "8" + person.rpps for person in land.professionals)

    def test_matricules_have_the_right_key(self, land: Country) -> None:
        assert all(ins_holds(patient.matricule) for patient in land.patients)

    def test_matricules_say_what_the_traits_say(self, land: Country) -> None:
        for patient in land.patients:
            assert patient.oid == INS_NIR_TEST
            assert patient.matricule[0] == {"M": "1", "F": "2"}[patient.sex]
            assert patient.matricule[1:5] == f"{patient.birth_date:%y%m}"
            assert patient.matricule[5:10] == patient.birth_place

    def test_matricules_are_nobodys(self, land: Country) -> None:
        assert all(patient.matricule[10] == "9" for patient in land.patients)

    def test_some_are_born_in_corsica_and_abroad(self, land: Country) -> None:
        starts = {patient.birth_place[:2] for patient in land.patients}
        assert {"2A", "2B", "97", "99"} <= starts

    def test_matricules_are_unique(self, land: Country) -> None:
        assert len({patient.matricule for patient in land.patients}) == len(land.patients)

    def test_oid_arcs_never_start_with_zero(self, land: Country) -> None:
        roots = [root for place in land.establishments for root in (place.oid, place.stay_root, place.ipp_root)]
        assert all(re.fullmatch(r"[0-2](\.(0|[1-9]\d*))+", root) for root in roots)
        assert len(set(roots)) == len(roots)
