"""What an agency sends and reads: the window's list, the follow-up, the half-year, the dashboard, payment orders."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from indicators.export_table import Table, render
from indicators.imports import SHAPES, read
from indicators.measures import Figure
from indicators.programmes.cadre_commun.exports import half_yearly_report, semester_period
from indicators.programmes.cadre_commun.rules import services
from indicators.programmes.dates import Period
from indicators.programmes.decisions import DecisionRecord, Instalment
from indicators.programmes.errors import RuleError
from indicators.programmes.esms_numerique.exports import dashboard, warnings
from indicators.programmes.imports import Operation, OperationPayment, ServiceReport
from indicators.programmes.payment_orders import Decided, firm, payment_orders
from indicators.programmes.sun_es_volet1.calendar import usage_window
from indicators.programmes.sun_es_volet1.exports import Followed, candidature_table, follow_up_table, osis_table
from indicators.programmes.sun_es_volet1.files import LIST_COLUMNS, Decision

F1 = usage_window("F1")


def rows(table: Table, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row.get(name) for name in names) for row in table.rows]


class TestCandidatureList:
    """SUN1-R19."""

    TABLE = candidature_table(
        [
            Decision("350000055", "350000022", None, "biologie", F1, None, ("NO_INTERNAL_LAB", "COMMITMENT_MISSING")),
            Decision("350000048", "350000022", "GHT X", "documents_sortie", F1, 32_000_000),
        ]
    )

    def test_has_the_columns_of_the_text_and_no_other(self) -> None:
        head = render(self.TABLE, "csv").decode("utf-8-sig").splitlines()[0]
        assert head == ";".join(LIST_COLUMNS)

    def test_says_the_amount_of_who_is_accepted_and_the_reasons_of_who_is_not(self) -> None:
        assert rows(self.TABLE, "finess_geographique", "ght", "statut", "montant", "motifs") == [
            ("350000048", "GHT X", "validée", 32_000_000, ""),
            ("350000055", "", "non validée", None, "NO_INTERNAL_LAB COMMITMENT_MISSING"),
        ]


class TestFollowUp:
    """SUN1-R30."""

    def followed(self, state: str, domain: str = "documents_sortie", **more: Any) -> Followed:
        told: dict[str, Any] = {"committed": 0, "paid": 0, "site": f"site-{state}", "window": F1} | more
        return Followed("53", told["site"], told["window"], domain, state, True, told["committed"], told["paid"])

    def test_counts_files_by_domain_and_sums_them(self) -> None:
        table = follow_up_table(
            [
                self.followed("USAGE_PAID", committed=10_000, paid=10_000),
                self.followed("NOT_REACHED", committed=5_000, paid=1_500),
                self.followed("REFUSED", "biologie"),
                self.followed("UNDER_REVIEW", "biologie"),
                self.followed("REJECTED_LATE", "imagerie"),
                self.followed("DRAFT", "imagerie"),
            ],
            {"53": 100_000},
        )
        names = ("domaine", "deposes", "en_instruction", "acceptes", "refuses", "hors_delai", "cibles_atteintes",
                 "cibles_manquees", "engage", "verse", "delegue")  # fmt: skip
        assert rows(table, *names) == [
            ("documents_sortie", 2, 0, 2, 0, 0, 1, 1, 15_000, 11_500, None),
            ("biologie", 2, 1, 0, 1, 0, 0, 0, 0, 0, None),
            ("imagerie", 1, 0, 0, 0, 1, 0, 0, 0, 0, None),
            ("ensemble", 5, 1, 2, 1, 1, 1, 1, 15_000, 11_500, 100_000),
        ]

    def test_one_site_in_two_domains_keeps_two_states(self) -> None:
        table = follow_up_table(
            [self.followed("REFUSED", site="s"), self.followed("ACCEPTED", "biologie", site="s", committed=7)], {}
        )
        assert rows(table, "acceptes", "refuses", "engage")[:2] == [(0, 1, 0), (1, 0, 7)]

    def test_a_window_brings_its_calendar_and_its_own_rows(self) -> None:
        table = follow_up_table([self.followed("REFUSED", window=usage_window("F2")), self.followed("REFUSED")], {})
        assert rows(table, "fenetre", "debut_mesure")[::4] == [("F1", date(2022, 1, 1)), ("F2", date(2022, 7, 1))]
        assert rows(table, "delegue")[3] == (None,)


class TestHalfYear:
    """CC-R08, I-CC-1 to I-CC-3."""

    def report(self, service: str, state: str, semester: str = "2017-S1", **more: Any) -> ServiceReport:
        told = {"equipped": None, "using": None, "in_scope": None} | more
        return ServiceReport(
            "53", semester, service, state, None, told["equipped"], told["using"], told["in_scope"], "ARS"
        )

    def test_names_all_nine_services_told_or_not(self) -> None:
        table = half_yearly_report("53", "2017-S1", [self.report("DMP", "USED", using=1, in_scope=3)], {"DMP": 2})
        assert [row[0] for row in rows(table, "service")] == list(services())
        [found] = [row for row in table.rows if row["service"] == "DMP"]
        assert (found["etat"], found["taux_usage"].percent_text, found["utilisateurs_constates"]) == (
            "USED",
            "33.33",
            2,
        )
        assert [row["etat"] for row in table.rows].count(None) == 8

    def test_covers_what_is_available(self) -> None:
        told = [self.report(name, "AVAILABLE") for name in services()[:7]] + [self.report("ANRCP", "PLANNED")]
        assert rows(half_yearly_report("53", "2017-S1", told), "couverture")[0][0].percent_text == "77.78"

    def test_says_nothing_of_a_half_year_nobody_reported(self) -> None:
        table = half_yearly_report("53", "2017-S2", [self.report("DMP", "USED", "2016-S2")])
        assert rows(table, "couverture", "remontees_manquantes")[0] == (None, "2017-S1 2017-S2")

    def test_another_region_and_later_half_years_are_none_of_it(self) -> None:
        other = replace(self.report("DMP", "USED"), region="04")
        table = half_yearly_report("53", "2017-S1", [other, self.report("DMP", "USED", "2017-S2")])
        assert {row["etat"] for row in table.rows} == {None}

    def test_a_half_year_is_six_months(self) -> None:
        assert semester_period("2016-S1") == Period(date(2016, 1, 1), date(2016, 6, 30))
        assert semester_period("2016-S2") == Period(date(2016, 7, 1), date(2016, 12, 31))
        with pytest.raises(RuleError, match="unknown_semester:2016"):
            semester_period("2016")


def test_our_figures_are_read_back_as_declared_ones() -> None:
    """SUN1-R29, C-10."""
    found = [Figure("I-SUN1-LDL", "350000048", None, 3, 4), Figure("I-SUN1-BIO", "350000048", None, 2, None)]
    read_back = read(SHAPES["figures"], render(osis_table(found, F1.measure), "csv"))
    assert [(one.organization, one.indicator, one.numerator, one.denominator) for one in read_back] == [
        ("350000048", "I-SUN1-BIO", 2, None), ("350000048", "I-SUN1-LDL", 3, 4)]  # fmt: skip
    assert {(one.start, one.end, one.source) for one in read_back} == {
        (date(2022, 1, 1), date(2022, 6, 30), "segur-fhir")
    }


OPERATION = Operation(
    "PAI-1", 1, "esms_amorcage", "350000022", "DUI", "53", "35", "acquisition", 20, 4, 60_000_000, 58_000_000,
    date(2021, 5, 17), date(2021, 9, 1), False, "retard éditeur",
)  # fmt: skip
SIGNED = OperationPayment("PAI-1", 1, "signature", 23_200_000, date(2021, 9, 2), date(2021, 9, 20))
CONFIGURED = OperationPayment("PAI-1", 1, "configuration", 23_200_000, date(2021, 12, 1), None)
TODAY = date(2022, 1, 10)


class TestDashboard:
    """ESMS-R18, R20, R25."""

    def test_tells_commitments_from_payments(self) -> None:
        table = dashboard([OPERATION], [SIGNED, CONFIGURED], TODAY, {"PAI-1": "CONFIGURED"})
        names = ("operation", "ae_engagees", "verse_signature", "verse_configuration", "cp_saisis", "cp_payes", "reste",
                 "etat", "alertes", "risques")  # fmt: skip
        assert rows(table, *names)[0] == (
            "PAI-1", 58_000_000, 23_200_000, 0, 46_400_000, 23_200_000, 34_800_000, "CONFIGURED", "ENTERED_NOT_PAID",
            "retard éditeur",
        )  # fmt: skip

    def test_adds_a_row_a_region(self) -> None:
        other = replace(OPERATION, number="PAI-2", region="04", esms=5, granted=None, committed=None)
        table = dashboard([OPERATION, replace(OPERATION, number="PAI-0"), other], [SIGNED], TODAY)
        assert rows(table, "region", "operation", "esms", "ae_engagees", "cp_payes")[-2:] == [
            ("04", "ensemble", 5, 0, 0),
            ("53", "ensemble", 40, 116_000_000, 23_200_000),
        ]

    @pytest.mark.parametrize(
        ("operation", "payments", "expected"),
        [
            (replace(OPERATION, committed=date(2021, 6, 30)), [SIGNED], ()),
            (replace(OPERATION, committed=date(2021, 7, 1)), [], ("COMMITMENT_LATE",)),
            (replace(OPERATION, committed=date(2021, 9, 30), redeployed=True), [], ()),
            (replace(OPERATION, committed=None, granted=None), [], ("NOT_COMMITTED",)),
            (replace(OPERATION, agreed=None), [SIGNED], ("AGREEMENT_NOT_SIGNED",)),
            (replace(OPERATION, programme="aap_dui", committed=None), [], ()),
        ],
    )
    def test_warns(self, operation: Operation, payments: list[OperationPayment], expected: tuple[str, ...]) -> None:
        assert warnings(operation, payments, TODAY) == expected


def decided(
    outcome: Any, *instalments: Instalment, identifier: str = "d1", at: str = "2022-07-15T10:00:00+02:00"
) -> Decided:
    record = DecisionRecord(
        identifier, "sun_es_v1", "ars:53", "ars", at, "2022-07-15", "sun1_payments", {}, outcome, {},
        "region@2#abc", (),
        instalments,
    )  # fmt: skip
    return Decided("f1", "350000048", "350000022", "USAGE_NOTIFIED", "SUN1-R25", record)


class TestPaymentOrders:
    def test_one_row_an_instalment_of_a_firm_decision(self) -> None:
        table = payment_orders([decided({"usage": "12600.00"}, Instalment("usage", 1_260_000), Instalment("bonus", 5))])
        assert rows(table, *(field.name for field in table.fields)) == [
            ("f1", "350000048", "350000022", "sun_es_v1", name, cents, "d1", date(2022, 7, 15), "SUN1-R25",
             "region@2#abc", "USAGE_NOTIFIED")
            for name, cents in (("usage", 1_260_000), ("bonus", 5))
        ]  # fmt: skip

    @pytest.mark.parametrize("outcome", [{"indicative": True}, {"error": "parameter_missing:forfait"}])
    def test_nothing_is_ordered_from_what_is_not_firm(self, outcome: dict[str, Any]) -> None:
        one = decided(outcome, Instalment("usage", 1))
        assert not firm(one.record)
        assert list(payment_orders([one]).rows) == []

    def test_money_that_comes_back_is_below_zero_and_no_formula(self) -> None:
        table = payment_orders([decided({}, Instalment("restitution", -15_000_000))])
        assert ";-150000.00;" in render(table, "csv").decode()

    def test_are_in_the_order_of_their_days(self) -> None:
        late = decided({}, Instalment("usage", 2), identifier="d2", at="2023-07-15T10:00:00+02:00")
        early = decided({}, Instalment("advance", 1), identifier="d3")
        assert rows(payment_orders([late, early]), "versement") == [("advance",), ("usage",)]
