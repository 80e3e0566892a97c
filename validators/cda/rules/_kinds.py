"""The kinds of rules: each gives its test, its place and its words (French and English)."""

from __future__ import annotations

import re
from typing import Final

from validators.cda.rules._row import MANY, Spec

_KEY: Final = re.compile(r"[^A-Za-z0-9]+")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def key_of(path: str) -> str:
    """`text/reference[@value]` gives `TEXT-REFERENCE`: the end of a rule's id, from the path alone."""
    plain = re.sub(r"\[[^\]]*\]|T\([^)]*\)", "", path)
    return _KEY.sub("-", _CAMEL.sub("-", plain)).strip("-").upper()


def _first(path: str) -> str:
    """The first step of a path, without its conditions: the nearest element to point to."""
    step = re.split(r"[/\[|]", path, maxsplit=1)[0]
    return "" if step.startswith((".", "@", "T(")) else step


def _plain(path: str) -> str:
    return re.sub(r"T\(([\d.]+)\)", r"templateId[\1]", re.sub(r"TYPE\((\w+)\)", r"xsi:type=\1", path))


def count(path: str, low: int, high: int = MANY) -> Spec:
    """Between `low` and `high` elements."""
    card = f"{low}..{'*' if high == MANY else high}"
    tests = []
    if low:
        tests.append(path if low == 1 and high == MANY else f"count({path})>={low}")
    if high != MANY:
        tests.append(f"count({path})<={high}")
    holds = f"count({path})={low}" if low == high else " and ".join(tests)
    remedy_fr, remedy_en = ("ajouter ce qui manque", "add what is missing") if low else ("", "")
    if high != MANY:
        remedy_fr, remedy_en = ((remedy_fr + " ou retirer ce qui est en trop").removeprefix(" ou "),
                                (remedy_en + " or remove what is in excess").removeprefix(" or "))  # fmt: skip
    words = _plain(path)
    return Spec(
        key_of(path), holds,
        f"« {words} » présent {{found}} fois ; attendu {card} : {remedy_fr}.",
        f"“{words}” present {{found}} times; expected {card}: {remedy_en}.",
        _first(path), f"count({path})", "required" if low else "structure",
    )  # fmt: skip


def one(path: str) -> Spec:
    """Exactly one."""
    return count(path, 1, 1)


def some(path: str) -> Spec:
    """At least one."""
    return count(path, 1)


def at_most(path: str, high: int = 1) -> Spec:
    """No more than `high`."""
    return count(path, 0, high)


def none(path: str) -> Spec:
    """Not allowed here."""
    words = _plain(path)
    return Spec(
        "NO-" + key_of(path), f"not({path})",
        f"« {words} » présent : il n'est pas admis ici, le retirer.",
        f"“{words}” present: it is not allowed here, remove it.",
        _first(path), "", "structure",
    )  # fmt: skip


def beside(*roots: str) -> Spec:
    """The templateIds that go with this one."""
    written = ", ".join(roots)
    return Spec(
        "TEMPLATE", " and ".join(f"T({root})" for root in roots),
        f"templateId manquant : attendu aussi {written}.",
        f"missing templateId: also expected {written}.",
        "templateId", "", "required",
    )  # fmt: skip


def templates(low: int) -> Spec:
    """A number of templateIds at least."""
    return count("templateId", low).named("TEMPLATES")


def coded(code: str, system: str = "", path: str = "code") -> Spec:
    """A fixed code, with its code system where the guide fixes it."""
    test = f"{path}[@code='{code}'" + (f" and @codeSystem='{system}']" if system else "]")
    written = f"{code} ({system})" if system else code
    return Spec(
        key_of(path), test,
        f"« {path} » vaut « {{found}} » ; attendu {written}.",
        f"“{path}” is “{{found}}”; expected {written}.",
        _first(path), f"concat({path}/@code, ' ', {path}/@codeSystem)", "code-invalid",
    )  # fmt: skip


def status(*codes: str) -> Spec:
    """The statusCode takes one of the codes."""
    test = " or ".join(f"@code='{code}'" for code in codes)
    return Spec(
        "STATUS", f"statusCode[{test}]",
        f"statusCode « {{found}} » ; attendu {', '.join(codes)}.",
        f"statusCode “{{found}}”; expected {', '.join(codes)}.",
        "statusCode", "string(statusCode/@code)", "code-invalid",
    )  # fmt: skip


def act(element: str, kind: str, *moods: str) -> Spec:
    """The element itself, its class and its mood."""
    mood = f" and ({' or '.join(f'@moodCode={mood!r}' for mood in moods)})" if moods else ""
    written = f"{element} classCode={kind}" + (f" moodCode={' | '.join(moods)}" if moods else "")
    return Spec(
        "ACT", f"self::{element}[@classCode='{kind}'{mood}]",
        f"« {{found}} » ; attendu {written}.",
        f"“{{found}}”; expected {written}.",
        "", "concat(local-name(), ' ', @classCode, ' ', @moodCode)", "value",
    )  # fmt: skip


def attribute(name: str, *values: str, path: str = ".") -> Spec:
    """An attribute with one of the values (any value when none is given)."""
    test = " or ".join(f"@{name}='{value}'" for value in values) or f"@{name}"
    written_fr = f"attendu {', '.join(values)}" if values else "il est obligatoire"
    written_en = f"expected {', '.join(values)}" if values else "it is mandatory"
    return Spec(
        key_of(path + "-" + name), test if path == "." else f"{path}[{test}]",
        f"attribut {name} « {{found}} » ; {written_fr}.",
        f"attribute {name} “{{found}}”; {written_en}.",
        _first(path), f"string({path}/@{name})", "value",
    )  # fmt: skip


def reference() -> Spec:
    """The entry points to its text in the section."""
    return Spec(
        "REFERENCE", "text/reference",
        "aucune référence au texte de la section ; attendu text/reference avec value=\"#…\".",
        "no reference to the section's text; expected text/reference with value=\"#…\".",
        "text", "", "required",
    )  # fmt: skip


def says(key: str, holds: str, fr: str, en: str, at: str = "", found: str = "", code: str = "invariant") -> Spec:
    """Anything else: a boolean XPath with its own words."""
    return Spec(key, holds, fr, en, at, found, code)


def each(path: str, condition: str, key: str, fr: str, en: str) -> Spec:
    """Every element of `path` satisfies `condition`; points to the first that does not."""
    wrong = f"({path})[not({condition})]" if "|" in path else f"{path}[not({condition})]"
    return Spec(key, f"not({wrong})", fr, en, wrong)
