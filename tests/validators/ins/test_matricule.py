"""The matricule: shape, key with Corsica, what its digits say, and nothing that raises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.ins import Matricule, control_key, is_citizen_address, strip_oid
from validators.ins._matricule import SAMU_OID

DIGIT = st.sampled_from("0123456789")


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """Thirteen characters of the NIR's shape, Corsica one time in three."""
    head = draw(st.sampled_from("12345678")) + "".join(draw(st.lists(DIGIT, min_size=4, max_size=4)))
    department = draw(st.one_of(st.sampled_from(["2A", "2B"]), st.integers(0, 99).map(lambda n: f"{n:02d}")))
    return head + department + "".join(draw(st.lists(DIGIT, min_size=6, max_size=6)))


def as_integer(number: str) -> int:
    """The other way to read Corsica: A and B are 0, less one or two millions."""
    if "A" in number:
        return int(number.replace("A", "0")) - 1_000_000
    return int(number.replace("B", "0")) - 2_000_000 if "B" in number else int(number)


@given(numbers())
def test_the_computed_key_is_right(number: str) -> None:
    matricule = Matricule.parse(number + control_key(number))
    assert matricule is not None
    assert matricule.key_is_right
    assert 1 <= int(matricule.key) <= 97
    assert (as_integer(number) + int(matricule.key)) % 97 == 0


@given(numbers(), st.integers(0, 14), DIGIT)
def test_a_single_changed_digit_is_caught_or_congruent(number: str, position: int, digit: str) -> None:
    text = number + control_key(number)
    changed = text[:position] + digit + text[position + 1 :]
    other = Matricule.parse(changed)
    if changed == text or other is None or not other.key_is_right:
        return
    # Not caught: the change has to be a multiple of 97, which only a letter of Corsica turned digit can be.
    assert (as_integer(changed[:13]) - as_integer(number)) % 97 == (int(text[13:]) - int(changed[13:])) % 97
    assert "A" in text or "B" in text


@given(st.text())
def test_parsing_never_raises(text: str) -> None:
    matricule = Matricule.parse(text)
    assert matricule is None or len(text) == 15
    is_citizen_address(text)
    strip_oid(text)


@given(numbers())
def test_properties_never_raise_on_a_well_formed_one(number: str) -> None:
    matricule = Matricule(number + "00")
    assert matricule.year == number[1:3]
    assert matricule.month is None or not matricule.month_is_special
    assert matricule.department
    assert number not in repr(matricule)


@pytest.mark.parametrize(
    "text",
    [
        None, "", "2790351215189", "27903512151898", "2790351215189899", "2 79035121518989", "27903512151898X",
        "979035121518989", "079035121518989", "27903 121518989", "2790320121518989", "279032a1518989x",
        "２７９０３５１２１５１８９８９", "279035121518989\n", "279032C12151898",
    ],
)  # fmt: skip
def test_malformed(text: str | None) -> None:
    assert Matricule.parse(text) is None


@pytest.mark.parametrize("text", ["279035121518989", "277076322082910", "124018852493334"])
def test_published_examples_have_the_right_key(text: str) -> None:
    matricule = Matricule.parse(text)
    assert matricule is not None
    assert matricule.key_is_right


@pytest.mark.parametrize(
    ("text", "key"), [("221042545611404", "83"), ("223042545611404", "82"), ("123456789012345", "11")]
)
def test_published_examples_with_a_wrong_key(text: str, key: str) -> None:
    matricule = Matricule.parse(text)
    assert matricule is not None
    assert not matricule.key_is_right
    assert matricule.expected_key == key


def test_corsica_is_not_the_department_20() -> None:
    assert control_key("1800320100001") != control_key("180032A100001")
    assert control_key("180032A100001") == control_key("1800319100001")
    assert control_key("180032B100001") == control_key("1800318100001")


@pytest.mark.parametrize("number", ["", "123", "1" * 14, "180032A10000A", "１２３４５６７８９０１２３"])
def test_a_key_needs_thirteen_characters(number: str) -> None:
    with pytest.raises(ValueError, match="13 characters"):
        control_key(number)


@pytest.mark.parametrize(
    ("digit", "sex"),
    [("1", "male"), ("3", "male"), ("7", "male"), ("2", "female"), ("4", "female"), ("8", "female"),
     ("5", None), ("6", None)],
)  # fmt: skip
def test_sex(digit: str, sex: str | None) -> None:
    assert Matricule(digit + "79035121518989").sex == sex


def test_places_of_birth() -> None:
    assert Matricule("279039740118900").department == "974"
    assert Matricule("279032A12151800").department == "2A"
    assert Matricule("279039912151800").born_abroad
    assert not Matricule("279035121518989").born_abroad


@pytest.mark.parametrize(
    ("month", "value", "special"),
    [("03", 3, False), ("31", None, True), ("62", None, True), ("13", None, False), ("00", None, False)],
)
def test_months(month: str, value: int | None, special: bool) -> None:
    matricule = Matricule(f"279{month}5121518989")
    assert (matricule.month, matricule.month_is_special) == (value, special)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("279035121518989@patient.mssante.fr", True),
        ("mailto:279035121518989@PATIENT.mssante.fr", True),
        (" 279035121518989@patient.mssante.fr ", True),
        ("279035121518988@patient.mssante.fr", False),
        ("279035121518989@medecin.mssante.fr", False),
        ("279035121518989@patientxmssante.fr", False),
        ("dominique@patient.mssante.fr", False),
    ],
)
def test_citizen_address(text: str, expected: bool) -> None:
    assert is_citizen_address(text) is expected


def test_oid_prefix() -> None:
    assert strip_oid("URN:OID:1.2.3") == strip_oid(" 1.2.3 ") == "1.2.3"
    assert SAMU_OID.endswith(".12")
