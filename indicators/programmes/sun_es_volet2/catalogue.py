"""The rules of SUN-ES volet 2, experiment of citizen messaging."""

from __future__ import annotations

from indicators.programmes.catalogue import rules_of
from indicators.programmes.sources import source_text
from indicators.programmes.sun_es_volet2 import rules

_rule = rules_of("S2", source_text("S2").dated)

RULES = (
    _rule("SUN2-R01", "§3.2",
          "Seule l'expérimentation de la messagerie citoyenne est couverte, de juillet à novembre 2021",
          "Only the experiment of citizen messaging is covered, July to November 2021",
          rules.experiment_period),
    _rule("SUN2-R02", "§3.2, §3.3, §6.2",
          "Départements pilotes : Somme, Haute-Garonne, Loire-Atlantique, et leurs ARS",
          "Pilot departments: Somme, Haute-Garonne, Loire-Atlantique, and their ARS",
          rules.pilot_ars),
    _rule("SUN2-R03", "§3.3, §6.2",
          "Pas de candidature : l'ARS désigne les établissements avec l'Assurance Maladie, la DNS et la DGOS",
          "No candidature: the ARS designates establishments with the health insurance, DNS and DGOS",
          rules.eligibility_reasons),
    _rule("SUN2-R04", "§3.3",
          "Forfait selon l'activité combinée 2019, 100 000 € au plus, 1,5 M€ en tout",
          "Forfait from the 2019 combined activity, 100,000 € at most, 1.5 M€ in all",
          rules.capped_amount, rules.within_envelope),
    _rule("SUN2-R05", "§3.3",
          "Deux versements : 30 % d'amorçage, le reste à l'usage",
          "Two payments: 30% to start, the rest on usage",
          rules.amorcage, rules.payments),
    _rule("SUN2-R06", "§3.2, §3.3",
          "La généralisation (50,5 M€) relève d'une autre instruction",
          "The generalisation (50.5 M€) is left to another instruction",
          declared="its content is CFG-S2-04; a later version of this programme will hold it"),
    _rule("SUN2-R07", "§3.3",
          "Enveloppe non fongible avec celle du volet 1",
          "An envelope that may not be exchanged with that of volet 1",
          rules.within_envelope),
    _rule("SUN2-R08", "§3.2",
          "Messagerie professionnelle : le texte ne chiffre aucune cible",
          "Professional messaging: the text gives no figure",
          declared="counted by I-SUN2-PRO, without a target", mark="CONFIG"),
    _rule("SUN2-R09", "§2.1, §3.1, §3.2",
          "La messagerie citoyenne s'ouvre à tous le 1er janvier 2022, après l'expérimentation",
          "Citizen messaging opens to everybody on 1 January 2022, after the experiment",
          declared="no date guard: the experiment uses the pilot service (X-04)"),
)  # fmt: skip
