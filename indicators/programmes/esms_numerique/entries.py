"""What is entered in one project of the kick-off phase: by its holder, by the ARS, and by whoever pays."""

from __future__ import annotations

from indicators.programmes.entered import PAYMENT
from indicators.programmes.esms_numerique.rules import ADMISSIBILITY_ITEMS, KINDS, PRIORITY_ITEMS
from indicators.programmes.life import Entry, part

HOLDER, ARS = "holder", "ARS"
CRITERIA = ("E1", "E2", "E3", "E4", "E5", "E6", "E7")
"""Usage criteria (S3 annexe 2 §III): three of the trade, then four of the core services."""
_HERS, _OURS = (HOLDER,), (ARS,)

_STRUCTURE = (
    part("finess", "text", "FINESS géographique", "geographic FINESS"),
    part("operator", "text", "organisme gestionnaire", "managing body"),
    part("territory", "text", "territoire", "territory"),
    part("region", "text", "région de l'ARS (code INSEE)", "region of the ARS (INSEE code)"),
    part("category", "text", "catégorie", "category"),
    part("public", "text", "public accueilli", "public", "PA", "PH", "autre"),
    part("funded_by_health_insurance", "bool", "financé par l'assurance maladie", "paid by health insurance"),
    part("to_equip", "bool", "à équiper", "to be equipped"),
)
_INVOICE = (
    part("number", "text", "numéro de la facture", "number of the invoice"),
    part("on", "date", "date de la facture", "date of the invoice"),
    part("euros", "euros", "montant", "amount"),
)
_RESULT = (
    part("criterion", "text", "critère", "criterion", *CRITERIA),
    part("numerator", "integer", "résultat ou numérateur", "result or numerator"),
    part("denominator", "integer", "dénominateur (critères métier)", "denominator (criteria of the trade)"),
    part("evidence", "text", "référence de la preuve", "reference of the evidence"),
)

ENTRIES = (
    Entry("kind", "text", _HERS, "acquisition ou mise en conformité", "acquisition or conformity", choices=KINDS),
    Entry("items", "list", _HERS, "éléments de recevabilité fournis", "admissibility items given",
          choices=ADMISSIBILITY_ITEMS),
    Entry("priority_items", "list", _HERS, "éléments de priorité fournis", "priority items given",
          choices=PRIORITY_ITEMS),
    Entry("in_cluster", "bool", _HERS, "projet porté par une grappe", "project of a cluster"),
    Entry("structures", "list", _HERS, "ESMS du projet", "ESMS of the project", parts=_STRUCTURE),
    Entry("solution", "text", _HERS, "solution retenue", "chosen solution"),
    Entry("editor", "text", _HERS, "éditeur de la solution", "editor of the solution"),
    Entry("services", "list", _HERS, "services socles connectés", "core services connected",
          choices=("MSSANTE", "DMP", "E_PRESCRIPTION", "E_PARCOURS")),
    Entry("deployed_in_whole_field", "bool", _HERS, "dérogation au marché : solution déployée dans tous les ESMS d'un "
          "champ de la région", "market derogation: solution deployed in all ESMS of a field of the region"),
    Entry("derogation_confirmed", "bool", _OURS, "dérogation au marché confirmée", "market derogation confirmed",
          ("APPLIED",)),
    Entry("rejection_reasons", "list", _OURS, "motifs du rejet", "reasons for the rejection", ("ELIGIBLE",)),
    Entry("redeployed", "bool", _OURS, "crédits redéployés par la CNSA", "credits redeployed by the CNSA",
          ("SELECTED",)),
    Entry("pai_reference", "text", _OURS, "opération dans PAI numérique", "operation in PAI numérique",
          ("SELECTED", "COMMITTED")),
    Entry("agreement", "object", _OURS, "convention", "agreement", ("COMMITTED",),
          parts=(part("signed_on", "date", "signée le", "signed on"),
                 part("reference", "text", "référence", "reference"))),
    Entry("signature_payment", "object", _OURS, "versement à la signature", "payment at signature",
          ("AGREEMENT_SIGNED",), parts=PAYMENT),
    Entry("configuration_invoice", "object", _HERS, "facture de fin de paramétrage",
          "invoice of the end of configuration", ("AGREEMENT_SIGNED",), parts=_INVOICE),
    Entry("configuration_payment", "object", _OURS, "versement de fin de paramétrage",
          "payment at the end of configuration", ("CONFIGURED",), parts=PAYMENT),
    Entry("roll_out_invoice", "object", _HERS, "facture de fin de déploiement", "invoice of the end of the roll-out",
          ("CONFIGURED",), parts=_INVOICE),
    Entry("criteria_results", "list", _HERS, "résultats des critères d'usage", "results of the usage criteria",
          ("ROLLED_OUT",), parts=_RESULT),
    Entry("criteria_verified", "bool", _OURS, "critères d'usage vérifiés", "usage criteria verified",
          ("ROLLED_OUT",)),
    Entry("usage_payment", "object", _OURS, "versement d'usage effectué", "usage payment made",
          ("CRITERIA_VERIFIED",), parts=PAYMENT),
)  # fmt: skip
