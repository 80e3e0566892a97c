"""The page about programmes, written from their registry: texts, rules, state machines, parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from indicators.programmes import Programme
    from indicators.programmes.life import Entry, Life
    from indicators.programmes.machine import Guard, Machine, Transition


class Markdown(Protocol):
    """What the page needs of `generate.py`: plain words, code, a table."""

    words: Callable[[str], str]
    code: Callable[[object], str]
    table: Callable[[Sequence[str], Iterable[Sequence[str]]], Iterator[str]]


def programmes_page(md: Markdown) -> Iterator[str]:
    """Every programme of the registry."""
    from indicators.programmes import programmes
    from indicators.programmes.sources import TEXTS

    yield from (
        "# Programmes", "",
        "What each funding programme says, in our own words, and what applies it. `SOURCE`: the text says so.",
        "`PUBLIC`: found on a public page. `CONFIG`: somebody has to supply it. `CONV`: a reading, until somebody",
        "confirms it; a result that leans on one is *indicative* and moves no payment state.", "",
        "A rule is applied by the functions named beside it, or is *declared only*, with the reason why nothing is",
        "computed. The version in force is that of the date of the decision.", "",
        "## Texts", "",
    )  # fmt: skip
    rows = ([md.code(text.alias), md.words(text.title_en), md.words(text.state_en)] for text in TEXTS)
    yield from md.table(("Text", "What it is", "What is known of it"), rows)
    for found in programmes().values():
        yield from _programme(md, found)


def _programme(md: Markdown, found: Programme) -> Iterator[str]:
    from indicators.programmes.describe import function_name

    yield from (f"## {found.id}", "", f"{md.words(found.title_en)} ({md.words(found.title_fr)}), {found.version}.", "")
    if found.versions:
        yield from ("Versions: " + ", ".join(f"{v.id} from {v.effective_from}" for v in found.versions) + ".", "")
    if found.measures:
        yield from ("It reads " + ", ".join(f"[{m}](measures.md#{m.lower()})" for m in found.measures) + ".", "")
    for rule in found.rules:
        until = f" to {rule.effective_to}" if rule.effective_to else ""
        applied = ", ".join(md.code(function_name(function)) for function in rule.functions)
        yield from (f"### {rule.id}", "", f"{rule.source} · {rule.mark} · from {rule.effective_from}{until}", "")
        yield from (f"> fr: {md.words(rule.statement_fr)}", ">", f"> en: {md.words(rule.statement_en)}", "")
        yield from (f"Applied by {applied}." if applied else f"*Declared only*: {md.words(rule.declared)}.", "")
    for machine in found.machines:
        yield from _machine(md, machine)
    for life in found.lives:
        yield from _entries(md, life)
    yield from _parameters(md, found)


def _machine(md: Markdown, machine: Machine) -> Iterator[str]:
    yield from (f"### Moves of {machine.id}", "")
    pays = ", ".join(md.code(state) for state in machine.states if state in machine.pays)
    yield from (f"States that take firm facts only: {pays}.", "")
    heads = ("From", "To", "Who", "Rule", "Needs, else the reasons", "Told")
    yield from md.table(heads, (_move(md, row) for row in machine.transitions))


def _move(md: Markdown, row: Transition) -> list[str]:
    needs = "; ".join(_guard(md, guard) for guard in row.guards)
    told = "; ".join(f"{notice.to}: {md.words(notice.content_en)}" for notice in row.notices)
    when = f" ({row.when})" if row.when else ""
    return [md.code(row.source), md.code(row.target) + when, row.actor, row.rule, needs, told]


def _guard(md: Markdown, guard: Guard) -> str:
    return f"{md.words(guard.fact)}: " + ", ".join(md.code(reason) for reason in guard.reasons)


def _entries(md: Markdown, life: Life) -> Iterator[str]:
    yield from (f"### Entries of {life.machine.id}", "")
    if life.key:
        yield from ("A file is about one " + ", one ".join(md.code(name) for name in life.key) + ".", "")
    heads = ("Entry", "Holds", "Who", "In", "What")
    yield from md.table(heads, (_entry(md, one, life.machine.initial) for one in life.entries))


def _entry(md: Markdown, entry: Entry, initial: str) -> list[str]:
    inner = ", ".join(md.code(one.name) for one in entry.parts) or ", ".join(md.words(one) for one in entry.choices)
    states = ", ".join(md.code(state) for state in entry.in_states or (initial,))
    holds = f"{entry.kind}: {inner}" if inner else entry.kind
    return [md.code(entry.name), holds, ", ".join(entry.by), states, md.words(entry.label_en)]


def _parameters(md: Markdown, found: Programme) -> Iterator[str]:
    yield from (f"### Values of {found.id}", "")
    entries = found.parameters.entries
    rows = ([md.code(p.name), shown(p.value), p.mark, md.words(p.source)] for p in entries)
    yield from md.table(("Parameter", "Value", "Mark", "Source"), rows)
    yield from (f"### To supply for {found.id}", "", "Nobody's guess: without it the answer names it.", "")
    heads = ("Id", "Parameter", "Type", "Who holds it", "Without it")
    wanted = (
        [w.id, md.code(w.name), ", ".join(w.choices) or w.kind, md.words(w.holder), md.words(w.absent)]
        for w in found.wanted
    )
    yield from md.table(heads, wanted)


def shown(value: Any) -> str:
    """A value of a parameter in a cell."""
    if isinstance(value, dict):
        return "; ".join(f"{name}: {shown(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return str(value)
