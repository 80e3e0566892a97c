"""Pages: each old match exactly once whatever is written in between, and links that tell nobody anything."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl

import orjson
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_server.fhir.http import Refusal
from fhir_server.fhir.search import Asker, search_bundle
from fhir_server.fhir.search.paging import Cursor, seal, unseal
from fhir_server.ids import Pseudonyms
from tests.fhir_server.search.shelf import OWNER, Json, Shelf

KEYS = Pseudonyms(b"k" * 32)
BASE = "http://here/fhir"
ASKER = Asker(OWNER, KEYS, BASE)

MOST_SEEN = 50
days = st.integers(1, 9)
QUERIES = (
    "date=ge2026", "status=current&date=ge2026", "patient=p&status=current", "patient=p&status=current,superseded",
    "date=ge2026&_sort=date", "date=ge2026&_sort=-status,_id", "_id=o0,o1,o2,o3,o4,o5", "_lastUpdated=gt2020",
    "date=2026-01,2026-02&_sort=-date", "_lastUpdated=gt2020&_sort=type",
)  # fmt: skip


def put(shelf: Shelf, key: str, day: int) -> None:
    shelf.put(
        "DocumentReference", key, status="superseded" if day % 3 == 0 else "current", date=f"2026-01-0{day}T10:00:00Z",
        subject={"reference": "Patient/p"}, type={"coding": [{"code": str(day % 2)}]},
    )  # fmt: skip


def bundle(connection: sa.Connection, query: str, asker: Asker = ASKER, kind: str = "DocumentReference") -> Json:
    found: Json = orjson.loads(search_bundle(connection, kind, parse_qsl(query), asker))
    return found


def link(found: Json, relation: str) -> str | None:
    return next((one["url"].partition("?")[2] for one in found["link"] if one["relation"] == relation), None)


def ids(found: Json) -> list[str]:
    return [one["resource"]["id"] for one in found.get("entry", ()) if one["search"]["mode"] == "match"]


def walk(connection: sa.Connection, query: str, between: Callable[[], None]) -> list[str]:
    """Every page of a search, with something happening before each next one."""
    found = bundle(connection, query)
    seen = ids(found)
    while (following := link(found, "next")) is not None:
        assert len(seen) <= MOST_SEEN, "the pages do not end"
        between()
        found = bundle(connection, following)
        seen += ids(found)
    return seen


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    old=st.lists(days, max_size=8),
    new=st.lists(days, max_size=4),
    size=st.integers(1, 4),
    query=st.sampled_from(QUERIES),
)
def test_pages_of_any_size_give_each_old_match_once_under_writes(
    shelf: Shelf, old: list[int], new: list[int], size: int, query: str
) -> None:
    nested = shelf.connection.begin_nested()
    for place, day in enumerate(old):
        put(shelf, f"o{place}", day)
    before = ids(bundle(shelf.connection, query))
    coming = iter(enumerate(new))

    def write() -> None:
        for place, day in [next(coming, (None, 0))]:
            if place is not None:
                put(shelf, f"n{place}", day)

    seen = walk(shelf.connection, f"{query}&_count={size}", write)
    nested.rollback()
    assert len(seen) == len(set(seen))
    assert [one for one in seen if one.startswith("o")] == before


class TestTotals:
    @pytest.fixture
    def three(self, shelf: Shelf) -> sa.Connection:
        for place in range(3):
            put(shelf, f"o{place}", place + 1)
        return shelf.connection

    @pytest.mark.parametrize(
        ("query", "total", "shown"),
        [("date=ge2026", 3, 3), ("date=ge2026&_count=2", 3, 2), ("date=ge2026&_total=none", None, 3),
         ("date=ge2026&_total=accurate&_count=1", 3, 1), ("date=ge2026&_total=estimate", 3, 3),
         ("date=ge2026&_count=0", 3, 0),
         ("date=ge2026&_summary=count", 3, 0), ("date=ge2026&_summary=count&_total=none", 3, 0), ("date=ge2027", 0, 0)],
    )  # fmt: skip
    def test_are_told_as_asked(self, three: sa.Connection, query: str, total: int | None, shown: int) -> None:
        found = bundle(three, query)
        assert (found.get("total"), len(ids(found))) == (total, shown)

    def test_above_what_is_counted_unasked_are_left_out(
        self, three: sa.Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("fhir_server.fhir.search.answer.COUNTED", 2)
        assert "total" not in bundle(three, "date=ge2026")
        assert bundle(three, "date=ge2026&_total=accurate")["total"] == 3

    def test_stay_those_of_the_first_page(self, shelf: Shelf, three: sa.Connection) -> None:
        following = link(bundle(three, "date=ge2026&_count=2"), "next")
        put(shelf, "n", 9)
        assert bundle(three, str(following))["total"] == 3


class TestLinks:
    def test_hold_no_identity(self, shelf: Shelf) -> None:
        for place in range(3):
            put(shelf, f"o{place}", 1)
        found = bundle(shelf.connection, "patient.identifier=urn:oid:1.2|1800675123&status=current&_count=1")
        assert "1800675123" not in str(found["link"])
        found = bundle(shelf.connection, "patient=p&status=current&_count=1")
        assert [one["relation"] for one in found["link"]] == ["self", "next"]
        assert all(one["url"].startswith(f"{BASE}/DocumentReference?_page=") for one in found["link"])

    def test_say_what_was_understood_where_it_names_nobody(self, shelf: Shelf) -> None:
        found = bundle(shelf.connection, "date=ge2026&status=current,superseded&_format=json")
        assert link(found, "self") == "date=ge2026&status=current%2Csuperseded"
        assert link(bundle(shelf.connection, "", kind="Organization"), "self") == ""

    def test_of_a_search_lead_to_the_same_again(self, shelf: Shelf) -> None:
        put(shelf, "o", 1)
        found = bundle(shelf.connection, "patient=p&status=current")
        assert bundle(shelf.connection, str(link(found, "self"))) == found

    def test_are_the_same_for_the_same_page(self) -> None:
        cursor = Cursor((("patient", "1"),), (5, "x"), 7)
        assert seal(KEYS, OWNER, "List", cursor) == seal(KEYS, OWNER, "List", cursor)
        assert unseal(KEYS, OWNER, "List", seal(KEYS, OWNER, "List", cursor)) == cursor

    @given(st.text(max_size=60))
    def test_that_were_made_up_are_refused(self, token: str) -> None:
        with pytest.raises(Refusal) as caught:
            unseal(KEYS, OWNER, "List", token)
        assert (caught.value.status, caught.value.rule_id) == (400, "SEARCH-PAGE")

    @given(st.integers(0, 39), st.sampled_from("ABab01-_"))
    def test_that_were_changed_are_refused(self, place: int, sign: str) -> None:
        token = seal(KEYS, OWNER, "List", Cursor((("patient", "1"),), (5, "x")))
        changed = token[:place] + sign + token[place + 1 :]
        if changed != token:
            with pytest.raises(Refusal):
                unseal(KEYS, OWNER, "List", changed)

    @pytest.mark.parametrize(
        ("owner", "kind", "key"), [("other", "List", b"k"), (OWNER, "Patient", b"k"), (OWNER, "List", b"x")]
    )
    def test_of_another_are_refused(self, owner: str, kind: str, key: bytes) -> None:
        token = seal(Pseudonyms(key * 32), owner, kind, Cursor((("patient", "1"),)))
        with pytest.raises(Refusal):
            unseal(KEYS, OWNER, "List", token)

    def test_take_no_criterion_more(self, shelf: Shelf) -> None:
        token = seal(KEYS, OWNER, "DocumentReference", Cursor((("date", "2026"),)))
        with pytest.raises(Refusal) as caught:
            bundle(shelf.connection, f"_page={token}&status=current")
        assert caught.value.rule_id == "SEARCH-PARAMETER"
        assert bundle(shelf.connection, f"_page={token}&_format=json")["total"] == 0
