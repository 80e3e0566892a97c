"""The writer: many plans in one commit, each whole or absent, and two that race for one unique id."""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
import struct
import tempfile
import threading
import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
import uvloop

from fhir_server.ids import new_id
from fhir_server.store import tables
from fhir_server.store.database import open_engine
from fhir_server.store.plan import Content, DocumentRow, IndexRow, Outcome, ResourceRow, Supersede, WritePlan
from fhir_server.store.writer import Writer, WriterClient, WriterGone, frame

OWNER = "010000001"
DAY = date(2026, 3, 15)


def plan(unique: str, data: bytes = b"a document", **changes: Any) -> WritePlan:
    """A plan that files one document."""
    digest, reference = hashlib.sha256(data).digest(), new_id()
    row = DocumentRow(
        unique_id=unique, sha256=digest, reference=reference, document=f"logical {unique}", kind="LDL", site=None,
        organization=None, patient=changes.pop("patient", 1), produced=DAY, deposited=DAY, dmp=True, mssante=False,
        ins_level="qualified", encounters=(7,), encounter_end=None, needs_stay=False,
        replaces=changes.pop("replaces", None), location="Bundle.entry[1].resource",
    )  # fmt: skip
    body = b'{"resourceType":"DocumentReference","id":"%s","status":"current"}' % reference.encode()
    values: dict[str, Any] = {
        "owner": OWNER, "role": "establishment", "id": new_id(), "month": 202603, "day": DAY, "door": "mhd",
        "received": 1_773_000_000_000_000, "decision": "accepted", "status": 200, "sha256": digest, "size": len(data),
        "envelope": zlib.compress(b"{}"), "cuts": msgspec.msgpack.encode(()), "record": b"\x93\x90\x90\x90",
        "key_version": 1, "entries": (("DocumentReference", reference),),
        "resources": (ResourceRow("DocumentReference", reference, body),),
        "index": (IndexRow("DocumentReference", reference, "status", "", "current", 0),),
        "contents": (Content(digest, len(data), zlib.compress(data)),), "documents": (row,),
    }  # fmt: skip
    return WritePlan(**{**values, **changes})


class Room:
    """A writer in a thread of its own, started when the plans are already waiting for it."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self._folder = tempfile.TemporaryDirectory(prefix="segur-test-")
        self.address = str(Path(self._folder.name) / "writer")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.address)
        self._listener.listen(8)
        self._lifeline, self._held = os.pipe()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Let the writer run."""
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        writer = Writer(str(self.database), self._listener, self._lifeline)
        writer.run()
        engine = writer._connection.engine
        writer._connection.close()
        engine.dispose()

    def connect(self) -> socket.socket:
        """A worker's connection."""
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(20)
        sock.connect(self.address)
        return sock

    def file(self, *plans: WritePlan) -> list[Outcome]:
        """Hand in plans that wait together, start the writer, and read its answers."""
        with self.connect() as sock:
            sock.sendall(b"".join(frame(msgspec.msgpack.encode(each)) for each in plans))
            self.start()
            return [receive(sock) for _ in plans]

    def close(self) -> None:
        """End the supervisor's life as the writer sees it."""
        os.close(self._held)
        if self._thread is not None:
            self._thread.join(20)
            assert not self._thread.is_alive(), "the writer outlived its supervisor"
        os.close(self._lifeline)
        self._listener.close()
        self._folder.cleanup()


def receive(sock: socket.socket) -> Outcome:
    """One answer of the writer."""
    (length,) = struct.unpack(">I", sock.recv(4, socket.MSG_WAITALL))
    return msgspec.msgpack.decode(sock.recv(length, socket.MSG_WAITALL), type=Outcome)


@pytest.fixture
def room(database: Path) -> Iterator[Room]:
    made = Room(database)
    yield made
    made.close()


def rows(database: Path, table: sa.Table) -> list[Any]:
    engine = open_engine(str(database), read_only=True)
    with engine.connect() as connection:
        found = list(connection.execute(sa.select(table)))
    engine.dispose()
    return found


