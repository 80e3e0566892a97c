"""Mandatory sections: there, on the first level of the body, with their text and title."""

from __future__ import annotations

from typing import Final

from validators.cda.rules._kinds import says
from validators.cda.rules._row import Group, Models, group

BODY: Final = "component/structuredBody/component/section"


def mandatory(prefix: str, key: str, model: str, models: Models, template: str, name: tuple[str, str], source: str
              ) -> tuple[Group, ...]:  # fmt: skip
    """Presence, looked for in the document; place, text and title, in the section.

    A second section of the same template may be anywhere: one on the first level is enough.
    """
    absent = says(
        f"SECTION-{key}", f"{BODY}/T({template}) or component/structuredBody//section/T({template})",
        f"section « {name[0]} » ({template}) absente : l'ajouter au corps.",
        f"section “{name[1]}” ({template}) missing: add it to the body.", "component", code="required",
    )  # fmt: skip
    place = says(
        "PLACE",
        f"parent::component/parent::structuredBody or ancestor::structuredBody/component/section[T({template})]",
        "placée dans une autre section : la remonter au premier niveau du corps.",
        "inside another section: move it up to the first level of the body.", code="structure",
    )  # fmt: skip
    # A section made of sub-sections says nothing itself; a picture or an anchor is something to read.
    text = says(
        "TEXT", "component or text[normalize-space() or .//renderMultiMedia or @nullFlavor]",
        "aucun texte lisible : le médecin n'y verrait rien, écrire section/text.",
        "no readable text: a physician would see nothing, write section/text.", "text", code="required",
    )  # fmt: skip
    title = says(
        "TITLE", "title[normalize-space()]", "sans titre : l'écrire.", "without a title: write it.", "title",
        code="required",
    ).warns()  # fmt: skip
    words = (f"Section « {name[0]} »", f"Section “{name[1]}”")
    whole = ("Corps du document", "Body of the document")
    return (
        group(prefix, model, whole, source, absent, models=models),
        group(f"{prefix}-SECTION-{key}", template, words, source, place, text, title, path="self::section",
              models=models),
    )  # fmt: skip
