"""Invariants: the constraints of the definitions, judged by a rule written here or by their FHIRPath expression."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from validators.fhir.artefact import InvariantDef

if TYPE_CHECKING:
    from validators.fhir.definitions import Definitions
    from validators.fhir.fhirpath import Environment, Expression, FhirPathError
    from validators.fhir.shapes import Shape

Json = dict[str, Any]


ERRATA: Final[Mapping[str, str]] = {
    "que-12": "enableWhen.count() > 1 implies enableBehavior.exists()",
    "que-7": "operator = 'exists' implies (answer is boolean)",
    "app-4": "cancelationReason.exists() implies (status = 'noshow' or status = 'cancelled')",
    "cid-0": "true",
    "ras-1": "ofType(Range).all((low.empty() or (low.code = '%' and low.system = %ucum))"
    " and (high.empty() or (high.code = '%' and high.system = %ucum)))",
    "tim-9": "offset.empty() or (when.exists() and when.where($this in ('C' | 'CM' | 'CD' | 'CV')).empty())",
}
"""Expressions of 4.0.1 that do not say what their own sentence says, corrected: que-12 asks for more than two where its
sentence says more than one, que-7 names another type than it means, app-4 a code that does not exist, cid-0 a name that
its resource does not have, ras-1 the parts of a Range where there may be a decimal, and tim-9 cannot be evaluated on
several codes."""


class Invariant:
    """One constraint; its expression is compiled when first judged, once for each type that it is judged on.

    `ours` says that the constraint is R4's own, for which there may be a correction or a rule written here; the same
    key in a profile may mean something else.
    """

    def __init__(self, definition: InvariantDef, *, ours: bool = True) -> None:
        self.key = definition.key
        self.severity = definition.severity
        self.human = definition.human
        self.expression = ERRATA.get(definition.key, definition.expression) if ours else definition.expression
        self.native: Callable[[Any], bool] | None = NATIVE.get(definition.key) if ours else None
        self._compiled: dict[str, Expression | FhirPathError] = {}

    def holds(self, value: object, shape: Shape | str, definitions: Definitions, environment: Environment) -> bool:
        """Whether the constraint is kept at `value`; what cannot be evaluated is not held against the sender.

        Raises:
            FhirPathError: the expression does not compile or cannot be evaluated here.
        """
        if self.native is not None:
            return self.native(value)
        name = shape if isinstance(shape, str) else shape.name
        compiled = self._compiled.get(name)
        if compiled is None:
            compiled = self._compiled[name] = self._compile(name, definitions)
        if isinstance(compiled, Exception):
            raise compiled.with_traceback(None)
        return compiled.holds(value, shape, environment)

    def _compile(self, name: str, definitions: Definitions) -> Expression | FhirPathError:
        from validators.fhir.fhirpath import FhirPathError, compile_expression

        try:
            return compile_expression(self.expression, definitions, name if "." not in name else None)
        except FhirPathError as problem:
            return problem


def _period(node: Json) -> bool:
    """per-1: start is not after end, compared as far as both are precise."""
    start, end = node.get("start"), node.get("end")
    if type(start) is not str or type(end) is not str:
        return True
    return not _certainly_after(start, end)


def _certainly_after(start: str, end: str) -> bool:
    if "T" in start and "T" in end:
        if start[-6:] == end[-6:] or (start[-1] == end[-1] == "Z"):
            return start[:19] > end[:19]
        from datetime import datetime

        try:
            return datetime.fromisoformat(start) > datetime.fromisoformat(end)
        except (ValueError, TypeError):
            return False
    length = min(len(start), len(end), 10)
    return start[:length] > end[:length]


def _has(node: Json, name: str) -> bool:
    """Whether an element is there, if only with its extensions."""
    return name in node or f"_{name}" in node


def _attachment(node: Json) -> bool:
    """att-1: content comes with its type."""
    return not _has(node, "data") or _has(node, "contentType")


def _quantity(node: Json) -> bool:
    """qty-3: a coded unit names its system."""
    return not _has(node, "code") or _has(node, "system")


def _contact_point(node: Json) -> bool:
    """cpt-2: a value names its kind."""
    return not _has(node, "value") or _has(node, "system")


NATIVE: Final[Mapping[str, Callable[[Any], bool]]] = {
    "per-1": _period,
    "att-1": _attachment,
    "qty-3": _quantity,
    "cpt-2": _contact_point,
}
"""The constraints met on almost every document, in Python; a test compares each with its expression."""

BY_WALK: Final = frozenset({"dom-2", "dom-3", "dom-4", "dom-5", "txt-1", "txt-2", "ref-1"}
                           | {f"bdl-{n}" for n in range(1, 13)})  # fmt: skip
"""Constraints that the walk, the narrative and the Bundle rules keep themselves."""

WRITTEN_OUT: Final[dict[str, Invariant]] = {
    key: Invariant(InvariantDef(key, "error", human, expression))
    for key, human, expression in (
        ("ele-1", "An element has a value or children", "hasValue() or (children().count() > id.count())"),
        ("ext-1", "An extension has either extensions or a value, not both", "extension.exists() != value.exists()"),
    )
}
"""The constraints of every element and every extension, which the compiled definitions do not repeat."""
