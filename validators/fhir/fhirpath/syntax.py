"""The syntax tree of FHIRPath N1 (https://hl7.org/fhirpath/N1/grammar.html): frozen nodes that say where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the expression: a System value (`'a'`, `1.0`, `@2015`, `4 days`), or None for `{}`."""

    value: object
    position: int


@dataclass(frozen=True, slots=True)
class This:
    """The input of the expression, which is also `$this`."""

    position: int


@dataclass(frozen=True, slots=True)
class Special:
    """`$index` or `$total`."""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Variable:
    """`%name`, the name without its sign and quotes."""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Member:
    """`source.name`; the first name of a path stands on `This`, and may also be a type."""

    source: Expr
    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Call:
    """`source.name(arguments)`."""

    source: Expr
    name: str
    arguments: tuple[Expr, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Index:
    """`source[index]`."""

    source: Expr
    index: Expr
    position: int


@dataclass(frozen=True, slots=True)
class Unary:
    """`+operand` or `-operand`."""

    operator: str
    operand: Expr
    position: int


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator right`."""

    operator: str
    left: Expr
    right: Expr
    position: int


@dataclass(frozen=True, slots=True)
class TypeTest:
    """`operand is type` or `operand as type`; the type as written, `FHIR.Patient` or `Patient`."""

    operator: str
    operand: Expr
    type: str
    position: int


Expr: TypeAlias = Literal | This | Special | Variable | Member | Call | Index | Unary | Binary | TypeTest


def parts_of(node: Expr) -> tuple[Expr, ...]:
    """The nodes right below a node."""
    if isinstance(node, Binary):
        return node.left, node.right
    if isinstance(node, Call):
        return node.source, *node.arguments
    if isinstance(node, Index):
        return node.source, node.index
    if isinstance(node, Member):
        return (node.source,)
    return (node.operand,) if isinstance(node, (Unary, TypeTest)) else ()
