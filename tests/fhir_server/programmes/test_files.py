"""Files, entries, moves and decisions of a programme somebody else brought: what is kept, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from fhir_server.fhir.http import Refusal
from fhir_server.programmes import registry
from fhir_server.programmes.actors import hand_of
from fhir_server.programmes.clock import tick
from fhir_server.programmes.deciding import different
from fhir_server.programmes.moves import make_move
from fhir_server.programmes.parameters import post
from fhir_server.programmes.records import Asked, decision, list_files, load_decision, load_file
from fhir_server.programmes.refused import Refused
from fhir_server.programmes.shown import shown_file
from fhir_server.programmes.views import look
from fhir_server.security.caller import Caller, Role
from fhir_server.store import programme_tables as tables
from fhir_server.store import tables as every
from indicators.programmes.decisions import read_record
from tests.fhir_server.programmes.conftest import NOW, SET, Bench, wait


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [one.code for one in refused.value.said]


class TestOpening:
    def test_a_file_is_opened_once_a_subject(self, bench: Bench) -> None:
        made = bench.open()
        assert (made.state, made.version, made.owner, made.region) == (
            "DRAFT", 1, bench.site.legal_entity, bench.site.region)  # fmt: skip
        assert bench.read(made).key == {"part": "a", "year": "2026"}
        with pytest.raises(Refusal) as again:
            bench.open()
        assert (again.value.status, again.value.rule_id) == (409, "PROGRAMME-FILE-EXISTS")
        assert bench.open(part="b").id != made.id

    @pytest.mark.parametrize(
        ("key", "code"),
        [
            ({"part": "c"}, "OUT_OF_RANGE"),
            ({"part": " "}, "FIELD_MISSING"),
            ({"more": "x"}, "UNKNOWN_FIELD"),
            ({"year": "1999"}, "UNKNOWN_SUBJECT"),
        ],
    )
    def test_a_key_is_the_programmes(self, bench: Bench, key: dict[str, str], code: str) -> None:
        with pytest.raises(Refused) as refused:
            bench.open(**key)
        assert codes(refused) == [code]
        assert bench.rows(tables.programme_file) == []

    def test_only_who_makes_the_first_move_opens_a_file_of_its_own_establishment(self, bench: Bench) -> None:
        for caller, organization in (
            (bench.ars, bench.site.finess),
            (bench.ministry, bench.site.finess),
            (bench.holder, bench.stranger.finess),
            (bench.holder, "999999999"),
            (bench.holder, bench.site.region),
        ):
            with pytest.raises(Refusal) as refused:
                bench.open(caller, organization)
            assert refused.value.status == 403


class TestEntries:
    def test_the_last_entry_counts_and_the_first_stays(self, bench: Bench) -> None:
        file = bench.open()
        bench.enter(file, asked="100.00")
        file = bench.enter(file, asked="200", kind="one")
        assert file.values() == {"asked": "200.00", "kind": "one"}
        assert [one.value for one in file.entries if one.name == "asked"] == ["100.00", "200.00"]
        assert (file.version, file.entries[0].who) == (3, f"establishment:{bench.site.legal_entity}")

    @pytest.mark.parametrize(
        ("name", "value", "code"),
        [
            ("asked", 100, "WRONG_VALUE"),
            ("asked", 100.5, "WRONG_VALUE"),
            ("asked", "-1.00", "WRONG_VALUE"),
            ("signed", "true", "WRONG_VALUE"),
            ("kind", "third", "WRONG_VALUE"),
            ("kind", "x" * 30_000, "TOO_LONG"),
            ("colour", "blue", "UNKNOWN_ENTRY"),
        ],
    )
    def test_a_wrong_entry_takes_the_others_with_it(self, bench: Bench, name: str, value: Any, code: str) -> None:
        file = bench.open()
        with pytest.raises(Refused) as refused:
            bench.enter(file, **{"signed": True} | {name: value})
        assert codes(refused) == [code]
        assert bench.read(file).version == 1

    def test_an_entry_is_for_its_actor_and_its_state(self, bench: Bench) -> None:
        file = bench.open()
        with pytest.raises(Refused) as refused:
            bench.enter(file, agreed=True)
        assert codes(refused) == ["NOT_YOURS", "CLOSED_NOW"]
        with pytest.raises(Refused) as refused:
            bench.enter(file, bench.ars, asked="1.00")
        assert codes(refused) == ["NOT_YOURS"]


class TestMoves:
    def test_every_reason_in_order_and_nothing_written(self, bench: Bench) -> None:
        file = bench.open()
        with pytest.raises(Refused) as refused:
            bench.move(file, "ASKED", bench.ars)
        assert codes(refused) == ["ACTOR_NOT_ALLOWED:ARS", "AMOUNT_MISSING", "SIGNATURE_MISSING"]
        assert refused.value.said[0].fr != refused.value.said[0].en
        assert bench.rows(tables.programme_move) == []

    def test_a_move_the_table_does_not_have(self, bench: Bench) -> None:
        with pytest.raises(Refused) as refused:
            bench.move(bench.open(), "GRANTED")
        assert codes(refused) == ["no_transition:DRAFT>GRANTED"]

    def test_a_rule_that_cannot_answer_is_a_reason(self, bench: Bench) -> None:
        file = bench.enter(bench.open(), asked="13.13", signed=True)
        with pytest.raises(Refused) as refused:
            bench.move(file, "ASKED", bench.holder)
        assert codes(refused) == ["unlucky_amount"]

    def test_without_its_parameter_nothing_is_granted(self, bench: Bench) -> None:
        with pytest.raises(Refused) as refused:
            bench.move(bench.asked(), "GRANTED")
        assert codes(refused) == ["parameter_missing:credits"]

    def test_a_grant_is_one_act_with_its_record(self, bench: Bench) -> None:
        posted = bench.post()
        file = bench.asked()
        assert file.deposited == NOW
        moved = bench.move(file, "GRANTED")
        file = bench.read(file)
        assert (file.state, file.paid, file.committed) == ("GRANTED", 60_000, 60_000)
        assert (moved.letter, moved.notices[0].to) == ("notification", "establishment")
        assert moved.decision is not None
        with bench.office.reading() as connection:
            found = decision(connection, moved.decision)
        record = read_record(found.record)
        assert record.parameter_set == f"ars-test@1 sha256:{posted.found.fingerprint}"
        assert (record.decided_by, record.role, record.total) == (f"ars:{bench.site.region}", "ARS", 60_000)
        assert record.rules == {"X-R03": "2020-01-01"}
        assert [row.committed for row in bench.rows(tables.programme_credit)] == [60_000]
        assert [row.decision for row in bench.rows(tables.programme_secret)] == [moved.decision]
        assert bench.rows(every.audit)[-1].action == "programme-move"

    def test_the_envelope_is_shared_by_the_files_of_a_region(self, bench: Bench) -> None:
        bench.post()
        first, second = bench.asked("600.00"), bench.asked("600.00", part="b")
        bench.move(first, "GRANTED")
        with pytest.raises(Refused) as refused:
            bench.move(second, "GRANTED")
        assert codes(refused) == ["CREDITS_EXHAUSTED"]
        bench.post(2, "1200.00")
        assert bench.move(second, "GRANTED").committed == 60_000
        assert [row.committed for row in bench.rows(tables.programme_credit)] == [120_000]

    def test_what_changed_meanwhile_is_a_conflict(self, bench: Bench) -> None:
        bench.post()
        seen = bench.asked()
        bench.enter(seen, bench.ars, agreed=False)
        with pytest.raises(Refusal) as refused:
            bench.move(seen, "GRANTED")
        assert (refused.value.status, refused.value.rule_id) == (409, "PROGRAMME-CHANGED")
        assert bench.read(seen).state == "ASKED"

    def test_an_envelope_that_changed_meanwhile_is_a_conflict(self, bench: Bench, monkeypatch: Any) -> None:
        from fhir_server.programmes import moves

        bench.post()
        first, second = bench.asked("600.00"), bench.asked("300.00", part="b")
        before = look(bench.office, second, NOW)
        bench.move(first, "GRANTED")
        monkeypatch.setattr(moves, "look", lambda *_: before)
        with pytest.raises(Refusal) as refused:
            bench.move(second, "GRANTED")
        assert refused.value.status == 409

    def test_the_ministry_moves_what_is_the_ministrys(self, bench: Bench) -> None:
        bench.post()
        file = bench.asked()
        bench.move(file, "GRANTED")
        with pytest.raises(Refused) as refused:
            bench.move(bench.read(file), "AUDITED")
        assert codes(refused) == ["ACTOR_NOT_ALLOWED:ARS"]
        assert bench.move(bench.read(file), "AUDITED", bench.ministry).who == "ministry"


class TestClock:
    def test_what_is_due_is_moved_and_nothing_else(self, bench: Bench) -> None:
        bench.open()

        async def due(year: int) -> list[str]:
            return [moved.target async for _, moved in tick(bench.office, datetime(year, 1, 1, 12, tzinfo=UTC))]

        assert wait(due(2029)) == []
        assert wait(due(2030)) == ["FORGOTTEN"]
        assert wait(due(2030)) == []
        [moved] = bench.rows(tables.programme_move)
        assert (moved.actor, moved.who, moved.decision) == ("clock", "clock", None)

    def test_an_agency_may_make_a_move_of_the_clock(self, bench: Bench) -> None:
        file = bench.open()
        with pytest.raises(Refused) as refused:
            bench.move(file, "FORGOTTEN")
        assert codes(refused) == ["STILL_YOUNG"]
        assert bench.move(file, "FORGOTTEN", at=datetime(2030, 1, 2, tzinfo=UTC)).actor == "clock"


class TestReading:
    def test_who_sees_a_file(self, bench: Bench) -> None:
        file = bench.open()
        callers = {
            Caller(Role.ESTABLISHMENT, bench.stranger.legal_entity): 404,
            Caller(Role.ARS, bench.stranger.region): 404,
            Caller(Role.EDITOR, "x"): 403,
            Caller(Role.OPERATOR, None): 403,
        }
        with bench.office.reading() as connection:
            for caller in (bench.holder, bench.ars, bench.ministry):
                assert load_file(connection, caller, file.id).id == file.id
                assert [one.id for one in list_files(connection, caller, Asked())] == [file.id]
            for caller, status in callers.items():
                with pytest.raises(Refusal) as refused:
                    load_file(connection, caller, file.id)
                assert refused.value.status == status
            assert list_files(connection, Caller(Role.ARS, bench.stranger.region), Asked()) == []
            assert list_files(connection, bench.ars, Asked(state="ASKED")) == []

    def test_a_file_says_what_may_come_next_and_for_whom(self, bench: Bench) -> None:
        shown = shown_file(look(bench.office, bench.open(), NOW), hand_of(bench.ars))
        assert [(row["to"], row["yours"], row["made"]) for row in shown["next"]] == [
            ("ASKED", False, False), ("FORGOTTEN", True, False)]  # fmt: skip
        assert [one["code"] for one in shown["next"][0]["reasons"]] == ["AMOUNT_MISSING", "SIGNATURE_MISSING"]

    def test_a_set_that_forgets_what_a_file_is_about_stops_it_and_says_so(self, bench: Bench) -> None:
        file = bench.asked()
        text = SET.format(id="ars-test", version=1, credits="1.00")
        text += "  - {name: forgets, value: true, mark: CONFIG, source: essai}\n"
        wait(post(bench.office, hand_of(bench.ars), bench.site.region, text, NOW))
        shown = shown_file(look(bench.office, file, NOW), hand_of(bench.ars))
        assert {one["code"] for row in shown["next"] for one in row["reasons"]} == {"unknown_year:2026"}
        with pytest.raises(Refused) as refused:
            bench.move(file, "GRANTED")
        assert codes(refused) == ["unknown_year:2026"]

    def test_a_file_of_a_programme_that_is_gone_is_not_found(self, bench: Bench, monkeypatch: Any) -> None:
        import indicators.programmes as programmes

        file = bench.open()
        monkeypatch.setattr(programmes, "BUILT_IN", ())
        registry.known.cache_clear()
        with pytest.raises(Refusal) as refused:
            bench.read(file)
        assert refused.value.rule_id == "PROGRAMME-UNKNOWN"


class TestDecisions:
    def made(self, bench: Bench) -> str:
        bench.post()
        found = bench.move(bench.asked(), "GRANTED").decision
        assert found is not None
        return found

    def test_a_replay_gives_the_same_bytes(self, bench: Bench) -> None:
        with bench.office.reading() as connection:
            file, found = load_decision(connection, bench.holder, self.made(bench))
        assert (file.id, different(found)) == (found.file, ())

    @pytest.mark.parametrize(
        ("old", "new", "parts"),
        [
            (b'"granted":"600.00"', b'"granted":"601.00"', ("outcome", "digest")),
            (b'"X-R03":"2020-01-01"', b'"X-R03":"2020-01-02"', ("rules", "digest")),
            (b'"extra_grant"', b'"extra_gone"', ("op",)),
            (b'"programme":"extra"', b'"programme":"other"', ("programme",)),
            (b'{"as_of"', b'{ "as_of"', ("digest",)),
            (b'"op":', b'"opp":', ("record",)),
        ],
    )
    def test_what_was_touched_is_named(self, bench: Bench, old: bytes, new: bytes, parts: tuple[str, ...]) -> None:
        from dataclasses import replace

        with bench.office.reading() as connection:
            found = decision(connection, self.made(bench))
        assert old in found.record
        assert different(replace(found, record=found.record.replace(old, new))) == parts

    def test_an_unknown_decision_is_not_found(self, bench: Bench) -> None:
        with bench.office.reading() as connection, pytest.raises(Refusal) as refused:
            load_decision(connection, bench.holder, "nothing")
        assert refused.value.status == 404


@pytest.mark.parametrize("name", tables.APPEND_ONLY)
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_what_happened_cannot_be_changed_or_removed(bench: Bench, name: str, verb: str) -> None:
    table = every.metadata.tables[name]
    row = {c.name: b"x" if isinstance(c.type, sa.LargeBinary) else 1 for c in table.columns}
    row |= {c.name: NOW.date() for c in table.columns if isinstance(c.type, sa.Date)}
    with bench.writes.begin() as connection:
        connection.execute(table.insert(), row)
    statement = table.delete() if verb == "delete" else table.update().values(month=2)
    with bench.writes.begin() as connection, pytest.raises(sa.exc.IntegrityError, match=f"{name} is append-only"):
        connection.execute(statement)
    assert len(bench.rows(table)) == 1


def test_two_moves_of_one_file_at_once_are_one(bench: Bench) -> None:
    import asyncio

    file = bench.enter(bench.open(), asked="1.00", signed=True)

    async def both() -> list[Any]:
        moves = [make_move(bench.office, file, hand_of(bench.holder), "ASKED", NOW) for _ in range(2)]
        return await asyncio.gather(*moves, return_exceptions=True)

    found = wait(both())
    assert sorted(type(one).__name__ for one in found) == ["Moved", "Refusal"]
    assert len(bench.rows(tables.programme_move)) == 1
