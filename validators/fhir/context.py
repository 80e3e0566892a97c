"""What the walk, the profiles and the rules written by hand share in one check: where findings go, what `#id` is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from validators.fhir.asking import Terminology, Unanswered
from validators.fhir.codes import CodeSet
from validators.fhir.definitions import Definitions
from validators.fhir.fhirpath import Environment, FhirPathError
from validators.fhir.narrative import html_check
from validators.fhir.shapes import Shape
from validators.messages import rule
from validators.report import REFUSING, Report, Severity

if TYPE_CHECKING:
    from validators.fhir.bundle import BundleIndex
    from validators.fhir.invariants import Invariant
    from validators.fhir.profiles import ProfileSet

Json = dict[str, Any]

_REFERENCE: Final = re.compile(
    r"(?:^|/)(?P<type>[A-Z][A-Za-z]+)(?:/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?(?:#.*)?$|\?.)"
)
_SHOWN: Final = 160
_LISTED: Final = 12


class Context:
    """One check: its report, the definitions, and the resource whose `contained` answers references.

    `index` answers references inside a Bundle, `base` is the fullUrl of the entry being walked. `code_systems` holds
    the systems of codings already judged, each with its definition where one is loaded. The same cause is said once:
    base rules and several profiles may all find the same element missing. `terminology` is who is asked what cannot be
    told here, None when nobody is. `unknown_systems` are those of
    which nobody can say anything. `found` counts whatever was found wrong, said or not.
    """

    __slots__ = (
        "_environment", "_ids", "_seen", "base", "code_systems", "container", "definitions", "element_ids", "found",
        "index", "mentioned", "profiles", "report", "resource", "terminology", "unknown_systems",
    )  # fmt: skip

    def __init__(
        self,
        definitions: Definitions,
        report: Report,
        profiles: ProfileSet | None = None,
        terminology: Terminology | None = None,
    ) -> None:
        self.definitions = definitions
        self.profiles = profiles
        self.terminology = terminology
        self.report = report
        self.container: Json = {}
        self.resource: Json = {}
        self.mentioned: set[str] = set()
        self.element_ids: set[str] = set()
        self.found = 0
        self._environment: Environment | None = None
        self.index: BundleIndex | None = None
        self.base: str | None = None
        self.code_systems: dict[str, Json | None] = {}
        self.unknown_systems: set[str] = set()
        self._ids: dict[str, Json] | None = None
        self._seen: set[tuple[str, str, object, object]] = set()

    def aside(self) -> Context:
        """The same surroundings with a report of its own, for a question that is not to be reported."""
        twin = Context(self.definitions, Report(), self.profiles, self.terminology)
        twin.container, twin.resource, twin.index, twin.base = self.container, self.resource, self.index, self.base
        return twin

    def add(self, rule_id: str, location: str, severity: Severity | None = None, **params: Any) -> None:
        """Record a finding, unless the same rule already spoke about the same element at this place."""
        self.found += 1
        key = (rule_id, location, params.get("element") or params.get("key"), params.get("slice"))
        if key not in self._seen:
            self._seen.add(key)
            self.report.add(rule(rule_id), location, severity=severity, **params)

    def violated(self, invariant: Invariant, place: str, since: int = 0, profile: str = "") -> None:
        """Record that a constraint is not kept, unless an error found `since` at the same element already says why."""
        self.found += 1
        if not any(self._explains(issue.location, place) for issue in self.report.issues[since:]
                   if issue.severity in REFUSING):  # fmt: skip
            severity = Severity.ERROR if invariant.severity == "error" else Severity.WARNING
            self.add("FHIR-INVARIANT", place, severity, key=invariant.key, human=invariant.human,
                     expression=invariant.expression, profile=profile or "FHIR R4")  # fmt: skip

    @staticmethod
    def _explains(location: str, place: str) -> bool:
        """Whether a place is the element itself or a child of it (`max` is no part of `maxLength`)."""
        below = location.removeprefix(place)
        return location.startswith(place) and below[:1] in ("", ".", "[") and "." not in below[1:]

    def judge(
        self, rules: Iterable[Invariant], value: object, shape: Shape | str, place: str, since: int, profile: str = ""
    ) -> None:
        """Check constraints at a value of a shape, or of a primitive type by name."""
        for invariant in rules:
            native = invariant.native
            if not (native(value) if native is not None else self._holds(invariant, value, shape, place)):
                self.violated(invariant, place, since, profile)

    def _holds(self, invariant: Invariant, value: object, shape: Shape | str, place: str) -> bool:
        if self._environment is None:
            self._environment = Environment(
                resource=self.resource, root=self.container, resolve=self.resolve, member_of=self._member_of,
                html_check=html_check,
            )  # fmt: skip
        try:
            return invariant.holds(value, shape, self.definitions, self._environment)
        except FhirPathError as problem:
            self.add(
                "FHIR-INVARIANT-UNDECIDED", place, key=invariant.key, found=problem, expression=invariant.expression
            )
            return True

    def _member_of(self, value: object, url: str) -> bool:
        """What `memberOf(url)` answers; where nobody can tell, nothing may be held against the sender.

        Raises:
            FhirPathError: the value set is unknown, or cannot be decided for this value.
        """
        answer = self.member(value, url, self.value_set(url))
        if answer is None:
            raise FhirPathError(f"the value set {shown(url)} cannot be decided here")
        return answer

    def value_set(self, url: str) -> CodeSet | None:
        """A value set by canonical, loaded or of R4."""
        found = self.profiles.value_set(url) if self.profiles is not None else None
        return found or self.definitions.value_set(url)

    def member(self, value: object, url: str, codes: CodeSet | None) -> bool | None:
        """Whether a coded value belongs to a value set, asked elsewhere when it cannot be told here."""
        answer = codes.judge(value) if codes is not None else None
        named = url.partition("|")[0]
        if answer is not None or self.terminology is None or type(value) is not dict or named[:1] in ("", "#"):
            return answer
        codings = value.get("coding", [value])
        answers = [self._asked(coding, named) for coding in (codings if type(codings) is list else ())]
        return True if True in answers else None if None in answers or not answers else False

    def _asked(self, coding: object, url: str) -> bool | None:
        system, code = (coding.get("system"), coding.get("code")) if type(coding) is dict else (None, None)
        return self.ask(system, code, url) if type(system) is str and type(code) is str else None

    def ask(self, system: str, code: str, value_set: str = "") -> bool | None:
        """What the terminology server says of a code; when it does not answer this is said, and it is left alone."""
        if self.terminology is None:
            return None
        try:
            return self.terminology.member(system, code, value_set)
        except Unanswered as problem:
            self.terminology = None
            self.add("FHIR-TX-UNANSWERED", str(self.resource.get("resourceType", "")), found=problem)
            return None

    def invariant(self, key: str, place: str) -> None:
        """Record that a constraint of the definitions, kept by a rule written by hand, is not kept."""
        self.violated(self.definitions.invariant(key), place, len(self.report.issues))

    def enter(self, resource: Json) -> Json:
        """Make `resource` the one that answers `#id`; returns the one that did, to be given back to `enter`."""
        previous = self.container
        self.container = resource
        self._ids = None
        self.mentioned = set()
        self.focus(resource)
        return previous

    def is_outside(self, node: Json) -> bool:
        """Whether an object is a resource that answers `#id` itself, and not the one that does so now."""
        if "resourceType" not in node or node is self.container:
            return False
        contained = self.container.get("contained")
        return not any(node is one for one in (contained if isinstance(contained, list) else ()))

    @contextmanager
    def inside(self, resource: Json) -> Iterator[None]:
        """Make `resource` the one that answers `#id` for a while; `%resource` stays what it was."""
        before = self.container, self._ids, self._environment
        self.container, self._ids, self._environment = resource, None, None
        yield
        self.container, self._ids, self._environment = before

    def focus(self, resource: Json) -> Json:
        """Make `resource` the nearest one (`%resource`); returns the one that was."""
        previous = self.resource
        self.resource = resource
        self.element_ids = set()
        self._environment = None
        return previous

    def contained(self, reference: str) -> Json | None:
        """What `#id` points to in the container (`#` is the container itself); None when nothing does."""
        if reference == "#":
            return self.container
        if self._ids is None:
            contained = self.container.get("contained")
            resources = contained if isinstance(contained, list) else []
            self._ids = {str(r.get("id")): r for r in resources if isinstance(r, dict)}
        return self._ids.get(reference[1:])

    def contained_type(self, reference: str) -> str | None:
        """The type of what `#id` points to in the container; None when nothing does."""
        found = self.contained(reference)
        return None if found is None else str(found.get("resourceType"))

    def resolve(self, reference: str) -> Json | None:
        """The resource a reference points to, among the contained ones or in the Bundle; None when it is elsewhere."""
        if reference.startswith("#"):
            return self.contained(reference)
        return self.index.resolve(reference, self.base) if self.index is not None else None

    def lookup(self, canonical: str) -> Json | None:
        """A definitional resource (Questionnaire, Measure…) by canonical: contained, in the Bundle, or loaded."""
        if canonical.startswith("#"):
            return self.contained(canonical)
        return self.profiles.resource(canonical) if self.profiles is not None else None

    def reference_type(self, reference: Json) -> str | None:
        """The resource type a Reference names, from its text or its `type`; None when it cannot be told offline."""
        text = reference.get("reference")
        if type(text) is not str:
            named = reference.get("type")
        elif text.startswith("#"):
            named = self.contained_type(text)
        else:
            match = _REFERENCE.search(text)
            named = match["type"] if match else self._resolved_type(text)
        return named if type(named) is str and named in self.definitions.resource_types else None

    def _resolved_type(self, text: str) -> object:
        found = self.resolve(text)
        return found.get("resourceType") if found is not None else None


def shown(value: object) -> str:
    """A received value as it may appear in a sentence: short, on one line."""
    if isinstance(value, int) and value.bit_length() > _SHOWN * 3:
        return "…"  # Python refuses to write out a number of thousands of digits
    text = str(value) if not isinstance(value, dict) else _coding_text(value)
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def described(codes: CodeSet) -> str:
    """A value set as it may appear in a sentence: its canonical, and its codes when they are few."""
    members = sorted(codes.codes)
    return f"{codes.url} {{{', '.join(members)}}}" if 0 < len(members) <= _LISTED else codes.url


def _coding_text(value: Json) -> str:
    codings = value.get("coding", [value])
    listed = codings if isinstance(codings, list) else []
    pairs = [f"{c.get('system', '')}|{c.get('code', '')}" for c in listed if isinstance(c, dict)]
    return ", ".join(pairs) or "—"
