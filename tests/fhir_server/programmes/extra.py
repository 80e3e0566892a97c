"""A programme of a third party, as small as one can be: what is asked is granted once both have said so."""

from __future__ import annotations

from datetime import date

from indicators.measures import Figure
from indicators.money import parse_euros
from indicators.programmes.dates import Period
from indicators.programmes.decisions import Instalment
from indicators.programmes.errors import RuleError
from indicators.programmes.life import Entry, Life, Needs, Ruling, View
from indicators.programmes.machine import Facts, Guard, Machine, Notice, Transition, holds
from indicators.programmes.model import Op, Programme, Rule
from indicators.programmes.parameters import ParameterSet
from indicators.programmes.standing import attempt
from indicators.programmes.wanted import Wanted

MACHINE = Machine(
    id="extra.grant",
    initial="DRAFT",
    transitions=(
        Transition("DRAFT", "ASKED", "establishment", "X-R01",
                   (Guard("amount_given", ("AMOUNT_MISSING",)), Guard("signed", ("SIGNATURE_MISSING",)))),
        Transition("DRAFT", "FORGOTTEN", "clock", "X-R02", (Guard("old", ("STILL_YOUNG",)),)),
        Transition("ASKED", "GRANTED", "ARS", "X-R03", (Guard("agreed", ("NOT_AGREED",)),
                   Guard("credits_left", ("CREDITS_EXHAUSTED",))),
                   (Notice("establishment", "montant accordé", "amount granted"),)),
        Transition("ASKED", "REFUSED", "ARS", "X-R03"),
        Transition("GRANTED", "AUDITED", "DGOS", "X-R04"),
    ),
    pays=frozenset({"GRANTED"}),
)  # fmt: skip


def grant(asked: str, letters: int = 0) -> dict[str, object]:
    """X-R03."""
    return {"granted": asked, "letters": letters}


def _facts(view: View, target: str) -> Facts:
    if view.parameters.find("forgets") is not None:
        raise RuleError(f"unknown_year:{view.key.get('year')}")
    asked = parse_euros(str(view.entries.get("asked", "0.00")))
    if view.entries.get("asked") == "13.13":
        raise RuleError("unlucky_amount")
    known: Facts = {
        "amount_given": holds(asked > 0, "AMOUNT_MISSING"),
        "signed": holds(view.entries.get("signed") is True, "SIGNATURE_MISSING"),
        "old": holds(view.day >= date(2030, 1, 1), "STILL_YOUNG"),
        "agreed": holds(view.entries.get("agreed") is True, "NOT_AGREED"),
        "credits_left": attempt(lambda: _credits(view, asked)),
    }
    wanted = {guard.fact for guard in MACHINE.transition(view.state, target).guards}
    return {name: fact for name, fact in known.items() if name in wanted}


def _credits(view: View, asked: int) -> tuple[str, ...]:
    left = view.parameters.cents("credits", view.day) - view.committed - asked
    return () if left >= 0 else ("CREDITS_EXHAUSTED",)


def _ruling(view: View, target: str) -> Ruling | None:
    if target != "GRANTED":
        return None
    cents = parse_euros(view.entries["asked"])
    inputs = {"asked": view.entries["asked"], "letters": _letters(view.figures)}
    return Ruling("extra_grant", inputs, (Instalment("grant", cents),), cents, "notification")


def _letters(figures: object) -> int:
    assert isinstance(figures, list | tuple)
    return sum(figure.numerator for figure in figures if isinstance(figure, Figure))


def _needs(view: View) -> Needs:
    if view.key.get("year") == "1999" or view.parameters.find("forgets") is not None:
        raise RuleError(f"unknown_year:{view.key.get('year')}")
    return Needs(("I-SUN1-LDL",), Period(date(2026, 1, 1), date(2026, 12, 31))) if view.state == "ASKED" else Needs()


LIFE = Life(
    machine=MACHINE,
    entries=(
        Entry("asked", "euros", ("establishment",), "montant demandé", "amount asked"),
        Entry("signed", "bool", ("establishment",), "signature", "signature"),
        Entry("kind", "text", ("establishment",), "nature", "kind", choices=("one", "other")),
        Entry("agreed", "bool", ("ARS",), "accord", "agreement", ("ASKED",)),
    ),
    facts=_facts,
    ruling=_ruling,
    needs=_needs,
    key={"year": (), "part": ("a", "b")},
    envelope="credits:<region>",
)

PROGRAMME = Programme(
    id="extra",
    title_fr="Programme d'essai",
    title_en="Test programme",
    version="1",
    rules=(Rule("X-R03", "Accord.", "Grant.", "X §1", "SOURCE", date(2020, 1, 1), functions=(grant,)),),
    parameters=ParameterSet("extra-sources"),
    measures=("I-SUN1-LDL",),
    machines=(MACHINE,),
    ops=(Op("extra_grant", grant),),
    wanted=(
        Wanted("X-CFG-1", "credits", "euros", "ARS", "nothing is granted"),
        Wanted("X-CFG-2", "forgets", "flag", "ARS", "every year is known"),
    ),
    lives=(LIFE,),
)
