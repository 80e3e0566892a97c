"""The five texts the programmes come from; a rule cites one of them and a part, as in `S2 §5`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class SourceText:
    """One text: its alias, what it is, its date, and what is missing or uncertain about the copy that is known."""

    alias: str
    title_fr: str
    title_en: str
    dated: date
    state_en: str


TEXTS = (
    SourceText(
        "S0",
        "Note d'information DGOS/PF5/2019/193 du 6 septembre 2019, appel à projets maladies rares",
        "Information note DGOS/PF5/2019/193 of 6 September 2019, rare-disease call",
        date(2019, 9, 6),
        "complete; the usage targets are in annexe 3 of the 2017 instruction, which is absent",
    ),
    SourceText(
        "S1",
        "Instruction SG/DSSIS/2016/147 du 11 mai 2016, cadre commun des projets d'e-santé",
        "Instruction SG/DSSIS/2016/147 of 11 May 2016, common framework of e-health projects",
        date(2016, 5, 11),
        "body only; its annexe, which is the framework itself, is absent",
    ),
    SourceText(
        "S2",
        "Instruction de lancement de SUN-ES, projet de l'été 2021",
        "SUN-ES launch instruction, draft of summer 2021",
        date(2021, 7, 1),
        "a draft without number or day; annexes 1 to 3 and the guides are absent",
    ),
    SourceText(
        "S3",
        "Instruction technique CNSA du 12 novembre 2020, phase d'amorçage d'ESMS numérique",
        "CNSA technical instruction of 12 November 2020, kick-off phase of ESMS numérique",
        date(2020, 11, 12),
        "complete with annexes 1 and 2; annexe 3, the agreement template, is absent",
    ),
    SourceText(
        "S4",
        "Appel à projets national 2021, déploiement généralisé d'un dossier usager",
        "National call for projects 2021, generalised roll-out of a user record",
        date(2021, 8, 3),
        "complete; the usage criteria are in instruction 2021/139, which is absent",
    ),
)


def source_text(alias: str) -> SourceText:
    """One text by alias. Raises `LookupError`."""
    for text in TEXTS:
        if text.alias == alias:
            return text
    raise LookupError(f"no source text {alias!r}")
