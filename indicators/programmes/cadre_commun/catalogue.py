"""The rules of the common framework of e-health projects."""

from __future__ import annotations

from indicators.programmes.cadre_commun import rules
from indicators.programmes.catalogue import rules_of
from indicators.programmes.sources import source_text

_rule = rules_of("S1", source_text("S1").dated)

RULES = (
    _rule("CC-R01", "§II",
          "Trois volets : socle de services, référentiels, principes de conduite",
          "Three parts: core of services, reference frames, project principles",
          declared="a plan of the text; each part has its own rule"),
    _rule("CC-R02", "§II.1",
          "Neuf services en quatre familles, que chaque ARS met en place",
          "Nine services in four families, that each ARS sets up",
          rules.services, rules.coverage),
    _rule("CC-R03", "§I, §II.1",
          "Le socle est un minimum ; un projet local important passe d'abord au ministère",
          "The core is a minimum; a weighty local project goes to the ministry first",
          rules.national_examination),
    _rule("CC-R04", "§III.2",
          "Tout projet respecte les référentiels",
          "Every project respects the reference frames",
          rules.matrix_gaps),
    _rule("CC-R05", "§II.3, §III.3",
          "Quatorze principes de conduite, repris dans les notes de cadrage",
          "Fourteen principles, taken into the scoping notes",
          rules.principles_missing),
    _rule("CC-R06", "§III.1",
          "Suivre le déploiement et l'usage de chaque service face à sa cible",
          "Follow deployment and use of each service against its target",
          rules.usage_rate, rules.available_services),
    _rule("CC-R07", "introduction",
          "Services interopérables et sécurisés, dans le cadre national d'interopérabilité",
          "Interoperable and secure services, in the national interoperability framework",
          declared="conformance reports of the validator are the evidence"),
    _rule("CC-R08", "§III.4",
          "Remontée nationale semestrielle, tableau de bord par région",
          "Half-yearly national feedback, dashboard by region",
          rules.semester, rules.reports_missing),
    _rule("CC-R09", "introduction, §II.1",
          "La liste des services peut s'enrichir",
          "The list of services may grow",
          rules.families),
    _rule("CC-R10", "§IV",
          "Une révision par an, deux comités stratégiques, quatre opérationnels",
          "One revision a year, two strategic committees, four operational ones",
          rules.rhythm),
    _rule("CC-R11", "§V",
          "Organisation régionale, et seconde instruction annoncée",
          "Regional set-up, and a second instruction announced",
          declared="an organisation to come, without effect on a figure"),
)  # fmt: skip
