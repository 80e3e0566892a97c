"""One parameter of a query as a criterion: its name, its modifier, the chain it follows (FHIR R4, search.html)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from fhir_server.fhir.http import Refusal
from fhir_server.fhir.indexing.parameters import Parameter, parameters_of
from fhir_server.fhir.search.operands import Malformed, split
from fhir_server.fhir.search.typed import MODIFIERS, read, targets
from fhir_server.store.criteria import Criterion

DEEPEST: Final = 3
"""Steps of a chain."""
MOST_VALUES: Final = 200
"""Values of one parameter."""


class Unknown(Refusal):
    """A parameter or modifier that is not known: refused, or left out where the client says so (`Prefer`)."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(400, "SEARCH-PARAMETER", name=name, known=", ".join(sorted(known)))
        self.name = name


def criterion(kind: str, name: str, text: str, base: str | None = None) -> Criterion:
    """A criterion on resources of a type.

    Args:
        kind: the type.
        name: as in the query: a parameter with its modifier, or a chain of them.
        text: its values, with commas between them.
        base: the address of this server, which references to us may begin with; None takes any address for ours.

    Raises:
        Refusal: 400, an unknown parameter or modifier (`Unknown`), or a value of another kind.
    """
    return _Reading(name, text, base).on(kind, name)


def criteria(kind: str, items: Iterable[tuple[str, str]], base: str | None = None) -> tuple[Criterion, ...]:
    """The criteria of a condition (`If-None-Exist`, a conditional update): parameters alone, nothing about an answer.

    Raises:
        Refusal: as `criterion`.
    """
    return tuple(criterion(kind, name, text, base) for name, text in items)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One parameter of the query, whole, for what is said of it; `depth` are the steps of a chain so far."""

    name: str
    text: str
    base: str | None
    depth: int = 0

    def on(self, kind: str, name: str) -> Criterion:
        """What (the rest of) the name asks of resources of a type."""
        if "\0" in self.text:
            raise self._malformed("text")
        known = parameters_of(kind)
        head, _, modifier = name.partition(":")
        if head == "_has":
            return self._has(name)
        if head in known and "." not in modifier:
            return self._of(kind, known[head], modifier)
        if "." in name:
            return self._chain(known, name)
        raise Unknown(self.name, [*known, "_has"])

    def _of(self, kind: str, param: Parameter, modifier: str) -> Criterion:
        if modifier == "missing" and not param.column:
            if self.text not in ("true", "false"):
                raise self._malformed("true, false")
            return _missing(kind, param, absent=self.text == "true")
        if modifier and not _takes(param, modifier):
            raise Unknown(self.name, (f"{param.name}:{one}" for one in ("missing", *MODIFIERS.get(param.kind, ()))))
        values = split(self.text, ",")
        if len(values) > MOST_VALUES:
            raise self._malformed(f"≤ {MOST_VALUES}")
        try:
            return _composite(kind, param, self.base, values) if param.components else (
                read(kind, param, modifier, self.base, values)
            )  # fmt: skip
        except Malformed as malformed:
            raise self._malformed(str(malformed)) from None

    def _malformed(self, expected: str) -> Refusal:
        return Refusal(400, "SEARCH-PARAMETER", name=self.name, known=expected)

    def _next(self) -> _Reading:
        if self.depth == DEEPEST:
            raise self._malformed(f"≤ {DEEPEST} × “.”")
        return replace(self, depth=self.depth + 1)

    def _chain(self, known: Mapping[str, Parameter], name: str) -> Criterion:
        """`patient.identifier`, `author:Practitioner.name`: what the reference leads to meets the rest."""
        step, _, rest = name.partition(".")
        head, _, wanted = step.partition(":")
        param = known.get(head)
        if param is None or param.kind != "reference":
            raise Unknown(self.name, known)
        links, missing = [], [f"{head}:[type].{rest}"]
        for target in _leads_to(param, wanted):
            try:
                inner = self._next().on(target, rest)
            except Unknown:
                missing = [f"{head}.{one}" for one in parameters_of(target)]
            else:
                links.append(Criterion(head, test="linked", types=(target,), inner=(inner,)))
        if not links:
            raise Unknown(self.name, missing)
        return links[0] if len(links) == 1 else Criterion("", test="either", inner=tuple(links))

    def _has(self, name: str) -> Criterion:
        """`_has:DocumentReference:patient:type`: a resource refers to this one by a parameter, and meets the rest."""
        _, kind, param, rest = (name.split(":", 3) + [""] * 4)[:4]
        known = parameters_of(kind)
        if param not in known or known[param].kind != "reference" or not rest:
            raise Unknown(self.name, (f"_has:{kind}:{one}:…" for one in references(kind)))
        return Criterion(param, test="has", types=(kind,), inner=(self._next().on(kind, rest),))


def references(kind: str) -> list[str]:
    """The parameters of a type that are references."""
    return [name for name, what in parameters_of(kind).items() if what.kind == "reference"]


def _leads_to(param: Parameter, wanted: str) -> tuple[str, ...]:
    """The types of a step: those of the reference, or the one of them that is named."""
    if not wanted:
        return targets(param)
    return (wanted,) if not param.targets or wanted in param.targets else ()


def _takes(param: Parameter, modifier: str) -> bool:
    if param.column:
        return False
    if param.kind == "reference" and modifier[:1].isupper():
        return bool(_leads_to(param, modifier)) and bool(parameters_of(modifier))
    return modifier in MODIFIERS.get(param.kind, ())


def _missing(kind: str, param: Parameter, *, absent: bool) -> Criterion:
    if param.components:
        each = tuple(_missing(kind, parameters_of(kind)[one], absent=False) for one in param.components)
        return Criterion("", test="all", inner=each, negated=absent)
    return Criterion(param.name, test="present", negated=absent)


def _composite(kind: str, param: Parameter, base: str | None, values: list[str]) -> Criterion:
    """`a$b`: a value of each component on one resource (decision 0024)."""
    found = []
    for value in values:
        parts = split(value, "$")
        if len(parts) != len(param.components):
            raise Malformed("$".join(param.components))
        named = zip(param.components, parts, strict=True)
        each = tuple(read(kind, parameters_of(kind)[one], "", base, [part]) for one, part in named)
        found.append(Criterion("", test="all", inner=each))
    return found[0] if len(found) == 1 else Criterion("", test="either", inner=tuple(found))
