"""What an ARS sends of SUN-ES volet 1: the list of a window's files (SUN1-R19), the regional follow-up (R30)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from indicators.export_table import Field, Table
from indicators.measures import Figure
from indicators.money import parse_euros
from indicators.programmes.dates import Period
from indicators.programmes.sun_es_volet1.calendar import UsageWindow
from indicators.programmes.sun_es_volet1.files import LIST_COLUMNS, Decision, candidature_list, follow_up
from indicators.programmes.sun_es_volet1.rules import DOMAINS

ALL = "ensemble"
"""The row of a region and window over its three domains, which carries the delegated credits."""

_LABELS = {
    "finess_geographique": ("FINESS géographique", "geographic FINESS"),
    "finess_juridique": ("FINESS juridique", "legal FINESS"),
    "ght": ("GHT, pour un établissement public", "GHT, of a public establishment"),
    "domaine": ("domaine", "domain"),
    "fenetre": ("fenêtre", "window"),
    "echeance": ("dernier jour de la mesure", "last day of the measure"),
    "statut": ("validée ou non validée", "validated or not"),
    "montant": ("montant en euros, si la candidature est validée", "amount in euros, of a validated candidature"),
    "motifs": ("motifs, si elle ne l'est pas", "reasons, of one that is not"),
}


def candidature_table(decisions: Iterable[Decision]) -> Table:
    """SUN1-R19 (S2 §6.1): the list to DNS and DGOS, with its columns and no other."""
    fields = tuple(Field(name, "euros" if name == "montant" else "text", *_LABELS[name]) for name in LIST_COLUMNS)
    rows = [row | {"montant": _cents(row["montant"])} for row in candidature_list(decisions)]
    return Table(
        "candidature-list", "Dossiers acceptés et refusés (DNS, DGOS)", "Files accepted and refused (DNS, DGOS)",
        fields, rows,
    )  # fmt: skip


def _cents(text: str) -> int | None:
    return parse_euros(text) if text else None


_OSIS = (
    Field("finess", "text", "FINESS géographique", "geographic FINESS"),
    Field("indicateur", "text", "indicateur", "indicator"),
    Field("debut", "date", "premier jour de la mesure", "first day of the measure"),
    Field("fin", "date", "dernier jour de la mesure", "last day of the measure"),
    Field("numerateur", "count", "numérateur", "numerator"),
    Field(
        "denominateur", "count", "dénominateur, vide s'il n'est pas connu", "denominator, empty when it is not known"
    ),
    Field("source", "text", "d'où vient le chiffre", "where the figure comes from"),
)
SOURCE = "segur-fhir"


def osis_table(figures: Iterable[Figure], days: Period) -> Table:
    """SUN1-R29 (S2 §5, C-10): our own figures of a window in the shape declared ones are read in, to be set beside."""
    rows = [
        {
            "finess": one.organization, "indicateur": one.measure, "debut": days.start, "fin": days.end,
            "numerateur": one.numerator, "denominateur": one.denominator, "source": SOURCE,
        }
        for one in sorted(figures, key=lambda one: (one.organization, one.measure))
    ]  # fmt: skip
    return Table(
        "osis", "Chiffres calculés, à côté de ceux d'oSIS", "Computed figures, beside those of oSIS", _OSIS, rows
    )


@dataclass(frozen=True, slots=True)
class Followed:
    """One file as the follow-up sees it; amounts are in cents."""

    region: str
    site: str
    window: UsageWindow
    domain: str
    state: str
    prerequisites_reached: bool
    committed: int = 0
    paid: int = 0


_STATES = {
    "en_instruction": ("DEPOSITED", "UNDER_REVIEW"),
    "acceptes": (
        "ACCEPTED", "ADVANCE_NOTIFIED", "ADVANCE_PAID", "MEASURING", "DECLARED", "NOT_DECLARED", "REACHED",
        "NOT_REACHED", "USAGE_NOTIFIED", "USAGE_PAID", "CLOSED",
    ),
    "refuses": ("REFUSED",),
    "hors_delai": ("REJECTED_LATE",),
    "cibles_atteintes": ("REACHED", "USAGE_NOTIFIED", "USAGE_PAID"),
    "cibles_manquees": ("NOT_REACHED", "CLOSED"),
    "non_declares": ("NOT_DECLARED",),
}  # fmt: skip
"""Which states of a file each column counts; an accepted file is counted again by what its measure came to."""

_FOLLOW_UP = (
    Field("region", "text", "code INSEE de la région", "INSEE code of the region"),
    Field("fenetre", "text", "fenêtre", "window"),
    Field("domaine", "text", "domaine, ou l'ensemble", "domain, or all of them"),
    Field("deposes", "count", "dossiers déposés", "files deposited"),
    Field("en_instruction", "count", "en instruction", "under review"),
    Field("acceptes", "count", "acceptés", "accepted"),
    Field("refuses", "count", "refusés", "refused"),
    Field("hors_delai", "count", "déposés hors délai", "deposited late"),
    Field("prerequis_atteints", "count", "six prérequis atteints et prouvés", "six prerequisites reached and proved"),
    Field("cibles_atteintes", "count", "cibles atteintes", "targets reached"),
    Field("cibles_manquees", "count", "cibles manquées", "targets missed"),
    Field("non_declares", "count", "usage non déclaré", "usage not declared"),
    Field("engage", "euros", "montants engagés", "amounts committed"),
    Field("verse", "euros", "montants notifiés ou versés", "amounts notified or paid"),
    Field("delegue", "euros", "crédits délégués à la région, tous domaines et toutes fenêtres",
          "credits delegated to the region, all domains and windows"),
    Field("fin_instruction", "date", "dernier jour de l'instruction", "last day of the instruction"),
    Field("debut_mesure", "date", "premier jour de la mesure", "first day of the measure"),
    Field("fin_mesure", "date", "dernier jour de la mesure", "last day of the measure"),
)  # fmt: skip


def follow_up_table(files: Iterable[Followed], delegated: Mapping[str, int]) -> Table:
    """SUN1-R30 (S2 §7.1, §7.2): by region and window, a row a domain and one for all; `delegated` cents by region."""
    groups: dict[tuple[str, str], list[Followed]] = {}
    for one in files:
        if one.state != "DRAFT":
            groups.setdefault((one.region, one.window.id), []).append(one)
    rows = [row for key in sorted(groups) for row in _window_rows(groups[key], delegated)]
    return Table("follow-up", "Suivi régional SUN-ES", "Regional follow-up of SUN-ES", _FOLLOW_UP, rows)


def _window_rows(files: Sequence[Followed], delegated: Mapping[str, int]) -> list[dict[str, Any]]:
    region, days = files[0].region, files[0].window
    calendar: dict[str, Any] = {
        "region": region, "fenetre": days.id, "fin_instruction": days.instruction.end,
        "debut_mesure": days.measure.start, "fin_mesure": days.measure.end,
    }  # fmt: skip
    counts = {domain: _counts(domain, [one for one in files if one.domain == domain]) for domain in DOMAINS}
    summed = {name: sum(row[name] for row in counts.values()) for name in next(iter(counts.values()))}
    rows = [calendar | {"domaine": domain} | row for domain, row in counts.items()]
    return [*rows, calendar | {"domaine": ALL} | summed | {"delegue": delegated.get(region)}]


def _counts(domain: str, files: Sequence[Followed]) -> dict[str, int]:
    """SUN1-R30: the files of one domain by what became of them, as `follow_up` counts them."""
    decisions = [Decision(one.site, "", None, domain, one.window, one.committed or None) for one in files]
    by_state = follow_up(decisions, {one.site: one.state for one in files})[domain]
    counts = {name: sum(by_state.get(state, 0) for state in states) for name, states in _STATES.items()}
    return {
        "deposes": len(files),
        **counts,
        "prerequis_atteints": sum(one.prerequisites_reached for one in files),
        "engage": by_state.get("committed_cents", 0),
        "verse": sum(one.paid for one in files),
    }
