"""Invented clinical matter: what a letter tells, by scenario, and rows enough to reach any size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from testdata._xml import tag, words

ATC = "2.16.840.1.113883.6.73"
CCAM = "1.2.250.1.215.300.1"
SNOMED = "2.16.840.1.113883.6.96"
TA_ASIP = "1.2.250.1.213.1.1.4.322"

Code = tuple[str, str, str]

# JDV_ModaliteEntree_CISIS and JDV_ModaliteSortie_CISIS.
EMERGENCY: Code = ("183452005", SNOMED, "hospitalisation en urgence")
PLANNED: Code = ("8715000", SNOMED, "hospitalisation programmée")
TRANSFERRED: Code = ("107724000", SNOMED, "transfert du patient")
HOME: Code = ("160849004", SNOMED, "retour au domicile")
HOME_CARE: Code = ("127", "1.2.250.1.213.1.6.1.8", "Hospitalisation à Domicile")
ELSEWHERE: Code = ("GEN-092.06.01", TA_ASIP, "Autre établissement de santé")

ECG: Code = ("DEQP003", CCAM, "Électrocardiographie sur au moins 12 dérivations")
CHEST: Code = ("ZBQK002", CCAM, "Radiographie du thorax")


@dataclass(frozen=True, slots=True)
class Drug:
    """A treatment: ATC code and substance, dose per intake, intakes a day, days."""

    code: str
    substance: str
    label: str
    units: int
    per_day: int
    days: int

    @property
    def atc(self) -> Code:
        """The drug as a coded value."""
        return self.code, ATC, self.substance


@dataclass(frozen=True, slots=True)
class Scenario:
    """A reason for a stay and what came of it."""

    reason: str
    summary: str
    arrival: Code
    departure: Code
    stopped: Drug
    taken: tuple[Drug, ...]
    results: str
    follow_up: str
    act: Code
    allergy: str
    transfused: bool = False


PARACETAMOL = Drug("N02BE01", "Paracétamol", "Paracétamol 1 g, comprimé", 1, 3, 7)
OMEPRAZOLE = Drug("A02BC01", "Oméprazole", "Oméprazole 20 mg, gélule", 1, 1, 28)
IBUPROFEN = Drug("M01AE01", "Ibuprofène", "Ibuprofène 400 mg, comprimé", 1, 3, 5)
RAMIPRIL = Drug("C09AA05", "Ramipril", "Ramipril 5 mg, comprimé", 1, 1, 90)
FUROSEMIDE = Drug("C03CA01", "Furosémide", "Furosémide 40 mg, comprimé", 1, 1, 90)
BISOPROLOL = Drug("C07AB07", "Bisoprolol", "Bisoprolol 2,5 mg, comprimé", 1, 1, 90)
AMOXICILLIN = Drug("J01CA04", "Amoxicilline", "Amoxicilline 1 g, comprimé", 1, 3, 6)
METFORMIN = Drug("A10BA02", "Metformine", "Metformine 850 mg, comprimé", 1, 2, 90)
APIXABAN = Drug("B01AF02", "Apixaban", "Apixaban 5 mg, comprimé", 1, 2, 90)
ENOXAPARIN = Drug("B01AB05", "Énoxaparine", "Énoxaparine 4 000 UI, seringue", 1, 1, 28)

NO_ALLERGY = "Pas d'allergie retrouvée à l'interrogatoire ni pendant le séjour"

MEDICAL = (
    Scenario(
        "Essoufflement croissant depuis dix jours, jambes gonflées",
        "Poussée d'insuffisance cardiaque après un écart de régime. Quatre kilos perdus sous diurétiques.",
        EMERGENCY,
        HOME,
        IBUPROFEN,
        (FUROSEMIDE, BISOPROLOL, RAMIPRIL),
        "BNP en baisse de moitié ; échographie cardiaque de contrôle attendue.",
        "Pesée quotidienne, ionogramme à une semaine, consultation de cardiologie à un mois.",
        ECG,
        NO_ALLERGY,
    ),
    Scenario(
        "Fièvre et toux grasse chez un patient suivi pour une bronchite chronique",
        "Pneumopathie du lobe inférieur droit, évolution simple sous antibiotique, oxygène arrêté au troisième jour.",
        EMERGENCY,
        HOME,
        OMEPRAZOLE,
        (AMOXICILLIN, PARACETAMOL),
        "Hémocultures stériles ; cliché thoracique de contrôle à prévoir.",
        "Cliché de contrôle à six semaines, vaccination antigrippale proposée.",
        CHEST,
        "Éruption sous céphalosporine rapportée par le patient, bilan allergologique conseillé",
    ),
    Scenario(
        "Palpitations et fatigue inhabituelle",
        "Fibrillation atriale récente, rythme ralenti, anticoagulation commencée. Pas d'argument pour une ischémie.",
        TRANSFERRED,
        HOME,
        IBUPROFEN,
        (APIXABAN, BISOPROLOL),
        "Thyréostimuline et ionogramme sans anomalie.",
        "Enregistrement de 24 heures dans le mois, éducation à l'anticoagulant faite avec la famille.",
        ECG,
        NO_ALLERGY,
    ),
    Scenario(
        "Déséquilibre d'un diabète connu, soif et amaigrissement",
        "Hyperglycémie sans acidocétose. Reprise du régime et du traitement, glycémies stables depuis trois jours.",
        PLANNED,
        HOME_CARE,
        PARACETAMOL,
        (METFORMIN, RAMIPRIL),
        "Hémoglobine glyquée : résultat transmis à réception.",
        "Passage infirmier chaque matin, fond d'œil et consultation de podologie demandés.",
        ECG,
        NO_ALLERGY,
    ),
)

SURGICAL = (
    Scenario(
        "Coliques hépatiques répétées, vésicule lithiasique",
        "Ablation de la vésicule par cœlioscopie, suites simples, alimentation reprise le soir même.",
        PLANNED,
        HOME,
        OMEPRAZOLE,
        (PARACETAMOL, ENOXAPARIN),
        "Examen anatomopathologique de la pièce en cours.",
        "Ablation des fils au dixième jour, consultation du chirurgien à un mois.",
        CHEST,
        NO_ALLERGY,
    ),
    Scenario(
        "Douleur de hanche gênant la marche, arthrose évoluée",
        "Pose d'une prothèse totale de hanche. Deux culots globulaires au premier jour, marche avec deux cannes.",
        PLANNED,
        ELSEWHERE,
        IBUPROFEN,
        (ENOXAPARIN, PARACETAMOL),
        "Hémoglobine à 10,4 g/dL la veille du départ.",
        "Rééducation, cliché de hanche à six semaines, pansement tous les deux jours.",
        CHEST,
        "Réaction cutanée au sparadrap, pansement hypoallergénique conseillé",
        transfused=True,
    ),
)


def scenario(stay_id: str, operated: bool) -> Scenario:
    """The scenario of a stay, always the same one."""
    choices = SURGICAL if operated else MEDICAL
    return choices[int(stay_id) % len(choices)]


# Analysis, unit, usual bounds, spread of the drawn values, decimals.
_ANALYSES = (
    ("Hémoglobine", "g/dL", "12,0 - 16,0", 9.5, 16.5, 1),
    ("Leucocytes", "G/L", "4,0 - 10,0", 3.1, 14.8, 1),
    ("Plaquettes", "G/L", "150 - 400", 120, 480, 0),
    ("Créatinine", "µmol/L", "59 - 104", 48, 160, 0),
    ("Potassium", "mmol/L", "3,5 - 5,0", 3.1, 5.4, 1),
    ("Sodium", "mmol/L", "136 - 145", 131, 148, 0),
    ("Protéine C réactive", "mg/L", "< 5", 1, 140, 0),
    ("Glycémie", "mmol/L", "3,9 - 6,1", 3.6, 13.2, 1),
    ("Bilirubine totale", "µmol/L", "< 21", 4, 38, 0),
    ("Troponine", "ng/L", "< 14", 3, 60, 0),
)
_REMARKS = (
    "",
    "contrôle demandé",
    "sans incidence",
    "discuté en staff",
    "à recontrôler en ville",
    "prélèvement difficile",
)
_POOL = 2000


def _rows() -> Iterator[str]:
    draw = Random("results")
    for rank in range(_POOL):
        name, unit, usual, low, high, decimals = _ANALYSES[rank % len(_ANALYSES)]
        value = f"{draw.uniform(low, high):.{decimals}f} {unit}".replace(".", ",")
        day = f"J{rank // len(_ANALYSES) % 30} à {draw.randint(5, 22):02d} h {draw.randint(0, 59):02d}"
        yield tag("tr", *(words("td", cell) for cell in (day, name, value, usual, draw.choice(_REMARKS))))


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[str, ...], int]:
    """The rows and their mean length in bytes."""
    rows = tuple(_rows())
    return rows, sum(len(row.encode()) for row in rows) // len(rows)


def result_rows(start: int, size: int) -> str:
    """Result rows worth about `size` bytes, at least one; `start` makes two letters differ."""
    rows, mean = _table()
    first, count = start % _POOL, max(1, round(size / mean))
    turns, rest = divmod(count, _POOL)
    tail = rows[first : first + rest] + rows[: max(0, first + rest - _POOL)]
    return "".join(rows) * turns + "".join(tail)