class TestABatch:
    def test_is_answered_in_order(self, room: Room) -> None:
        plans = [plan(f"urn:oid:1.{n}", b"%d" % n) for n in range(10)]
        outcomes = room.file(*plans)
        assert [outcome.submission for outcome in outcomes] == [each.id for each in plans]
        assert {(o.kind, o.status, o.decision) for o in outcomes} == {("filed", 200, "accepted")}
        assert {row.unique_id for row in rows(room.database, tables.document_identity)} == {
            f"urn:oid:1.{n}" for n in range(10)
        }

    def test_larger_than_one_commit_is_filed_whole(self, room: Room) -> None:
        outcomes = room.file(*(plan(f"urn:oid:1.{n}", b"%d" % n) for n in range(150)))
        assert {outcome.kind for outcome in outcomes} == {"filed"}
        assert len(rows(room.database, tables.submission)) == 150

    def test_of_two_for_one_unique_id_has_one_winner(self, room: Room) -> None:
        first, second = room.file(plan("urn:oid:1.1", b"one"), plan("urn:oid:1.1", b"another"))
        assert (first.kind, second.kind, second.status) == ("filed", "conflict", 409)
        assert [finding.rule for finding in second.findings] == ["SUBMISSION-CONFLICT"]
        [identity] = rows(room.database, tables.document_identity)
        assert identity.sha256 == hashlib.sha256(b"one").digest()
        assert len(rows(room.database, tables.documents)) == 1

    def test_of_the_same_twice_gives_the_first_answer_twice(self, room: Room) -> None:
        first, second = room.file(plan("urn:oid:1.1"), plan("urn:oid:1.1"))
        assert (first.kind, second.kind) == ("filed", "duplicate")
        assert second.submission == first.submission
        assert second.placed == first.placed
        assert len(rows(room.database, tables.submission)) == 1
        assert len(rows(room.database, tables.resource)) == 1

    def test_keeps_what_stands_beside_a_plan_that_is_refused(self, room: Room) -> None:
        good = [plan(f"urn:oid:1.{n}", b"%d" % n) for n in range(4)]
        lost = plan("urn:oid:1.9", b"9", supersedes=(Supersede("urn:oid:1.404", "here", 0, 1, "urn:oid:1.9"),))
        outcomes = room.file(good[0], good[1], lost, good[2], good[3])
        assert [outcome.status for outcome in outcomes] == [200, 200, 404, 200, 200]
        found = {row.unique_id for row in rows(room.database, tables.document_identity)}
        assert found == {each.documents[0].unique_id for each in good}
        assert {row.id for row in rows(room.database, tables.resource)} == {
            each.documents[0].reference for each in good
        }
        decisions = {row.id: row.decision for row in rows(room.database, tables.submission)}
        assert decisions == {each.id: "accepted" for each in good} | {lost.id: "refused"}

    def test_keeps_what_stands_beside_a_plan_that_breaks_in_the_middle(self, room: Room) -> None:
        first, third = plan("urn:oid:1.1", b"1"), plan("urn:oid:1.3", b"3")
        broken = plan("urn:oid:1.2", b"2", id=first.id)  # the submission's row comes last, and is already there
        outcomes = room.file(first, broken, third)
        assert [(o.kind, o.status) for o in outcomes] == [("filed", 200), ("failed", 503), ("filed", 200)]
        for table, count in ((tables.document_identity, 2), (tables.resource, 2), (tables.document_content, 2),
                             (tables.search_index, 2), (tables.documents, 2), (tables.submission, 2)):  # fmt: skip
            assert len(rows(room.database, table)) == count, table.name

    def test_leaves_one_unbroken_audit_chain(self, room: Room) -> None:
        first = plan("urn:oid:1.1", b"1")
        room.file(first, plan("urn:oid:1.2", b"2", id=first.id), plan("urn:oid:1.1", b"x"), plan("urn:oid:1.3", b"3"))
        lines = sorted(rows(room.database, tables.audit), key=lambda row: row.seq)
        assert [row.seq for row in lines] == [1, 2, 3]
        assert len({row.chain for row in lines}) == 1
        assert [row.outcome for row in lines] == ["accepted", "refused", "accepted"]
        previous = b""
        for row in lines:
            fields = (row.chain, row.seq, row.at, row.owner, row.role, row.action, row.entity, row.outcome)
            previous = hashlib.sha256(previous + msgspec.json.encode(fields)).digest()
            assert row.hash == previous

    def test_replaces_within_itself(self, room: Room) -> None:
        second = plan("urn:oid:1.2", b"2", replaces="urn:oid:1.1",
                      supersedes=(Supersede("urn:oid:1.1", "here", 0, 1, "urn:oid:1.2"),))  # fmt: skip
        outcomes = room.file(plan("urn:oid:1.1", b"1"), second)
        assert [outcome.status for outcome in outcomes] == [200, 200]
        [fact] = rows(room.database, tables.documents)
        assert fact.reference == second.documents[0].reference
        versions = {row.version: row for row in rows(room.database, tables.resource)}
        assert b'"superseded"' in versions[2].body
        assert [row.version for row in rows(room.database, tables.resource_history)] == [1]


