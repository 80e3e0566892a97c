"""One decision of every programme for every kind of letter it can owe, made by the programmes' own operations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from indicators.programmes import programme
from indicators.programmes.decisions import DecisionRecord, Instalment, decide

FILED: dict[str, Any] = {
    "territory": "FR", "is_health_establishment": True, "deposited_at": "2021-10-31T23:59:59+01:00", "window": 1,
    "director_validation": True, "prerequisites": {f"SP{n}": {"evidence": True, "reached": True} for n in range(1, 7)},
    "prerequisites_in_osis": True, "commitment_osis_usage": True, "all_editors_in_relims": True, "ght": None,
    "domains": ["documents_sortie"], "finess_ej": "350000022", "domains_already_paid": [],
}  # fmt: skip
"""A candidature to SUN-ES volet 1 that nothing is wrong with."""
REFUSED = FILED | {
    "director_validation": False,
    "prerequisites": FILED["prerequisites"] | {"SP2": {"evidence": True, "reached": False}},
    "all_editors_in_relims": False,
}  # fmt: skip
PAID = {
    "standard_amount": "320000.00", "bonus_claimed": True, "bonus_timing": "with_usage", "accepted": True,
    "targets_reached": True, "cro_reached": True,
}  # fmt: skip
FACTS: dict[str, Any] = {
    "addressee": {"name": "Centre hospitalier de l'Œuvre", "lines": ["Direction générale", "1 rue du Test",
                                                                     "35000 RENNES"]},
    "sender": {"name": "Agence régionale de santé Bretagne", "lines": ["6 place d'essai", "35042 RENNES CEDEX"]},
    "signatory": {"name": "Anne Le Goff", "lines": ["Directrice adjointe"]},
    "place": "Rennes",
    "key": {"finess": "350000014", "window": "F1", "domain": "documents_sortie"},
}  # fmt: skip
CONTESTED = {
    "document": "a" * 64, "received": "2022-07-10", "answer": "rejected",
    "ground": "La lettre a été déposée le 29 juin.",
    "explanation": "L'identité n'était pas qualifiée au 30 juin 2022.",
}  # fmt: skip


def record(of: str, op: str, inputs: Mapping[str, Any], *paid: tuple[str, int], **more: Any) -> DecisionRecord:
    """A decision; `paid` are its instalments in cents."""
    given = {
        "decided_by": "directrice", "role": "ARS", "decided_at": datetime(2022, 7, 20, 9, tzinfo=UTC),
        "as_of": date(2022, 7, 20), "parameter_set": programme(of).parameters.id,
        "instalments": [Instalment(*one) for one in paid],
    }  # fmt: skip
    return decide(f"{of}-{op}", programme(of), op, inputs, **(given | more))


def rare(version: str, as_of: date, **more: Any) -> DecisionRecord:
    """The account of an establishment that never reached its targets, on a day; its target day is given."""
    inputs = {"version": version, "selected": True, "reached_on": None, "as_of": as_of.isoformat(),
              "perceived": "150000", "target_day": "2020-09-30"}  # fmt: skip
    return record("maladies_rares", "mr_payments", inputs, ("restitution", -15_000_000), as_of=as_of, **more)


DEPOSITS: dict[str, tuple[str, dict[str, Any]]] = {
    "sun_es_v1": ("sun1_deposit_window", {"deposited_at": "2021-10-31T23:59:59+01:00"}),
    "sun_es_v2": ("sun2_eligible", {"department": "80", "designated_by_ars": True, "start_date": "2021-07-15"}),
    "maladies_rares": ("mr_application", {"received": "2018-01-12"}),
    "esms_amorcage": ("esms_grappe", {"territory": "metropole", "n_og": 3, "n_esms": 15}),
    "aap_dui": ("aap_deposit", {"deposited_at": "2021-10-20T23:59:59+02:00"}),
    "cadre_commun": ("cc_semester", {"day": "2016-07-01"}),
}
ACCEPTED: dict[str, tuple[str, dict[str, Any]]] = {
    "sun_es_v1": ("sun1_check_candidature", {"c": FILED}),
    "sun_es_v2": DEPOSITS["sun_es_v2"],
    "maladies_rares": ("mr_grant", {"selected": True}),
    "esms_amorcage": ("esms_amount", {"kind": "acquisition", "n_esms": 31, "n_small_equipped": 0,
                                      "equipment_capped_at_30": True}),
    "aap_dui": ("aap_amount", {"n_esms": 60, "rate_over_500": None, "small_operators_esms": [14],
                               "equipment_with_dui": True}),
    "cadre_commun": ("cc_coverage", {"available": ["MSSANTE", "DMP"]}),
}  # fmt: skip
TURNED_DOWN: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "sun_es_v1": ("sun1_check_candidature", {"c": REFUSED}, []),
    "sun_es_v2": ("sun2_eligible", {"department": "35", "designated_by_ars": False, "start_date": "2021-06-30"}, []),
    "maladies_rares": ("mr_application", {"received": "2018-01-13"}, ["RECEIVED_AFTER_CLOSING"]),
    "esms_amorcage": ("esms_grappe", {"territory": "metropole", "n_og": 2, "n_esms": 14},
                      ["CLUSTER_TOO_SMALL", "ITEM_MISSING:planning"]),
    "aap_dui": ("aap_last_year", {"schedule_years": [2026, 2027]}, ["SCHEDULE_BEYOND_2026"]),
    "cadre_commun": ("cc_coverage", {"available": []}, ["SERVICE_NOT_AVAILABLE"]),
}  # fmt: skip
NOTIFIED: dict[str, tuple[str, dict[str, Any], tuple[tuple[str, int], ...]]] = {
    "sun_es_v1": ("sun1_payments", PAID, (("advance", 9_600_000), ("usage", 22_400_000), ("bonus", 3_200_000))),
    "sun_es_v2": ("sun2_payments", {"computed_amount": "145678.90", "objectives_reached": True},
                  (("amorcage", 3_000_000), ("usage", 7_000_000))),
    "maladies_rares": ("mr_grant", {"selected": True}, (("amorcage", 9_000_000), ("usage", 6_000_000))),
    "esms_amorcage": ("esms_schedule", {"total": "375000"}, (("p1_signature", 15_000_000),)),
    "aap_dui": (*ACCEPTED["aap_dui"], (("dui", 30_000_000), ("equipment", 28_000_000))),
}  # fmt: skip
RETURNED: dict[str, tuple[str, dict[str, Any], tuple[tuple[str, int], ...]]] = {
    "sun_es_v1": ("sun1_payments", PAID, (("advance", -9_600_000),)),
}


def cases() -> dict[tuple[str, str], tuple[DecisionRecord, dict[str, Any]]]:
    """By programme and kind of letter: the decision and the facts of its file."""
    made: dict[tuple[str, str], tuple[DecisionRecord, dict[str, Any]]] = {}
    for of in DEPOSITS:
        made[of, "receipt"] = (record(of, *DEPOSITS[of]), FACTS)
        made[of, "acceptance"] = (record(of, *ACCEPTED[of]), FACTS)
        op, inputs, reasons = TURNED_DOWN[of]
        for kind in ("refusal", "rejection"):
            made[of, kind] = (record(of, op, inputs), FACTS | {"reasons": reasons})
        made[of, "contestation"] = (record(of, *DEPOSITS[of]), FACTS | {"contestation": CONTESTED})
    for kind, table in (("notification", NOTIFIED), ("restitution", RETURNED)):
        for of, (op, inputs, paid) in table.items():
            made[of, kind] = (record(of, op, inputs, *paid), FACTS)
    made["maladies_rares", "restitution"] = (
        rare("updated", date(2020, 10, 15)), FACTS | {"reasons": ["TARGETS_NOT_REACHED"]},
    )  # fmt: skip
    return made
