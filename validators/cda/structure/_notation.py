"""The notation the tables are written in, and the rows themselves: nothing here knows CDA.

A content model is text: `id:II* code:CD (act:Act | supply:Supply)? sdtc/text?`. A space is a sequence, `|` a choice,
`?`, `*` and `+` repeat an item or a group; `name:Type` declares an element, `prefix/name` refers to the global element
of another namespace, `%name` to a group of the tables, `any` is one element of another namespace, left unchecked.

Attributes are text too: `value:ts` is optional, `moodCode:ActMood!` required, `classCode=DOCCLIN` fixed,
`codeSystem-` forbidden (by a restriction of a type that allows it).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(r"\s*([()|]|[%\w][^\s()|?*+]*)([?*+]?)")
_ATTRIBUTE: Final = re.compile(r"([\w/-]+?)(?::([\w.]+))?(?:=([^!]+))?([!-]?)")
_OCCURS: Final = {
    "": "",
    "?": ' minOccurs="0"',
    "*": ' minOccurs="0" maxOccurs="unbounded"',
    "+": ' maxOccurs="unbounded"',
}


@dataclass(frozen=True, slots=True)
class Simple:
    """A lexical form: a `base` narrowed by a pattern, a list of values, or facets written as they are."""

    name: str
    base: str
    pattern: str = ""
    values: tuple[str, ...] = ()
    facets: str = ""
    union: tuple[str, ...] = ()
    item: str = ""


@dataclass(frozen=True, slots=True)
class Complex:
    """A type with attributes and content; `base` names the type it extends, or restricts when `narrows` is set."""

    name: str
    content: str = ""
    attributes: str = ""
    base: str = ""
    narrows: bool = False
    mixed: bool = False
    abstract: bool = False


@dataclass(frozen=True, slots=True)
class Particle:
    """One item of a content model: `kind` is `element`, `ref`, `group`, `any`, `sequence` or `choice`."""

    kind: str
    name: str = ""
    type: str = ""
    occurs: str = ""
    items: tuple[Particle, ...] = ()


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a row; `use` is empty, `required` or `prohibited`, `fixed` None when it is free."""

    name: str
    type: str
    fixed: str | None
    use: str


def parse_content(text: str) -> Particle | None:
    """The particle of a content model; None when it is empty.

    Raises:
        ValueError: the text is not of the notation.
    """
    tokens = [(match.group(1), match.group(2)) for match in _TOKEN.finditer(text)]
    if "".join(map("".join, tokens)) != "".join(text.split()):
        raise ValueError(text)
    particle = _group(iter(tokens), inside=False)
    return particle if particle.items else None


def _group(tokens: Iterator[tuple[str, str]], *, inside: bool = True) -> Particle:
    """Items up to the parenthesis that closes a group, or up to the end of the text."""
    branches: list[list[Particle]] = [[]]
    for word, occurs in tokens:
        if word == ")" and inside:
            return _closed(branches, occurs)
        if word == "|":
            branches.append([])
        else:
            branches[-1].append(_group(tokens) if word == "(" else _item(word, occurs))
    if inside:
        raise ValueError("a parenthesis is not closed")
    return _closed(branches, "")


def _closed(branches: list[list[Particle]], occurs: str) -> Particle:
    if len(branches) == 1:
        return Particle("sequence", occurs=occurs, items=tuple(branches[0]))
    options = (items[0] if len(items) == 1 else Particle("sequence", items=tuple(items)) for items in branches)
    return Particle("choice", occurs=occurs, items=tuple(options))


def _item(word: str, occurs: str) -> Particle:
    if word == ")":
        raise ValueError("a parenthesis was not opened")
    if word == "any":
        return Particle("any", occurs=occurs)
    if word[0] == "%":
        return Particle("group", word[1:], occurs=occurs)
    if "/" in word:
        return Particle("ref", word.replace("/", ":"), occurs=occurs)
    name, _, declared = word.partition(":")
    return Particle("element", name, declared, occurs)


def parse_attributes(text: str) -> list[Attribute]:
    """The attributes of a row.

    Raises:
        ValueError: the text is not of the notation.
    """
    return [_attribute(word) for word in text.split()]


def _attribute(word: str) -> Attribute:
    match = _ATTRIBUTE.fullmatch(word)
    if match is None:
        raise ValueError(word)
    name, declared, fixed, mark = match.groups()
    use = {"!": "required", "-": "prohibited", "": ""}[mark]
    return Attribute(name.replace("/", ":"), declared or "cs", fixed, use)


def occurs_of(particle: Particle) -> str:
    """The `minOccurs` and `maxOccurs` of a particle."""
    return _OCCURS[particle.occurs]


def clinical(name: str, content: str, attributes: str = "", *, null: bool = True, root: bool = True) -> Complex:
    """A class of the model: the infrastructure elements first (`%Root`), a nullFlavor among the attributes."""
    elements = f"%Root {content}" if root else content
    return Complex(name, elements, f"nullFlavor:NullFlavor {attributes}" if null else attributes)