class TestManyWorkers:
    def test_that_race_for_the_same_ids_have_one_winner_each(self, room: Room) -> None:
        room.start()
        found: dict[str, list[str]] = {f"urn:oid:1.{n}": [] for n in range(20)}

        def worker(number: int) -> None:
            with room.connect() as sock:
                for unique in found:
                    sock.sendall(frame(msgspec.msgpack.encode(plan(unique, b"%d" % number))))
                    found[unique].append(receive(sock).kind)

        threads = [threading.Thread(target=worker, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert all(sorted(kinds) == ["conflict", "conflict", "conflict", "filed"] for kinds in found.values()), found
        assert len(rows(room.database, tables.document_identity)) == 20

    def test_of_two_owners_do_not_meet(self, room: Room) -> None:
        outcomes = room.file(plan("urn:oid:1.1", b"1"), plan("urn:oid:1.1", b"2", owner="020000002"))
        assert [outcome.kind for outcome in outcomes] == ["filed", "filed"]


class TestTheClient:
    def test_says_when_there_is_no_writer(self, tmp_path: Path) -> None:
        with pytest.raises(WriterGone):
            asyncio.run(WriterClient(str(tmp_path / "nobody")).file(plan("urn:oid:1.1")))

    def test_says_when_the_writer_goes_before_it_answers(self) -> None:
        async def go() -> None:
            with tempfile.TemporaryDirectory(prefix="segur-test-") as folder:
                address = str(Path(folder) / "writer")

                async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                    await reader.readexactly(4)
                    writer.close()

                server = await asyncio.start_unix_server(hang_up, address)
                client = WriterClient(address)
                with pytest.raises(WriterGone):
                    await client.file(plan("urn:oid:1.1"))
                client.close()
                server.close()
                await server.wait_closed()

        asyncio.run(asyncio.wait_for(go(), 20))

    def test_opens_another_line_when_the_one_it_had_was_cut(self, room: Room) -> None:
        room.start()

        async def go() -> list[str]:
            client = WriterClient(room.address)
            kinds = [(await client.file(plan("urn:oid:1.1", b"1"))).kind]
            line = client._line
            assert line is not None
            line.writer.close()
            await asyncio.sleep(0.05)
            with pytest.raises(WriterGone):  # and not what the event loop says of a closed transport
                await line.send(plan("urn:oid:1.3", b"3"))
            kinds.append((await client.file(plan("urn:oid:1.2", b"2"))).kind)
            client.close()
            await asyncio.sleep(0)
            return kinds

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            assert runner.run(go()) == ["filed", "filed"]

    def test_gives_each_waiting_plan_its_own_answer(self, room: Room) -> None:
        room.start()
        plans = [plan(f"urn:oid:1.{n}", b"%d" % n) for n in range(30)]

        async def go() -> list[Outcome]:
            client = WriterClient(room.address)
            found = await asyncio.gather(*(client.file(each) for each in plans))
            client.close()
            await asyncio.sleep(0)
            return list(found)

        outcomes = asyncio.run(asyncio.wait_for(go(), 20))
        assert [outcome.submission for outcome in outcomes] == [each.id for each in plans]
