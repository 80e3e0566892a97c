"""Lists counted by the product's own measures: what a list says, and what each row is worth."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from indicators.measures import Window
from indicators.programmes.dates import Period
from indicators.programmes.errors import RuleError
from indicators.programmes.observed import deposits, identified, messages_sent, reports, stays_with_document
from indicators.ratio import Ratio

SITE, OTHER = "350000042", "350000099"
F1 = Window(date(2022, 1, 1), date(2022, 6, 30))


def stay(stay_id: str, out: str | None = "2022-03-10", **more: Any) -> dict[str, Any]:
    return {"stay_id": stay_id, "finess_geo": SITE, "discharged_at": out} | more


def letter(of: str | None, on: str = "2022-03-11", **more: Any) -> dict[str, Any]:
    made = {"doc_id": f"d{of}{on}", "stay_id": of, "kind": "LDL", "finess_geo": SITE, "dest": "DMP",
            "status": "accepted", "ins_status": "qualified", "deposited_at": on}  # fmt: skip
    return made | more


def rate(
    stays: list[dict[str, Any]], *documents: dict[str, Any], kind: str = "LDL", out: tuple[str, ...] = ()
) -> Ratio:
    return stays_with_document(kind, SITE, F1, out, stays, list(documents))


class TestStays:
    def test_two_letters_of_one_stay_count_once(self) -> None:
        assert rate([stay("A"), stay("B")], letter("A"), letter("A", "2022-03-12")) == Ratio(1, 2)

    @pytest.mark.parametrize(
        "change",
        [{"status": "rejected"}, {"status": "deleted"}, {"ins_status": "provisional"}, {"ins_status": "absent"},
         {"dest": "MSSANTE"}, {"kind": "CR_OP"}, {"finess_geo": OTHER}, {"deposited_at": "2022-07-01"},
         {"deposited_at": "2022-06-30T22:00:00Z"}, {"stay_id": None}, {"stay_id": "Z"}, {"deleted_at": "2022-06-30"}],
    )  # fmt: skip
    def test_what_does_not_count(self, change: dict[str, Any]) -> None:
        assert rate([stay("A")], letter("A", **change)) == Ratio(0, 1)

    @pytest.mark.parametrize("change", [{"status": "replaced"}, {"deposited_at": "2022-06-30T21:59:59Z"},
                                        {"deleted_at": "2022-07-01"}, {"deposited_at": "2022-03-01"}])  # fmt: skip
    def test_what_still_counts(self, change: dict[str, Any]) -> None:
        assert rate([stay("A")], letter("A", **change)) == Ratio(1, 1)

    @pytest.mark.parametrize("out", ["2021-12-31", "2022-07-01", "2022-06-30T22:10:00Z", None])
    def test_a_stay_outside_the_window_leaves_the_population(self, out: str | None) -> None:
        assert rate([stay("A"), stay("E", out)], letter("A"), letter("E")) == Ratio(1, 1)

    def test_the_last_local_minute_is_in(self) -> None:
        assert rate([stay("A", "2022-06-30T21:30:00Z")]) == Ratio(0, 1)

    def test_a_stay_of_another_site_or_told_twice(self) -> None:
        assert rate([stay("A"), stay("A"), stay("H", finess_geo=OTHER)], letter("A")) == Ratio(1, 1)

    def test_a_flag_of_the_exclusion_list_leaves_both_sides(self) -> None:
        stays = [stay("A"), stay("I", flags=["DECES"]), stay("J", flags=["AUTRE"])]
        assert rate(stays, letter("I"), out=("DECES",)) == Ratio(0, 2)
        assert rate(stays, letter("I")) == Ratio(1, 3)

    def test_nobody_left_is_zero_of_zero(self) -> None:
        assert rate([], letter("A")) == Ratio(0, 0)

    def test_operative_reports_look_at_operated_stays(self) -> None:
        report = letter("A", kind="CR_OP")
        assert rate([stay("A", operated=True), stay("B", operated=False)], report, kind="CR_OP") == Ratio(1, 1)
        assert rate([stay("A", flags=["OPERE"]), stay("B")], report, kind="CRO") == Ratio(1, 1)

    def test_a_list_that_does_not_say_is_the_list_of_operated_stays(self) -> None:
        assert rate([stay("A"), stay("B")], letter("A", kind="CR_OP"), kind="CR_OP") == Ratio(1, 2)

    def test_prescriptions(self) -> None:
        assert rate([stay("A")], letter("A", kind="ORD"), kind="ORD") == Ratio(1, 1)

    def test_another_kind_is_refused(self) -> None:
        with pytest.raises(RuleError, match="unknown_kind:BIO"):
            rate([], kind="BIO")


def report(report_id: str, on: str = "2022-07-01", **more: Any) -> dict[str, Any]:
    made = {
        "doc_id": f"{report_id}{on}",
        "report_id": report_id,
        "kind": "CR_BIO",
        "finess_ej": "350000001",
        "dest": "DMP",
        "status": "accepted",
        "ins_status": "qualified",
        "produced_at": on,
        "deposited_at": on,
    }
    return made | more


class TestReports:
    window = Window(date(2022, 7, 1), date(2022, 12, 31))

    def rate(self, produced: int | None, *documents: dict[str, Any], kind: str = "CR_BIO") -> Ratio:
        return reports(kind, "350000001", self.window, produced, documents)

    def test_versions_count_once(self) -> None:
        rows = (report("R1"), report("R1", "2022-07-01", deposited_at="2022-07-05"), report("R2", "2022-12-31"))
        assert self.rate(4, *rows) == Ratio(2, 4)

    def test_one_good_version_is_enough(self) -> None:
        rows = (report("R1", status="rejected"), report("R1", ins_status="provisional"), report("R1", dest="MSSANTE"))
        assert self.rate(1, *rows) == Ratio(0, 1)
        assert self.rate(1, *rows, report("R1", deposited_at="2022-08-01")) == Ratio(1, 1)

    @pytest.mark.parametrize("change", [{"finess_ej": "9"}, {"kind": "CR_IMG"}, {"produced_at": "2022-06-30"},
                                        {"produced_at": "2023-01-01"}, {"deposited_at": "2023-01-01"}])  # fmt: skip
    def test_what_does_not_count(self, change: dict[str, Any]) -> None:
        assert self.rate(1, report("R1", **change)) == Ratio(0, 1)

    @pytest.mark.parametrize("produced", [0, 1, None])
    def test_the_declared_count_is_kept_as_it_is(self, produced: int | None) -> None:
        assert self.rate(produced, report("R1"), report("R2")) == Ratio(2, produced)
        assert self.rate(produced) == Ratio(0, produced)

    def test_a_version_produced_in_the_window_stands_for_its_report(self) -> None:
        assert self.rate(1, report("R1", "2022-06-30"), report("R1", "2022-07-02")) == Ratio(1, 1)

    def test_imaging(self) -> None:
        assert self.rate(1, report("R1", kind="CR_IMG"), kind="CR_IMG") == Ratio(1, 1)
        with pytest.raises(RuleError, match="unknown_kind:LDL"):
            self.rate(1, kind="LDL")


class TestIdentity:
    def test_distinct_accepted_documents(self) -> None:
        rows = [
            letter("A", doc_id="a"),
            letter("A", doc_id="a"),
            letter("B", doc_id="b", ins_status="absent"),
            letter("C", doc_id="c", ins_status="provisional"),
            letter("D", doc_id="e", status="rejected"),
        ]
        assert identified(rows) == Ratio(1, 3)

    def test_any_site_day_and_channel(self) -> None:
        rows = [letter("A", "2020-01-01"), letter("B", "2030-01-01", finess_geo=OTHER, dest="MSSANTE")]
        assert identified(rows) == Ratio(2, 2)

    def test_the_best_identity_of_a_document_counts_whatever_its_channel(self) -> None:
        rows = [letter("A", doc_id="a", ins_status="provisional"), letter("A", doc_id="a", dest="MSSANTE")]
        assert identified(rows) == identified(rows[::-1]) == Ratio(1, 1)

    def test_none_is_zero_of_zero(self) -> None:
        assert identified([]) == Ratio(0, 0)

    def test_a_document_needs_a_day(self) -> None:
        with pytest.raises(ValueError, match="deposited_at"):
            identified([letter("A", deposited_at=None)])


class TestMessages:
    period = Period(date(2021, 7, 1), date(2021, 9, 30))

    def sent(self, *rows: dict[str, Any]) -> int:
        messages = [
            {"message_id": "<1>", "from": "a@struct.mssante.fr", "sent_at": "2021-07-02", "state": "delivered"} | row
            for row in rows
        ]
        return messages_sent(self.period, ["A@struct.mssante.fr"], messages)

    def test_recipients_are_not_multiplied(self) -> None:
        assert self.sent({}, {}, {"from": "A@STRUCT.mssante.fr"}) == 1
        assert self.sent({}, {"message_id": "<2>"}) == 2

    @pytest.mark.parametrize("row", [{"state": "bounced"}, {"from": "b@struct.mssante.fr"}, {"sent_at": "2021-06-30"},
                                     {"sent_at": "2021-09-30T22:00:00Z"}])  # fmt: skip
    def test_what_does_not_count(self, row: dict[str, Any]) -> None:
        assert self.sent(row) == 0

    def test_one_delivered_copy_is_a_message_sent(self) -> None:
        assert self.sent({"state": "bounced"}, {}) == 1
        assert self.sent({"from": "Ehpad <a@struct.mssante.fr>", "sent_at": "2021-09-30T21:59:59Z"}) == 1

    def test_none(self) -> None:
        assert self.sent() == 0


class TestDeposits:
    period = Period(date(2021, 7, 1), date(2021, 9, 30))

    def count(self, *rows: dict[str, Any]) -> int:
        made = [
            {"unique_id": "u1", "finess_geo": SITE, "dest": "DMP", "status": "accepted", "deposited_at": "2021-07-01"}
            | row
            for row in rows
        ]
        return deposits(self.period, SITE, made)

    def test_a_document_counts_once(self) -> None:
        assert self.count({}, {"deposited_at": "2021-07-02"}, {"unique_id": "u2"}) == 2

    @pytest.mark.parametrize("row", [{"status": "rejected"}, {"finess_geo": OTHER}, {"dest": "MSSANTE"},
                                     {"deposited_at": "2021-10-01"}, {"deposited_at": "2021-06-30"}])  # fmt: skip
    def test_what_does_not_count(self, row: dict[str, Any]) -> None:
        assert self.count(row) == 0

    def test_a_document_deposited_again_in_the_period_counts(self) -> None:
        assert self.count({"deposited_at": "2021-06-30"}, {}) == 1

    def test_a_rejected_try_does_not_hide_the_accepted_one(self) -> None:
        assert self.count({"status": "rejected", "deposited_at": "2021-06-01"}, {}) == 1
