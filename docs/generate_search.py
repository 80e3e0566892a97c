"""The page of search parameters: by what the resources of this server are found, and how each kind is indexed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from fhir_server.fhir.indexing import Parameter


class Markdown(Protocol):
    """What the page needs of `generate.py`: code, a table."""

    code: Callable[[object], str]
    table: Callable[[Sequence[str], Iterable[Sequence[str]]], Iterator[str]]


TYPES = ("DocumentReference", "List", "Patient", "Communication", "Encounter")
COMMON = ("_id", "_lastUpdated", "_profile", "_security", "_source", "_tag")
KINDS = (
    ("token", "`code`, `system\\|code`, `\\|code`", "codes, identifiers, contact details, true and false, as they are"),
    ("reference", "`Type/id`, an id, an absolute URL", "references without their version; canonicals with and without"),
    ("string", "the beginning of a text", "without case, accents, ligatures and needless spaces; 200 characters"),
    ("uri", "the whole address", "as it is"),
    ("date", "`2026`, `2026-02-28`, `2026-02-28T12:00:00+01:00`", "the whole span that its precision leaves open"),
    ("number", "`1.50`, `1e2`", "half a unit of the last digit to either side"),
    ("quantity", "`5.4\\|system\\|code`, `5.4\\|\\|mg`", "as a number, with the code and with the unit as written"),
    ("composite", "`value$value`", "nothing of its own: it looks at its components"),
)  # fmt: skip
FURTHER = (
    ("`NAME:text`", "of a token: the text of a concept, the display of a code, the text of an identifier's type"),
    ("`NAME:of-type`", "of an identifier: the code of its type and its value"),
    ("`NAME:identifier`", "of a reference: the identifier it names in place of, or beside, an address"),
)


def search_page(md: Markdown) -> Iterator[str]:
    """The parameters of our resources: name, kind, where they are defined, what they look at."""
    from fhir_server.fhir.indexing import parameters_of

    yield from (
        "# Search parameters", "",
        "By what a resource is found: the parameters of R4, of IHE MHD and of PDSm, indexed when it is filed. Types",
        "that are not on this page are found by all the parameters R4 gives them.", "",
        "## Kinds", "",
    )  # fmt: skip
    yield from md.table(("Kind", "Asked for by", "What is indexed"), KINDS)
    yield from (
        "A day, month or year, and a time without a zone, are those of Europe/Paris. A period without a start or an",
        "end is open on that side. Units are compared as they are written: nothing is converted.", "",
        "Some values have rows of their own beside the parameter's:", "",
    )  # fmt: skip
    yield from md.table(("Under", "What"), FURTHER)
    yield from (
        "The parts of a composite are looked for in the same resource, not in the same repetition of an element.", "",
        "## What is not indexed", "",
        "- Contained resources: a document is found by the names of the persons it contains as authors",
        "  (`author.family`, `author.given`, of a set `source.family`, `source.given`), and by nothing else of them.",
        "- The text of documents (`_text`, `_content`); names by their sound (`phonetic`); places by their distance",
        "  (`near`).",
        "- The type of a reference that says neither by its address nor by `type` what it leads to: `patient` does not",
        "  find it, `subject` does.", "",
        "`patient.identifier` finds a document by every identifier of the Patient it was sent with, local numbers too.",
        "",
        "When a version of the server finds by more, [`segur db reindex`](command-line.md#segur-db-reindex) makes the",
        "index again; a server may go on meanwhile, and the space of a second index is needed until it is done. A",
        "document is then found by the identifiers of the Patient it refers to, as it is now. The last step, which",
        "puts the new index in place, holds filing up for about two seconds for each million of values.", "",
        "## Every type", "",
    )  # fmt: skip
    yield from _table(md, [parameters_of(TYPES[0])[name] for name in COMMON])
    for kind in TYPES:
        yield from (f"## {kind}", "")
        yield from _table(md, [one for name, one in parameters_of(kind).items() if name not in COMMON])


def _table(md: Markdown, parameters: list[Parameter]) -> Iterator[str]:
    yield from md.table(
        ("Parameter", "Kind", "Defined by", "Looks at"),
        ([md.code(one.name), one.kind, one.source, _looks_at(one)] for one in parameters),
    )


def _looks_at(one: Parameter) -> str:
    from fhir_server.fhir.indexing.parameters import parts

    if one.components:
        return " and ".join(f"`{name}`" for name in one.components)
    if one.column:
        return {"id": "the id", "updated": "when the current version was filed"}[one.column]
    return "<br>".join(f"`{part}`".replace("|", "\\|") for part in parts(one.expression))
