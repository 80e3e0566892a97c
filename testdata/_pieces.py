"""Small pieces the letter's sections share: templates, narrative tables, coded values."""

from __future__ import annotations

from collections.abc import Iterable

from testdata._clinical import Code, Drug
from testdata._xml import coded, tag, words

PRODUCT_TEMPLATES = ("1.2.250.1.213.1.1.3.43", "2.16.840.1.113883.10.20.1.53", "1.3.6.1.4.1.19376.1.5.3.1.4.7.2")


def templates(roots: Iterable[str]) -> str:
    """One `templateId` for each root."""
    return "".join([tag("templateId", root=root) for root in roots])


def text(anchor: str) -> str:
    """The reference from an entry to the words a reader sees."""
    return tag("text", tag("reference", value=f"#{anchor}"))


def table(rows: Iterable[tuple[str, str, str]]) -> str:
    """A narrative table of (label, anchor, content)."""
    cells = (
        tag("tr", words("td", label), tag("td", words("content", said, ID=anchor))) for label, anchor, said in rows
    )
    return tag("table", tag("tbody", *cells))


def drug_table(prefix: str, drugs: Iterable[Drug]) -> str:
    """What a reader sees of the treatments; anchors are `prefix-rank`."""
    return table((drug.substance, f"{prefix}-{rank}", directions(drug)) for rank, drug in enumerate(drugs))


def directions(drug: Drug) -> str:
    """How the drug is taken, in words."""
    return f"{drug.label} : {drug.units} prise unitaire, {drug.per_day} fois par jour, {drug.days} jours"


def product(drug: Drug, anchor: str) -> str:
    """The product of a treatment by its ATC code: CIS codes are those of marketed brands, none is invented here."""
    code = coded(drug.atc, tag("originalText", tag("reference", value=f"#{anchor}")))
    material = tag("manufacturedMaterial", code, words("name", drug.label))
    return tag("manufacturedProduct", templates(PRODUCT_TEMPLATES), material)


def choice(code: Code) -> str:
    """A coded value of a closed list."""
    return coded(code, name="value", xsi="CE")


def said(value: str) -> str:
    """A value in words."""
    return words("value", value, **{"xsi:type": "ST"})


def flag(value: bool) -> str:
    """A yes or no value."""
    return tag("value", xsi="BL", value=str(value).lower())


def yes(value: bool) -> str:
    """The same for the reader."""
    return "Oui" if value else "Non"


def working_hours() -> str:
    """Priority R of ActPriority."""
    return coded(("R", "2.16.840.1.113883.5.7", "A réaliser aux heures ouvrées"), name="priorityCode")
