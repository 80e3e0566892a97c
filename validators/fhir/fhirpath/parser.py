"""Tokens to a syntax tree, by precedence climbing (https://hl7.org/fhirpath/N1/#operator-precedence)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.lexer import Token, tokens
from validators.fhir.fhirpath.limits import MAX_DIGITS, MAX_NESTING
from validators.fhir.fhirpath.quantity import CALENDAR, Quantity
from validators.fhir.fhirpath.syntax import (
    Binary,
    Call,
    Expr,
    Index,
    Literal,
    Member,
    Special,
    This,
    TypeTest,
    Unary,
    Variable,
)
from validators.fhir.fhirpath.temporal import parse_temporal

_LEVELS: Final = (
    ("implies",), ("or", "xor"), ("and",), ("in", "contains"), ("=", "~", "!=", "!~"), ("<=", "<", ">", ">="), ("|",),
    ("is", "as"), ("+", "-", "&"), ("*", "/", "div", "mod"),
)  # fmt: skip
_POWER: Final = {operator: power for power, level in enumerate(_LEVELS, 1) for operator in level}
_TYPE_TEST: Final = _POWER["is"]
_KEYWORDS: Final = frozenset({"and", "or", "xor", "implies", "div", "mod", "true", "false"})


def parse(text: str) -> Expr:
    """The syntax tree of an expression.

    Raises:
        FhirPathError: it is not FHIRPath, or nests deeper than `MAX_NESTING`.
    """
    parser = _Parser(tokens(text))
    tree = parser.expression(0)
    parser.expect_end()
    return tree


class _Parser:
    """One parse in progress: the tokens, and the one that comes next."""

    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._at = 0
        self._depth = 0

    # -- tokens --------------------------------------------------------------------------------------------------------

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._tokens[self._at]
        self._at += token.kind != "end"
        return token

    def _is(self, sign: str) -> bool:
        token = self._next
        return token.kind == "sign" and token.text == sign

    def _expect(self, sign: str) -> None:
        if not self._is(sign):
            raise self._unexpected(f"{sign} expected")
        self._at += 1

    def expect_end(self) -> None:
        """Refuse what follows a whole expression."""
        if self._next.kind != "end":
            raise self._unexpected("an operator expected")

    def _unexpected(self, wanted: str) -> FhirPathError:
        token = self._next
        found = "the end" if token.kind == "end" else repr(token.text)
        return FhirPathError(f"{wanted}, found {found}", token.position)

    # -- expressions ---------------------------------------------------------------------------------------------------

    def expression(self, least: int) -> Expr:
        """An expression whose operators bind tighter than `least`."""
        start = self._depth
        self._deeper(2)
        left = self._unary()
        while (power := self._operator()) > least:
            self._deeper()
            token = self._take()
            if power == _TYPE_TEST:
                left = TypeTest(token.text, left, self._type(), token.position)
            else:
                left = Binary(token.text, left, self.expression(power), token.position)
        self._depth = start
        return left

    def _operator(self) -> int:
        token = self._next
        return _POWER.get(token.text, 0) if token.kind in ("sign", "name") else 0

    def _deeper(self, cost: int = 1) -> None:
        """One level more; brackets and arguments cost two, for the parser itself calls itself there."""
        self._depth += cost
        if self._depth > MAX_NESTING:
            raise FhirPathError(f"expression nested deeper than {MAX_NESTING}", self._next.position)

    def _unary(self) -> Expr:
        token = self._next
        if token.kind == "sign" and token.text in "+-":
            self._deeper()
            self._at += 1
            return Unary(token.text, self._unary(), token.position)
        start = self._depth
        found = self._invocations(self._term())
        self._depth = start
        return found

    def _invocations(self, left: Expr) -> Expr:
        """What follows a term: `.name`, `.function()`, `[index]`."""
        while True:
            position = self._next.position
            if self._is("."):
                self._at += 1
                left = self._invocation(left, anything=True)
            elif self._is("["):
                self._at += 1
                left = Index(left, self.expression(0), position)
                self._expect("]")
            else:
                return left
            self._deeper()

    # -- terms ---------------------------------------------------------------------------------------------------------

    def _term(self) -> Expr:
        token = self._next
        if token.kind in ("name", "quoted", "special"):
            return self._invocation(This(token.position), anything=False)
        if token.kind == "sign" and token.text == "(":
            self._at += 1
            inner = self.expression(0)
            self._expect(")")
            return inner
        if token.kind == "sign" and token.text == "{":
            self._at += 1
            self._expect("}")
            return Literal(None, token.position)
        if token.kind in ("sign", "end"):
            raise self._unexpected("a value expected")
        self._at += 1
        return Variable(token.text, token.position) if token.kind == "variable" else self._literal(token)

    def _literal(self, token: Token) -> Literal:
        if token.kind == "string":
            return Literal(token.text, token.position)
        if token.kind == "number":
            return self._number(token)
        value = parse_temporal(token.text[1:], {"date": "Date", "datetime": "DateTime", "time": "Time"}[token.kind])
        if value is None:
            raise FhirPathError(f"{token.text} is not on the calendar", token.position)
        return Literal(value, token.position)

    def _number(self, token: Token) -> Literal:
        """A number, or a quantity when a unit follows it."""
        if len(token.text) > MAX_DIGITS:
            raise FhirPathError(f"a number of more than {MAX_DIGITS} digits", token.position)
        unit = self._next
        if unit.kind == "string" or (unit.kind == "name" and unit.text in CALENDAR):
            self._at += 1
            calendar = unit.kind == "name"
            return Literal(Quantity(Decimal(token.text), unit.text, calendar=calendar), token.position)
        return Literal(Decimal(token.text) if "." in token.text else int(token.text), token.position)

    def _invocation(self, source: Expr, *, anything: bool) -> Expr:
        """A name, a function call or a `$` variable; after a point (`anything`) a keyword is a name like another."""
        token = self._take()
        if token.kind == "special":
            return This(token.position) if token.text == "$this" else Special(token.text, token.position)
        if token.kind == "name" and token.text in ("true", "false") and not anything:
            return Literal(token.text == "true", token.position)
        if token.kind not in ("name", "quoted") or (token.kind == "name" and not anything and token.text in _KEYWORDS):
            self._at -= token.kind != "end"
            raise self._unexpected("a name expected")
        if self._is("("):
            return Call(source, token.text, self._arguments(), token.position)
        return Member(source, token.text, token.position)

    def _arguments(self) -> tuple[Expr, ...]:
        self._expect("(")
        found: list[Expr] = []
        while not self._is(")"):
            if found:
                self._expect(",")
            found.append(self.expression(0))
        self._expect(")")
        return tuple(found)

    def _type(self) -> str:
        """A type specifier: `Patient`, `FHIR.Patient`, either part in backticks or not."""
        parts = [self._word()]
        while self._is("."):
            self._at += 1
            parts.append(self._word())
        return ".".join(parts)

    def _word(self) -> str:
        token = self._next
        if token.kind not in ("name", "quoted"):
            raise self._unexpected("the name of a type expected")
        self._at += 1
        return token.text
