"""What an evaluation knows beside its input: the resources around it, and what the host can answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.limits import MAX_WORK
from validators.fhir.fhirpath.model import Item, Json

Resolve = Callable[[str], "Json | None"]
Judge = Callable[[Any, str], "bool | None"]

_NO_ITEMS: Final[list[Item]] = []
_NAMES: Final = {
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "ucum": "http://unitsofmeasure.org",
}
_VALUE_SET: Final = "http://hl7.org/fhir/ValueSet/"
_EXTENSION: Final = "http://hl7.org/fhir/StructureDefinition/"


class Environment:
    """One a root resource; the walk moves `resource` as it enters contained resources and entries.

    Attributes:
        resource: `%resource`, the nearest resource around the input.
        root: `%rootResource`, the container of a contained resource (default: `resource`).
        resolve: the resource a reference leads to, None when it is not at hand; `#id` needs no help.
        member_of: whether a code, Coding or CodeableConcept is in a value set, None when that cannot be told.
        conforms_to: whether a value conforms to a profile; None when the profile is not known.
        html_check: whether a narrative's XHTML keeps the rules of FHIR.
        variables: other `%name` values, plain.
        now: the moment of `now()` and `today()`, the same all along (default: that of the first use).
    """

    __slots__ = (
        "conforms_to", "context", "html_check", "index", "member_of", "memo", "now", "resolve", "resource", "root",
        "total", "variables", "work",
    )  # fmt: skip

    def __init__(
        self,
        resource: Json | None = None,
        root: Json | None = None,
        *,
        resolve: Resolve | None = None,
        member_of: Judge | None = None,
        conforms_to: Judge | None = None,
        html_check: Callable[[str], bool] | None = None,
        variables: Mapping[str, Any] | None = None,
        now: datetime | None = None,
    ) -> None:
        self.resource = resource
        self.root = root if root is not None else resource
        self.resolve = resolve
        self.member_of = member_of
        self.conforms_to = conforms_to
        self.html_check = html_check
        self.variables: dict[str, Any] = dict(variables or {})
        self.now = now
        # The state of the evaluation in progress.
        self.context: list[Item] = []
        self.index = 0
        self.total: list[Item] = _NO_ITEMS
        self.work = 0
        self.memo: dict[object, Any] = {}

    def begin(self, context: list[Item]) -> None:
        """Start an evaluation on this input."""
        self.context = context
        self.index = self.work = 0
        self.total = _NO_ITEMS
        if self.memo:
            self.memo = {}

    def moment(self) -> datetime:
        """The moment of `now()`."""
        if self.now is None:
            self.now = datetime.now(UTC)
        return self.now

    def spend(self, count: int) -> None:
        """Count items produced.

        Raises:
            FhirPathError: more than `MAX_WORK` in one evaluation.
        """
        self.work += count
        if self.work > MAX_WORK:
            raise FhirPathError(f"evaluation stopped after {MAX_WORK} items")


def constant(name: str) -> str | None:
    """The URL behind `%sct`, `%loinc`, `%ucum`, `%vs-…` and `%ext-…` (FHIR R4, fhirpath.html#variables)."""
    if name.startswith("vs-"):
        return _VALUE_SET + name[3:]
    if name.startswith("ext-"):
        return _EXTENSION + name[4:]
    return _NAMES.get(name)
