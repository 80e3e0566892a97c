"""Text to syntax tree: literals, escapes, comments, precedence, and what is refused."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.validators.fhir.fhirpath.conftest import Evaluate
from validators.fhir import Definitions
from validators.fhir.fhirpath import FhirPathError, compile_expression
from validators.fhir.fhirpath.lexer import tokens, unescape
from validators.fhir.fhirpath.limits import MAX_NESTING, MAX_TEXT
from validators.fhir.fhirpath.parser import parse
from validators.fhir.fhirpath.registry import FUNCTIONS
from validators.fhir.fhirpath.syntax import Binary, Call, Index, Literal, Member, This, TypeTest, Unary, Variable


class TestTokens:
    @pytest.mark.parametrize(
        ("text", "kinds"),
        [
            ("a", ["name"]),
            ("`a b`", ["quoted"]),
            ("'it\\'s'", ["string"]),
            ("1.5", ["number"]),
            ("1.a", ["number", "sign", "name"]),
            ("@2015", ["date"]),
            ("@2015-02-04", ["date"]),
            ("@2015T", ["datetime"]),
            ("@2015-02-04T14:34:28.123+10:00", ["datetime"]),
            ("@T14:34", ["time"]),
            ("@2015.is", ["date", "sign", "name"]),
            ("$this", ["special"]),
            ("%resource", ["variable"]),
            ("%`vs-a`", ["variable"]),
            ('%"vs-a"', ["variable"]),
            ("%ext-a-b", ["variable"]),
            ("a<=b", ["name", "sign", "name"]),
            ("a !~ b", ["name", "sign", "name"]),
            ("a // comment", ["name"]),
            ("a /* comment\n */ b", ["name", "name"]),
            ("", []),
        ],
    )
    def test_kinds(self, text: str, kinds: list[str]) -> None:
        assert [t.kind for t in tokens(text)] == [*kinds, "end"]

    @pytest.mark.parametrize("text", ["'open", "`open", "a /* open", "#", "a ; b", "$other", "@", "\u00e9"])
    def test_refuses(self, text: str) -> None:
        with pytest.raises(FhirPathError) as caught:
            tokens(text)
        assert caught.value.position is not None

    @pytest.mark.parametrize(
        ("escaped", "plain"),
        [
            (r"\'", "'"),
            (r"\"", '"'),
            (r"\`", "`"),
            (r"\\", "\\"),
            (r"\/", "/"),
            (r"\n", "\n"),
            (r"\r", "\r"),
            (r"\t", "\t"),
            (r"\f", "\f"),
            (r"\u0041", "A"),
            (r"P\u0065ter", "Peter"),
            (r"\p", "p"),
            ("a", "a"),
        ],
    )
    def test_escapes(self, escaped: str, plain: str) -> None:
        assert unescape(escaped) == plain

    def test_too_long(self) -> None:
        with pytest.raises(FhirPathError, match="longer"):
            tokens("a" * (MAX_TEXT + 1))


class TestTrees:
    def test_path(self) -> None:
        assert parse("a.b") == Member(Member(This(0), "a", 0), "b", 2)

    def test_call(self) -> None:
        tree = parse("a.where(b, c)")
        assert isinstance(tree, Call)
        assert (tree.name, len(tree.arguments)) == ("where", 2)

    def test_index(self) -> None:
        assert isinstance(parse("a[0]"), Index)

    def test_unary_binds_looser_than_a_path(self) -> None:
        tree = parse("-a.b")
        assert isinstance(tree, Unary)
        assert isinstance(tree.operand, Member)

    def test_variable(self) -> None:
        assert parse("%`a b`") == Variable("a b", 0)

    def test_type_test(self) -> None:
        tree = parse("a is FHIR.`Patient`")
        assert isinstance(tree, TypeTest)
        assert tree.type == "FHIR.Patient"

    @pytest.mark.parametrize(
        ("text", "value"),
        [("'a'", "a"), ("1", 1), ("1.50", Decimal("1.50")), ("true", True), ("false", False), ("{}", None)],
    )
    def test_literals(self, text: str, value: object) -> None:
        assert parse(text) == Literal(value, 0)

    @pytest.mark.parametrize("text", ["@2015-02-04T14:34:28Z", "@2015", "@T14:34:28.123", "@2015-02T"])
    def test_literals_of_time_keep_their_text(self, text: str) -> None:
        tree = parse(text)
        assert isinstance(tree, Literal)
        assert str(tree.value) == text.removeprefix("@").removeprefix("T").removesuffix("T")

    @pytest.mark.parametrize(("text", "shown"), [("4 days", "4 days"), ("1 'mg'", "1 'mg'"), ("1.0 year", "1.0 year")])
    def test_quantities(self, text: str, shown: str) -> None:
        tree = parse(text)
        assert isinstance(tree, Literal)
        assert str(tree.value) == shown

    @pytest.mark.parametrize("word", ["as", "is", "contains", "in"])
    def test_some_keywords_are_names_too(self, word: str) -> None:
        assert parse(word) == Member(This(0), word, 0)

    @pytest.mark.parametrize("word", ["div", "mod", "and", "true"])
    def test_after_a_point_any_keyword_is_a_name(self, word: str) -> None:
        assert isinstance(parse(f"text.{word}"), Member)

    @pytest.mark.parametrize(
        ("tight", "loose"),
        [
            (".", "-"),
            ("*", "+"),
            ("+", "is"),
            ("is", "|"),
            ("|", "<"),
            ("<", "="),
            ("=", "in"),
            ("in", "and"),
            ("and", "or"),
            ("or", "implies"),
            ("&", "="),
            ("div", "-"),
            ("xor", "implies"),
            ("!~", "contains"),
        ],
    )
    def test_precedence(self, tight: str, loose: str) -> None:
        operators = {tight, loose}
        if "." in operators:
            assert isinstance(parse("-a.b"), Unary)
            return
        tree = parse(f"a {loose} b {tight} c") if loose != "is" else parse("a + b is c")
        assert isinstance(tree, (Binary, TypeTest))
        assert tree.operator == loose

    def test_same_level_goes_left_to_right(self) -> None:
        tree = parse("1 - 2 - 3")
        assert isinstance(tree, Binary)
        assert tree.right == Literal(3, 8)

    def test_brackets(self) -> None:
        tree = parse("(1 + 2) * 3")
        assert isinstance(tree, Binary)
        assert tree.operator == "*"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "2 + 2 /",
            "a.",
            "a.b.",
            ".a",
            "a b",
            "(a",
            "a)",
            "a[",
            "a[0",
            "{",
            "{1}",
            "f(a",
            "f(a,)",
            "f(,a)",
            "f(,)",
            "1 + ",
            "+ ",
            "a is",
            "a is 1",
            "a as 'x'",
            "and",
            "a and",
            "a..b",
            "'a' 'b'",
            "1 2",
            "a[]",
            "div",
            "@2015-13",
            "@2015-02-30",
            "@T25:00",
            "@T14:34:28Z",
            "@2015-02-04T14:34+15:00",
            "%",
            "a = = b",
            "a !b",
        ],
    )
    def test_refuses(self, text: str) -> None:
        with pytest.raises(FhirPathError):
            parse(text)

    def test_says_where(self) -> None:
        with pytest.raises(FhirPathError, match=re.escape("a value expected, found the end (at character 5)")):
            parse("1 + ")


class TestLimits:
    @pytest.mark.parametrize(
        "text",
        [
            "(" * 5000,
            "a" + ".b" * 5000,
            "-" * 5000 + "1",
            "1" + "+1" * 5000,
            "f(" * 5000,
            "a[" * 5000,
            "not(" * 90 + "a" + ")" * 90 + ".b" * 200,
        ],
    )
    def test_nesting(self, text: str) -> None:
        with pytest.raises(FhirPathError, match="nested deeper"):
            parse(text)

    def test_as_deep_as_allowed_is_evaluated(self, evaluate: Evaluate) -> None:
        assert evaluate("1" + "+1" * (MAX_NESTING - 5)) == [MAX_NESTING - 4]
        assert evaluate("(" * 90 + "1" + ")" * 90) == [1]

    def test_digits(self) -> None:
        with pytest.raises(FhirPathError, match="digits"):
            parse("9" * 5000)


_WORDS = [
    "a",
    "name",
    "Patient",
    "1",
    "1.5",
    "'x'",
    "@2015",
    "@T10:00",
    "true",
    "{}",
    "$this",
    "$index",
    "%resource",
    "%ucum",
    ".",
    ",",
    "(",
    ")",
    "[",
    "]",
    "+",
    "-",
    "*",
    "/",
    "div",
    "mod",
    "and",
    "or",
    "xor",
    "implies",
    "is",
    "as",
    "in",
    "contains",
    "=",
    "!=",
    "~",
    "!~",
    "<",
    ">",
    "<=",
    ">=",
    "|",
    "&",
    "days",
    "'mg'",
    "//",
    "/*",
    "*/",
    "`b`",
    "\\",
    " ",
    *sorted(FUNCTIONS),
]


class TestAnyText:
    @settings(max_examples=300, deadline=2000)
    @given(st.text(max_size=200))
    def test_compiles_or_is_refused(self, definitions: Definitions, text: str) -> None:
        _compile(text, definitions)

    @settings(max_examples=500, deadline=2000)
    @given(st.lists(st.sampled_from(_WORDS), max_size=30).map(" ".join))
    def test_words_of_the_language_in_any_order(self, definitions: Definitions, text: str) -> None:
        _compile(text, definitions)

    @settings(max_examples=300, deadline=2000)
    @given(
        st.recursive(
            st.sampled_from(["a", "1", "'x'", "{}", "true", "@2015", "$this", "4 days", "name.given", "%resource"]),
            lambda inner: st.one_of(
                st.tuples(inner, st.sampled_from(["+", "=", "and", "|", "&", "<", "in", "~", "implies"]), inner).map(
                    " ".join
                ),
                inner.map("({})".format),
                inner.map("-({})".format),
                inner.map("({}).first()".format),
                st.tuples(inner, inner).map(lambda pair: f"({pair[0]}).where({pair[1]})"),
            ),
            max_leaves=12,
        )
    )
    def test_right_text_is_evaluated_or_refused(self, evaluate: Evaluate, text: str) -> None:
        try:
            assert isinstance(evaluate(text, {"resourceType": "Patient", "name": [{"given": ["x"]}]}), list)
        except FhirPathError:
            return


def _compile(text: str, definitions: Definitions) -> None:
    try:
        compile_expression(text, definitions, "Patient")
    except FhirPathError:
        return
