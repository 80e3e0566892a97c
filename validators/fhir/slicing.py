"""Slicing: how the occurrences of an element are told apart (FHIR R4, https://hl7.org/fhir/R4/profiling.html#slicing)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from validators.fhir.values import ABSENT, Item, Resolve, follow, matches, same

if TYPE_CHECKING:
    from validators.fhir.codes import CodeSet
    from validators.fhir.constraints import Constraint
    from validators.fhir.profiles import Profile

Json = dict[str, Any]


class Around(NamedTuple):
    """What can be asked of the surroundings: where a reference leads, and whether a value meets a profile."""

    resolve: Resolve
    conforms: Callable[[Profile, object], bool]


class Slicing:
    """The slices of one element, and what tells them apart.

    `wanted` holds, for each slice, one test a discriminator; it stays empty when a discriminator is of a kind that
    cannot be judged here, and the slices are then left alone.
    """

    __slots__ = ("closed", "discriminators", "ordered", "slices", "wanted")

    def __init__(self) -> None:
        self.closed = False
        self.ordered = False
        self.discriminators: tuple[tuple[str, str], ...] = ()
        self.slices: dict[str, Constraint] = {}
        self.wanted: dict[str, tuple[Wanted, ...]] = {}

    def copy(self) -> Slicing:
        """The same slices, to be narrowed; what tells them apart is linked again."""
        twin = Slicing()
        twin.closed, twin.ordered, twin.discriminators = self.closed, self.ordered, self.discriminators
        twin.slices = {name: part.copy() for name, part in self.slices.items()}
        return twin

    def slice_of(self, item: Item, around: Around) -> str | None:
        """The first slice whose discriminators the value has; None when it fits none."""
        for name, wanted in self.wanted.items():
            if all(one.fits(item, around) for one in wanted):
                return name
        return None

    def nearest(self, item: Item, around: Around) -> tuple[str, str]:
        """The slice that a value comes nearest to, and the discriminator that fails there."""
        best = ("", "", -1)
        for name, wanted in self.wanted.items():
            failing = [one.path for one in wanted if not one.fits(item, around)]
            if failing and len(wanted) - len(failing) > best[2]:
                best = (name, failing[0], len(wanted) - len(failing))
        return best[0], best[1]


class Wanted(Protocol):
    """What one slice asks at one discriminator."""

    path: str

    def fits(self, item: Item, around: Around) -> bool:
        """Whether an occurrence has what the slice asks."""
        ...


class _Wanted:
    __slots__ = ("_steps", "path")

    def __init__(self, path: str, steps: tuple[tuple[str, str], ...]) -> None:
        self.path = path
        self._steps = steps


class ByValue(_Wanted):
    """Discriminators `value` and `pattern`: fixed, pattern, or the codes of a required binding."""

    __slots__ = ("_asked", "_codes")

    def __init__(
        self, path: str, steps: tuple[tuple[str, str], ...], asked: Sequence[Constraint], codes: Sequence[CodeSet]
    ) -> None:
        super().__init__(path, steps)
        self._asked = asked
        self._codes = codes

    def fits(self, item: Item, around: Around) -> bool:
        """One of the values at the path has every fixed and pattern value, and a code of the binding."""
        found = [one.value for one in follow(item, self._steps, around.resolve)]
        return all(any(fits(asked, value) for value in found) for asked in self._asked) and all(
            any(codes.judge(value) is not False for value in found) for codes in self._codes
        )


class ByPresence(_Wanted):
    """Discriminator `exists`."""

    __slots__ = ("_there",)

    def __init__(self, path: str, steps: tuple[tuple[str, str], ...], *, there: bool) -> None:
        super().__init__(path, steps)
        self._there = there

    def fits(self, item: Item, around: Around) -> bool:
        """The path leads somewhere, or not."""
        return bool(follow(item, self._steps, around.resolve)) is self._there


class ByType(_Wanted):
    """Discriminator `type`: the types the slice allows, derived ones too."""

    __slots__ = ("_is_a", "_types")

    def __init__(
        self, path: str, steps: tuple[tuple[str, str], ...], types: frozenset[str], is_a: Callable[[str, str], bool]
    ) -> None:
        super().__init__(path, steps)
        self._types = types
        self._is_a = is_a

    def fits(self, item: Item, around: Around) -> bool:
        """One of the values at the path is of one of the types."""
        return any(self._right(one) for one in follow(item, self._steps, around.resolve))

    def _right(self, item: Item) -> bool:
        node = item.value
        name = node.get("resourceType") if isinstance(node, dict) else None
        found = str(name or item.type)
        return any(self._is_a(found, wanted) for wanted in self._types)


class ByProfile(_Wanted):
    """Discriminator `profile`: what the path leads to meets one of the profiles."""

    __slots__ = ("_profiles",)

    def __init__(self, path: str, steps: tuple[tuple[str, str], ...], profiles: Sequence[Profile]) -> None:
        super().__init__(path, steps)
        self._profiles = profiles

    def fits(self, item: Item, around: Around) -> bool:
        """One of the values at the path meets one of the profiles."""
        return any(
            around.conforms(profile, one.value)
            for one in follow(item, self._steps, around.resolve)
            for profile in self._profiles
        )


def fits(constraint: Constraint, value: object) -> bool:
    """Whether a value has every fixed and pattern value of a constraint and of what is below it."""
    if constraint.fixed is not ABSENT and not same(value, constraint.fixed):
        return False
    if constraint.pattern is not ABSENT and not matches(value, constraint.pattern):
        return False
    deciding = [below for below in constraint.children.values() if below.decides]
    return all(any(fits(below, v.value) for v in _below(value, below.name)) for below in deciding)


def _below(value: object, name: str) -> list[Item]:
    return follow(Item(value), (("", name),), lambda _reference: None)
