"""Names, towns of birth and specialties the country is drawn from."""

from __future__ import annotations

from dataclasses import dataclass


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FAMILIES = _words(
    "ABGRALL AUBRÉE BÉCHU BEN-SAÏD BERTHELOT BOYER CADIOU CARPENTIER CHÂTELAIN CORRE COUSSEAU D'AGOSTINO D'HERVÉ "
    "DÉSIRÉ DUCHÊNE ESNAULT FAGES FONTAINE-ROUX FRANÇOIS GAËTAN GAUVIN GRONDIN GUÉGUEN HAMEL HOARAU IMBERT JAFFRÈS "
    "JOSÉPHINE KERVELLA L'HÉNORET LANGLOIS LEBEAU-MERCIER LEMOÎNE MAILLOT MARQUÈS MÉHEUT MÜLLER N'DIAYE NAJJAR "
    "NOËL O'BRIEN OLLIVIER PAYET PEÑA PÉRON-LE-GOFF QUÉRÉ RAMASSAMY RIVIÈRE SAINT-ANGE SALAÜN TANGUY TÉTARD "
    "VALLÉE VERGOZ VIAUD YVINEC ZÉPHIR ZITOUNI"
)

GIVENS = {
    "F": _words(
        "ADÈLE AGATHE AÏCHA ANNE-LAURE BÉRÉNICE CAMILLE CÉLESTE CHLOÉ CLÉMENCE ÉLOÏSE ESTHER FÁTIMA GAËLLE HÉLÈNE "
        "INÈS JEANNE JOËLLE LÉA LINE MAËLYS MARIE-JOSÉ NAÏMA NOÉMIE ODILE ROSE-MAY SOLÈNE THÉRÈSE VIOLETTE YAËL ZOÉ"
    ),
    "M": _words(
        "ALBAN ANDRÉ BENOÎT CÉDRIC CLÉMENT DENIS ÉLIE FRANÇOIS GAËL GUÉNOLÉ HERVÉ ISMAËL JEAN-BAPTISTE JEAN-RENÉ JOËL "
        "KÉVIN LÉO LOÏC MAËL MALO NOÉ OLIVIER PIERRE-YVES RAPHAËL RENÉ SÉBASTIEN STÉPHANE THÉO YANN ZACHARIE"
    ),
}

STREETS = (
    "Rue de la Marelle",
    "Allée des Cerfs-Volants",
    "Avenue de l'Équinoxe",
    "Impasse du Sablier",
    "Chemin des Coquelicots",
    "Place de la Boussole",
    "Boulevard des Alizés",
    "Quai de la Girouette",
)


@dataclass(frozen=True, slots=True)
class BirthPlace:
    """A place of birth by its COG code, with the first year in which a matricule carries that code."""

    code: str
    city: str
    since: int = 1931


# Corsica left department 20 in 1976, the inner ring of Paris took its numbers in 1968; countries by their 99xxx code.
BIRTH_PLACES = (
    BirthPlace("75113", "PARIS 13E ARRONDISSEMENT"),
    BirthPlace("75118", "PARIS 18E ARRONDISSEMENT"),
    BirthPlace("92050", "NANTERRE", 1968),
    BirthPlace("93066", "SAINT-DENIS", 1968),
    BirthPlace("94028", "CRÉTEIL", 1968),
    BirthPlace("77288", "MELUN"),
    BirthPlace("35238", "RENNES"),
    BirthPlace("29019", "BREST"),
    BirthPlace("29232", "QUIMPER"),
    BirthPlace("56260", "VANNES"),
    BirthPlace("22278", "SAINT-BRIEUC"),
    BirthPlace("97411", "SAINT-DENIS", 1950),
    BirthPlace("97416", "SAINT-PIERRE", 1950),
    BirthPlace("2A004", "AJACCIO", 1976),
    BirthPlace("2B033", "BASTIA", 1976),
    BirthPlace("13055", "MARSEILLE"),
    BirthPlace("69123", "LYON"),
    BirthPlace("99109", "ALLEMAGNE"),
    BirthPlace("99139", "PORTUGAL"),
    BirthPlace("99350", "MAROC", 1957),
    BirthPlace("99351", "TUNISIE", 1957),
    BirthPlace("99352", "ALGÉRIE", 1963),
)

# TRE_G15 / JDV_J01: the physician of a ward, by turns.
SPECIALTIES = (
    ("G15_10/SM27", "Médecin - Médecine interne (SM)"),
    ("G15_10/SM05", "Médecin - Chirurgie générale (SM)"),
    ("G15_10/SM04", "Médecin - Cardiologie et maladies vasculaires (SM)"),
    ("G15_10/SM18", "Médecin - Gériatrie (SM)"),
)
SURGEON = 1
GENERAL_PRACTICE = ("G15_10/SM26", "Médecin - Qualifié en Médecine Générale (SM)")
