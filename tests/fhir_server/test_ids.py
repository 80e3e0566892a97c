"""Identifiers: in order, in form, and telling nothing."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from fhir_server.ids import Pseudonyms, micros, month_of, new_id, paris_date

words = st.text(st.characters(exclude_characters="\x1f", exclude_categories=["Cs"]), max_size=20)


class TestNewIds:
    def test_are_uuids_of_version_7(self) -> None:
        for _ in range(200):
            found = uuid.UUID(new_id())
            assert (found.version, found.variant) == (7, uuid.RFC_4122)
            assert str(found) == str(found).lower()

    def test_are_in_the_order_they_were_made(self) -> None:
        made = []
        for _ in range(20):
            made.append(new_id())
            time.sleep(0.002)
        assert made == sorted(made)

    def test_begin_with_the_time_in_milliseconds(self) -> None:
        before = time.time_ns() // 1_000_000
        stamp = uuid.UUID(new_id()).int >> 80
        assert before <= stamp <= time.time_ns() // 1_000_000

    def test_are_all_different(self) -> None:
        assert len({new_id() for _ in range(5_000)}) == 5_000


class TestPseudonyms:
    @given(st.lists(words, min_size=1, max_size=3))
    def test_of_the_same_thing_are_the_same(self, parts: list[str]) -> None:
        one, other = Pseudonyms(b"k" * 32), Pseudonyms(b"k" * 32)
        assert one.number("stay", *parts) == other.number("stay", *parts)
        assert one.text("document", *parts) == other.text("document", *parts)

    @given(words, words)
    def test_depend_on_key_domain_and_every_part(self, first: str, second: str) -> None:
        keys = Pseudonyms(b"k" * 32)
        here = keys.number("stay", first, second)
        assert here != Pseudonyms(b"l" * 32).number("stay", first, second)
        assert here != keys.number("patient", first, second)
        assert here != keys.number("stay", first + second)
        assert here != keys.number("stay", first, second + "x")

    @given(words)
    def test_are_signed_64_bit_numbers_and_32_digits(self, part: str) -> None:
        keys = Pseudonyms(b"k" * 32)
        assert -(2**63) <= keys.number("stay", part) < 2**63
        assert len(keys.text("document", part)) == 32
        assert set(keys.text("document", part)) <= set("0123456789abcdef")

    def test_tell_nothing_of_what_they_stand_for(self) -> None:
        keys = Pseudonyms(b"k" * 32)
        numbers = [keys.number("patient", "oid", f"{n:015d}") for n in range(1_000)]
        assert len(set(numbers)) == 1_000
        assert 300 < sum(number < 0 for number in numbers) < 700


class TestDays:
    def test_are_those_of_paris_whatever_the_clock_of_the_machine(self) -> None:
        assert paris_date(datetime(2026, 3, 31, 22, 30, tzinfo=UTC)) == date(2026, 4, 1)
        assert paris_date(datetime(2026, 1, 31, 22, 30, tzinfo=UTC)) == date(2026, 1, 31)

    def test_make_months(self) -> None:
        assert month_of(date(2026, 3, 31)) == 202603

    def test_and_instants_make_microseconds(self) -> None:
        assert micros(datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC)) == 1_000_005
