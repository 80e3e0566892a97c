"""What is entered in a national project and in each of its tranches: holder, experts, committee, ARS pivot."""

from __future__ import annotations

from indicators.programmes.aap_dui.rules import FILE_ITEMS
from indicators.programmes.entered import PAYMENT
from indicators.programmes.life import Entry, part

HOLDER, EXPERTS, COMMITTEE, PIVOT = "holder", "experts", "committee", "ARS pivot"
_HERS, _THEIRS, _PIVOT = (HOLDER,), (COMMITTEE,), (PIVOT,)

_OPERATOR = (
    part("name", "text", "organisme gestionnaire", "managing body"),
    part("esms", "integer", "nombre d'ESMS", "number of ESMS"),
)
_DEPLOYED = (
    part("place", "text", "ESMS ou organisme", "ESMS or managing body"),
    part("solution", "text", "solution", "solution"),
    part("version", "text", "version", "version"),
)
_YEAR = (part("year", "integer", "année", "year"), part("euros", "euros", "montant", "amount"))
_SIGNED = (part("signed_on", "date", "signé le", "signed on"), part("reference", "text", "référence", "reference"))
_RESULT = (
    part("criterion", "text", "critère", "criterion"),
    part("result", "integer", "résultat", "result"),
    part("out_of", "integer", "sur (pour un taux)", "out of (for a rate)"),
)

PROJECT_ENTRIES = (
    Entry("items", "list", _HERS, "pièces du dossier", "items of the file", choices=FILE_ITEMS),
    Entry("operators", "list", _HERS, "organismes et leurs ESMS", "managing bodies and their ESMS", parts=_OPERATOR),
    Entry("equipment_requested", "bool", _HERS, "équipement des petits organismes demandé",
          "equipment of small managing bodies asked for"),
    Entry("requested_amount", "euros", _HERS, "montant demandé", "amount asked for"),
    Entry("acquisition_esms", "integer", _HERS, "ESMS sans DUI, en acquisition", "ESMS without DUI, acquiring one"),
    Entry("budget", "object", _HERS, "budget hors équipement, dont acquisitions",
          "budget without equipment, and its acquisitions",
          parts=(part("acquisition", "euros", "acquisitions", "acquisitions"),
                 part("without_equipment", "euros", "total hors équipement", "total without equipment"))),
    Entry("schedule", "list", _HERS, "échéancier par année", "schedule by year", parts=_YEAR),
    Entry("deployed", "list", _HERS, "solutions et versions déployées", "solutions and versions rolled out",
          parts=_DEPLOYED),
    Entry("expertise", "text", (EXPERTS,), "avis des experts", "opinion of the experts", ("ELIGIBLE",)),
    Entry("granted_amount", "euros", _THEIRS, "montant accordé, s'il est inférieur",
          "amount granted, when it is lower", ("COMMITTEE",)),
    Entry("reservations", "list", _THEIRS, "réserves", "reservations", ("COMMITTEE",)),
    Entry("refusal_reasons", "list", _THEIRS, "motifs du refus", "reasons for the refusal", ("COMMITTEE",)),
    Entry("agreement", "object", _PIVOT, "convention", "agreement", ("PIVOT_ASSIGNED",), parts=_SIGNED),
)  # fmt: skip

TRANCHE_ENTRIES = (
    Entry("project_amount", "euros", _PIVOT, "montant accordé au projet", "amount granted to the project"),
    Entry("plan", "list", _PIVOT, "part de chaque tranche, en %", "share of each tranche, in %"),
    Entry("pilot_first", "bool", _PIVOT, "la première tranche est une phase pilote", "the first tranche is a pilot"),
    Entry("committee_opinion", "object", _PIVOT, "avis du comité de pilotage national",
          "opinion of the national steering committee",
          parts=(part("on", "date", "date", "day"), part("favourable", "bool", "favorable", "favourable"))),
    Entry("previous_closed_on", "date", _PIVOT, "tranche précédente close, critères atteints, le",
          "previous tranche closed, its criteria reached, on"),
    Entry("demonstration", "bool", _PIVOT, "démonstration de la phase pilote faite", "demonstration of the pilot made"),
    Entry("integration_proof", "bool", _PIVOT, "preuve d'intégration des référentiels reçue",
          "proof of integration of the reference frames received"),
    Entry("request_reference", "text", (HOLDER, PIVOT), "demande dans PAI numérique", "request in PAI numérique",
          ("PLANNED", "OPEN")),
    Entry("payment", "object", _PIVOT, "versement effectué", "payment made", ("OPEN", "VSR"), parts=PAYMENT),
    Entry("vsr", "object", _HERS, "vérification de service régulier", "verification of regular service", ("OPEN",),
          parts=_SIGNED),
    Entry("deployed", "list", _HERS, "solutions et versions déployées", "solutions and versions rolled out", ("OPEN",),
          parts=_DEPLOYED),
    Entry("usage_results", "list", _HERS, "résultats des critères d'usage", "results of the usage criteria",
          ("OPEN",), parts=_RESULT),
    Entry("criteria_verified", "bool", _PIVOT, "critères vérifiés par l'ARS pivot", "criteria checked by the ARS pivot",
          ("VSR",)),
)  # fmt: skip
