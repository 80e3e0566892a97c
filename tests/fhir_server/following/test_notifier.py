"""The notifier in this process: what it writes, when it waits and gives up; its courier answers as it is told."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from fhir_server.following.notice import signature
from fhir_server.following.notifier import BATCH, Notifier
from fhir_server.following.sending import Courier
from fhir_server.following.topics import TOPICS, scan
from fhir_server.relay.routes import Retry
from fhir_server.store import feed, subscriptions, tables
from fhir_server.store.acts import Change, Put, act_now
from fhir_server.store.database import open_engine, prepare
from fhir_server.store.writer import DirectWriter
from validators.report import Mode

OWNER, OTHER = "010000001", "020000002"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Deaf(Courier):
    """Sends nothing: keeps what it was given, and gives the answers it was told."""

    def __init__(self) -> None:
        super().__init__(Mode.SANDBOX, 1)
        self.sent: list[Any] = []
        self.answer = ""

    async def send(self, row: Any, notification: Any, at: int) -> str:
        self.sent.append((row, notification, at))
        return self.answer


class Room:
    """A database with one subscription, and the notifier that serves it."""

    def __init__(self, folder: Path) -> None:
        prepare(str(folder / "segur.db"))
        self.engine = open_engine(str(folder / "segur.db"))
        self.writer = DirectWriter(self.engine)
        self.reads = open_engine(str(folder / "segur.db"), read_only=True)
        self.now, self.courier = NOW, Deaf()
        self.notifier = self.started()

    def started(self) -> Notifier:
        retry = Retry(first=5, give_up_after=60)
        return Notifier(self.courier, retry, self.reads.connect, self.writer, lambda: self.now)

    def close(self) -> None:
        self.writer.close()
        self.engine.dispose()
        self.reads.dispose()

    def put(self, table: str, *rows: dict[str, Any]) -> None:
        act = act_now(OWNER, "establishment", "a1", NOW, "test", "thing", puts=(Put(table, rows),))
        assert asyncio.run(self.writer.file(act)).kind == "filed"

    def subscribe(self, topic: str = "measure-computed", **more: Any) -> None:
        row = {
            "owner": OWNER, "id": "s1", "version": 1, "updated": 0, "base": "http://here/fhir", "topic": topic,
            "body": orjson.dumps({"channel": {"endpoint": "http://127.0.0.1:9/"}}), "content": "id-only",
            "secret": b"secret", "key": "k", "status": "active", "start": 0, "position": 0, "events": 0, "attempts": 0,
            "next_at": 0,
        }  # fmt: skip
        self.put("subscription", row | more)

    def changes(self, count: int, kind: str = "MeasureReport", owner: str = OWNER, action: str = "create") -> None:
        rows = ({"owner": owner, "type": kind, "id": f"m{i}", "version": 1, "at": i, "action": action,
                 "submission": "a1"} for i in range(count))  # fmt: skip
        self.put("change", *rows)

    def turn(self) -> int:
        """One look, and what it began brought to its end; how many were begun."""

        async def once() -> int:
            begun = self.notifier.look()
            await self.notifier.settle()
            return begun

        return asyncio.run(once())

    @property
    def row(self) -> Any:
        with self.reads.connect() as connection:
            return subscriptions.one(connection, OWNER, "s1")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path)
    yield made
    made.close()


def numbers(notification: Any) -> list[str]:
    parameters = notification["entry"][0]["resource"]["parameter"]
    return [one["part"][0]["valueString"] for one in parameters if one["name"] == "notification-event"]


def test_a_handshake_comes_first(room: Room) -> None:
    room.subscribe(status="requested")
    room.changes(1)
    room.turn()
    assert (room.row.status, room.row.events, room.row.position) == ("active", 0, 0)
    room.turn()
    assert (room.row.events, room.row.position) == (1, 1)
    assert [numbers(sent) for _, sent, _ in room.courier.sent] == [[], ["1"]]


def test_many_events_go_in_parts_and_in_order(room: Room) -> None:
    room.subscribe()
    room.changes(BATCH + 2)
    while room.turn():
        pass
    told = [number for _, sent, _ in room.courier.sent for number in numbers(sent)]
    assert told == [str(number) for number in range(1, BATCH + 3)]
    assert [len(numbers(sent)) for _, sent, _ in room.courier.sent] == [BATCH, 2]


def test_without_news_nothing_is_begun_nor_written(room: Room) -> None:
    room.subscribe()
    room.changes(3, owner=OTHER)
    assert (room.turn(), room.turn()) == (1, 0)
    assert (room.courier.sent, room.row.position) == ([], 0)


def test_failures_wait_longer_each_time_and_end(room: Room) -> None:
    room.subscribe()
    room.changes(1)
    room.courier.answer = "http-500"
    waits = []
    while room.row.status == "active":
        room.turn()
        waits.append((room.row.next_at - int(room.now.timestamp() * 1_000_000)) / 1_000_000)
        assert room.turn() == 0
        room.now += timedelta(seconds=waits[-1])
    assert waits[:4] == [5, 10, 20, 40]
    assert (room.row.status, room.row.error, room.row.position) == ("error", "http-500", 0)
    assert room.turn() == 0


def test_a_success_forgets_the_failures(room: Room) -> None:
    room.subscribe(attempts=3, failing=1, error="timeout")
    room.changes(1)
    room.turn()
    assert (room.row.attempts, room.row.failing, room.row.error) == (0, None, None)


def test_what_was_sent_and_not_written_is_sent_again_under_its_number(room: Room) -> None:
    room.subscribe()
    room.changes(2)

    class Meanwhile(Deaf):
        async def send(self, row: Any, notification: Any, at: int) -> str:
            change = Change("subscription", {"owner": OWNER, "id": "s1"}, {"version": row.version + 1})
            await room.writer.file(act_now(OWNER, "x", "a2", NOW, "test", "thing", changes=(change,)))
            return await super().send(row, notification, at)

    first, room.courier = Meanwhile(), Deaf()
    room.notifier = Notifier(first, Retry(), room.reads.connect, room.writer, lambda: NOW)
    room.turn()
    assert (room.row.version, room.row.events) == (2, 0)  # its owner was faster: the answer says nothing of the new one
    room.notifier = room.started()
    room.turn()
    assert [numbers(sent) for _, sent, _ in (*first.sent, *room.courier.sent)] == [["1", "2"], ["1", "2"]]


def test_one_that_has_ended_is_switched_off(room: Room) -> None:
    room.subscribe(ends=1)
    room.turn()
    assert (room.row.status, room.courier.sent) == ("off", [])


def test_a_long_way_without_news_is_not_gone_again(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fhir_server.following.notifier._FAR", 100)
    room.subscribe("document-hidden")
    room.changes(150, "DocumentReference", action="update")
    room.turn()
    assert (room.row.position, room.row.events) == (150, 0)


def test_a_scan_stops_where_it_is_full(room: Room) -> None:
    room.changes(3)
    with room.reads.connect() as connection:
        first = scan(connection, OWNER, TOPICS["measure-computed"], 0, 2)
        rest = scan(connection, OWNER, TOPICS["measure-computed"], first.position, 2)
    assert ([e.seq for e in first.events], first.position, first.more) == ([1, 2], 2, True)
    assert ([e.seq for e in rest.events], rest.position, rest.more) == ([3], 3, False)


def test_a_page_of_the_feed_never_goes_past_what_it_shows(room: Room) -> None:
    with room.reads.connect() as connection:
        assert (feed.page(connection, OWNER, 0, 10).position, feed.newest(connection)) == (0, 0)
    room.changes(2)
    room.changes(1, owner=OTHER)
    with room.reads.connect() as connection:
        assert feed.page(connection, OWNER, 0, 1).position == 1
        assert feed.page(connection, OWNER, 0, 10).position == 3
        assert [row.seq for row in feed.page(connection, OTHER, 0, 10).rows] == [3]


def test_the_order_is_that_of_commit(room: Room) -> None:
    """A transaction that is open holds the database: no number comes to be behind one that was read."""
    with room.engine.connect() as connection, connection.begin():
        values = {"owner": OWNER, "type": "List", "version": 1, "at": 0, "action": "create", "submission": "a"}
        connection.execute(tables.change.insert(), values | {"id": "one"})
        with room.reads.connect() as reader:
            assert feed.newest(reader) == 0
        with room.reads.connect() as other:
            other.exec_driver_sql("pragma busy_timeout=0")
            other.exec_driver_sql("pragma query_only=off")
            with pytest.raises(sa.exc.OperationalError, match="locked"):
                other.execute(tables.change.insert(), values | {"id": "two"})


def test_a_signature_is_of_the_moment_and_the_body() -> None:
    made = signature(b"secret", "k1", b"{}", 1_772_442_000)
    digest = hmac.new(b"secret", b"1772442000.{}", hashlib.sha256).hexdigest()
    assert made == f"t=1772442000,kid=k1,v1={digest}"
    assert signature(b"secret", "k1", b"{}", 1_772_442_001) != made
