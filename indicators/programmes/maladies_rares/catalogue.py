"""The rules of the rare-disease call, initial and updated."""

from __future__ import annotations

from datetime import timedelta

from indicators.programmes.catalogue import rules_of
from indicators.programmes.maladies_rares import rules

_INITIAL, _UPDATED = (version.effective_from for version in rules.VERSIONS)
_rule = rules_of("S0", _INITIAL)

RULES = (
    _rule("MR-R01", "introduction",
          "Le set de données minimum est produit par le dossier patient et envoyé par MSSanté",
          "The minimum data set is produced by the patient record and sent by MSSanté",
          rules.carries_sdm_mr, rules.transmitted),
    _rule("MR-R02", "§2",
          "Candidatures closes le 12 janvier 2018",
          "Applications close on 12 January 2018",
          rules.application_in_time),
    _rule("MR-R03", "§1",
          "150 000 € par établissement retenu",
          "150,000 € per selected establishment",
          rules.grant),
    _rule("MR-R04", "§1",
          "60 % à l'amorçage, versés en 2018",
          "60% to start, paid in 2018",
          rules.amorcage),
    _rule("MR-R05", "§1.1, §2.1",
          "Version initiale : 40 % en 2019 si les cibles sont atteintes en janvier 2019 ; rien à rendre",
          "Initial version: 40% in 2019 if the targets are reached in January 2019; nothing to return",
          rules.usage_initial, rules.target_day, until=_UPDATED - timedelta(days=1)),
    _rule("MR-R06", "§1.2, §2.2",
          "Version actualisée : 40 % sans condition en dernière circulaire 2019 ; cibles en septembre 2020",
          "Updated version: 40% without condition in the last 2019 circular; targets in September 2020",
          rules.usage_updated, rules.target_day, since=_UPDATED),
    _rule("MR-R07", "§1.2",
          "Version actualisée : cibles manquées à la date, tout ce qui a été perçu est rendu",
          "Updated version: targets missed by the date, everything perceived is returned",
          rules.restitution, since=_UPDATED),
    _rule("MR-R08", "note 1",
          "Les cibles sont celles de l'annexe 3 de l'instruction de 2017",
          "The targets are those of annexe 3 of the 2017 instruction",
          rules.patients_transmitted, mark="CONFIG"),
    _rule("MR-R09", "date d'application",
          "La version en vigueur est celle de la date de décision",
          "The version in force is that of the date of the decision",
          rules.version_in_force),
)  # fmt: skip
