"""Every operation that computes something, beside the naive way, on inputs nobody chose."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.programmes import operations
from indicators.programmes.casefile import answer
from indicators.programmes.sun_es_volet1 import usage_window
from tests.indicators.programmes import naive

OPS = operations()
SITES, ENTITIES = ("350000042", "350000099"), ("350000001", "350000002")
F1 = usage_window("F1").measure
UNHURRIED = settings(deadline=None, max_examples=60)
COUNTED = settings(deadline=None, max_examples=20)  # each example fills an engine


def ask(op: str, **inputs: Any) -> Any:
    return answer(OPS[op].run, inputs)


def instants(start: date, end: date) -> st.SearchStrategy[str]:
    """Days, and instants around local midnight, near both ends of a period and between them."""
    near = [start + timedelta(n) for n in range(-2, 3)] + [end + timedelta(n) for n in range(-2, 3)]
    days = st.one_of(st.sampled_from(near), st.dates(start - timedelta(40), end + timedelta(40)))
    hours = st.sampled_from(["", "T00:00:00Z", "T21:59:59Z", "T22:00:00Z", "T22:59:59Z", "T23:00:00Z"])
    return st.builds(lambda one, hour: f"{one}{hour}", days, hours)


IN_F1 = instants(F1.start, F1.end)
STATE = {
    "dest": st.sampled_from(["DMP", "DMP", "DMP", "MSSANTE"]),
    "status": st.sampled_from(["accepted", "accepted", "accepted", "rejected"]),
    "ins_status": st.sampled_from(["qualified", "qualified", "provisional", "absent"]),
}
STAYS = st.lists(
    st.fixed_dictionaries(
        {
            "stay_id": st.sampled_from("ABCDEFGH"),
            "finess_geo": st.just(SITES[0]) | st.sampled_from(SITES),
            "discharged_at": IN_F1,
            "flags": st.lists(st.sampled_from(["DECES", "AUTRE"]), max_size=1),
        }
    ),
    max_size=8,
    unique_by=lambda row: row["stay_id"],
)
LETTERS = st.lists(
    st.fixed_dictionaries(
        {
            "doc_id": st.text("xyz", min_size=1, max_size=3),
            "stay_id": st.sampled_from("ABCDEFGHI"),
            "kind": st.sampled_from(["LDL", "LDL", "LDL", "CR_OP"]),
            "finess_geo": st.just(SITES[0]) | st.sampled_from(SITES),
            "deposited_at": IN_F1,
            **STATE,
        }
    ),
    max_size=12,
)
TARGETS = st.integers(0, 10_000).map(lambda n: f"{n // 100}.{n % 100:02d}")


@pytest.mark.slow
class TestFigures:
    """The product counts by SQL, the naive way by loops."""

    @COUNTED
    @given(STAYS, LETTERS, TARGETS, st.integers(-3, 20))
    def test_stays(self, stays: list[naive.Row], documents: list[naive.Row], target: str, late: int) -> None:
        cutoff = F1.end + timedelta(late)
        had, whole = naive.stay_rate(SITES[0], F1.start, F1.end, cutoff, stays, documents)
        found = ask("sun1_stay_rate", doc_kind="LDL", finess_geo=SITES[0], window=1, exclusions=["DECES"],
                    cutoff=cutoff.isoformat(), target_pct=target, stays=stays, documents=documents)  # fmt: skip
        assert (found["numerator"], found["denominator"], found["rate_pct"]) == (had, whole, naive.rate(had, whole))
        assert found["reached"] == (naive.reached(had, whole, Decimal(target)) if whole else None)

    reports = st.lists(
        st.fixed_dictionaries(
            {
                "doc_id": st.uuids().map(str),
                "report_id": st.sampled_from(["R1", "R2", "R3", "R4", "R5", "R6"]),
                "kind": st.sampled_from(["CR_BIO", "CR_BIO", "CR_IMG"]),
                "finess_ej": st.just(ENTITIES[0]) | st.sampled_from(ENTITIES),
                "produced_at": IN_F1,
                "deposited_at": IN_F1,
                **STATE,
            }
        ),
        max_size=10,
    )

    @COUNTED
    @given(reports, st.integers(0, 8), TARGETS)
    def test_reports(self, documents: list[naive.Row], produced: int, target: str) -> None:
        had = naive.report_rate(ENTITIES[0], F1.start, F1.end, F1.end, documents)
        found = ask("sun1_report_rate", doc_kind="CR_BIO", finess_ej=ENTITIES[0], window=1, cutoff=F1.end.isoformat(),
                    target_pct=target, produced_declared=produced, documents=documents)  # fmt: skip
        assert (found["numerator"], found["denominator"], found["rate_pct"]) == (
            had,
            produced,
            naive.rate(had, produced),
        )
        sure = produced and had <= produced
        assert found["reached"] == (naive.reached(had, produced, Decimal(target)) if sure else None)

    @COUNTED
    @given(LETTERS)
    def test_identity(self, documents: list[naive.Row]) -> None:
        found = ask("ins_rate", documents=documents)
        assert (found["numerator"], found["denominator"]) == naive.ins_rate(documents)

    messages = st.lists(
        st.fixed_dictionaries(
            {
                "message_id": st.sampled_from(["<1>", "<2>", "<3>", "<4>"]),
                "from": st.sampled_from(["a@s.mssante.fr", "A@S.mssante.fr", "b@s.mssante.fr", "c@x.mssante.fr"]),
                "sent_at": IN_F1,
                "state": st.sampled_from(["delivered", "delivered", "bounced"]),
            }
        ),
        max_size=10,
    )

    @COUNTED
    @given(messages, st.lists(st.sampled_from(["a@s.mssante.fr", "B@s.mssante.fr"]), max_size=2))
    def test_messages(self, messages: list[naive.Row], addresses: list[str]) -> None:
        found = ask("esms_mss_sent", start=F1.start.isoformat(), end=F1.end.isoformat(), structure_addresses=addresses,
                    messages=messages)  # fmt: skip
        assert found == {"count": naive.messages_sent(F1.start, F1.end, addresses, messages)}


AMOUNTS = st.integers(0, 40_000_000).map(lambda n: f"{n // 100}.{n % 100:02d}")
WEIGHTS = st.dictionaries(st.text("ABCDE", min_size=1, max_size=2), st.integers(1, 400), min_size=1, max_size=6)


class TestMoney:
    """The product counts in cents and fractions, the naive way in decimals."""

    @UNHURRIED
    @given(
        AMOUNTS, st.booleans(), st.sampled_from(["with_usage", "prorata"]), st.booleans(), st.booleans(), st.booleans()
    )
    def test_sun1_payments(
        self, amount: str, claimed: bool, timing: str, accepted: bool, on_target: bool, cro: bool
    ) -> None:
        found = ask("sun1_payments", standard_amount=amount, bonus_claimed=claimed, bonus_timing=timing,
                    accepted=accepted, targets_reached=on_target, cro_reached=cro)  # fmt: skip
        expected = naive.payments(Decimal(amount), claimed, timing, accepted, on_target, cro)
        assert tuple(found.values()) == expected

    @UNHURRIED
    @given(AMOUNTS, st.booleans())
    def test_sun2_payments(self, amount: str, objectives: bool) -> None:
        found = ask("sun2_payments", computed_amount=amount, objectives_reached=objectives)
        capped = min(Decimal(amount), Decimal(100_000))
        first = Decimal(naive.cents(capped * Decimal("0.3")))
        rest = capped - first if objectives else Decimal(0)
        assert tuple(map(Decimal, found.values())) == (capped, first, rest, first + rest)

    @UNHURRIED
    @given(AMOUNTS)
    def test_esms_schedule(self, total: str) -> None:
        found = ask("esms_schedule", total=total)
        part = naive.cents(Decimal(total) * Decimal("0.4"))
        last = naive.cents(Decimal(total) - 2 * Decimal(part))
        assert tuple(found.values()) == (part, part, last)

    @UNHURRIED
    @given(AMOUNTS, WEIGHTS)
    def test_shares(self, amount: str, esms: dict[str, int]) -> None:
        found = ask("esms_prorata", amount=amount, esms_by_ars=esms)
        given_ = naive.largest_remainder(int(Decimal(amount) * 100), esms)
        assert {key: int(Decimal(value) * 100) for key, value in found.items()} == given_

    @UNHURRIED
    @given(st.integers(0, 10**6), st.integers(0, 10**4), WEIGHTS)
    def test_regional_split(self, more: int, floor: int, esms: dict[str, int]) -> None:
        total = floor * len(esms) + more
        found = ask("esms_regional_split", total=total, floor=floor, esms_by_region=esms)
        assert found == naive.regional_split(total, floor, esms)

    results = st.lists(st.integers(0, 300), min_size=5, max_size=5)

    @UNHURRIED
    @given(AMOUNTS, results, st.lists(st.sampled_from(["E4", "E5"]), unique=True, max_size=2))
    def test_usage_part(self, part: str, results: list[int], blocked: list[str]) -> None:
        rows = [
            {"id": f"E{n}", "family": "metier" if n < 4 else "socle", "target": "120", "result": str(result)}
            for n, result in enumerate(results, start=1)
        ]
        found = ask("esms_usage_payment", usage_part=part, criteria=rows, blocked=blocked)
        assert found["payment"] == naive.usage_payment(Decimal(part), rows, blocked)

    @UNHURRIED
    @given(
        st.integers(0, 900),
        st.none() | st.integers(1, 499_999),
        st.lists(st.integers(1, 40), max_size=5),
        st.booleans(),
    )
    def test_national_call(self, n: int, rate: int | None, operators: list[int], with_dui: bool) -> None:
        euros = None if rate is None else f"{rate // 100}.{rate % 100:02d}"
        found = ask(
            "aap_amount", n_esms=n, rate_over_500=euros, small_operators_esms=operators, equipment_with_dui=with_dui
        )
        if n > 500 and rate is None:
            assert found == {"eligible": True, "error": "parameter_missing:rate_over_500"}
            return
        each = 500_000 if n <= 500 else rate or 0
        dui = n * each if n >= 50 else 0
        small = sum(count for count in operators if count < 15)
        equipment = small * 2_000_000 if with_dui and n >= 50 else 0
        assert found["eligible"] == (n >= 50)
        assert [int(Decimal(found[name]) * 100) for name in ("dui", "equipment", "total")] == [
            dui,
            equipment,
            dui + equipment,
        ]


class TestCalendars:
    @UNHURRIED
    @given(st.dates(date(2019, 1, 1), date(2030, 12, 31)))
    def test_three_months_before(self, evaluated: date) -> None:
        found = ask("esms_period", phase="projet", evaluation_date=evaluated.isoformat())
        assert (found["start"], found["end"]) == tuple(day.isoformat() for day in naive.three_months_before(evaluated))

    @UNHURRIED
    @given(st.integers(2016, 2020), st.integers(1, 2), st.integers(2016, 2022), st.integers(1, 2), st.data())
    def test_reports_due(self, year: int, half: int, last_year: int, last_half: int, data: st.DataObject) -> None:
        first, last = f"{year}-S{half}", f"{last_year}-S{last_half}"
        names = [f"{y}-S{h}" for y in range(2015, 2024) for h in (1, 2)]
        received = data.draw(st.lists(st.sampled_from(names)))
        found = ask("cc_reports_due", first=first, last=last, received=received)
        assert found == {"missing": naive.semester_list(first, last, received)}

    @UNHURRIED
    @given(instants(date(2021, 8, 3), date(2021, 10, 20)))
    def test_deposit_of_the_national_call(self, moment: str) -> None:
        inside = date(2021, 8, 3) <= naive.day(moment) <= date(2021, 10, 20)
        assert ask("aap_deposit", deposited_at=moment) == {"accepted": inside}

    @pytest.mark.parametrize("window", [1, 2, 3, 4])
    @UNHURRIED
    @given(data=st.data())
    def test_deposit_of_a_candidature(self, window: int, data: st.DataObject) -> None:
        period = usage_window(window).candidature
        moment = data.draw(instants(period.start, period.end))
        inside = period.start <= naive.day(moment) <= period.end
        assert (ask("sun1_deposit_window", deposited_at=moment)["window"] == window) is inside
