"""The body of a discharge letter LDL-SES 2022.01: sections and entries in the order of the model (cda.md B1).

Template lists go from the most general to the most particular, as each model stacks on its parents. `…` in comments is
1.2.250.1.213.1.1, the arc of CI-SIS.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from testdata._clinical import HOME, SNOMED, TA_ASIP, Code, Drug, Scenario, result_rows, scenario
from testdata._header import ACT_CODE, LOINC
from testdata._oids import entry_id
from testdata._pieces import choice, drug_table, flag, product, said, table, templates, text, working_hours, yes
from testdata._xml import coded, tag, words
from testdata.model import PARIS, Stay

CI = "1.2.250.1.213.1.1"
PCC = "1.3.6.1.4.1.19376.1.5.3.1"
CCD = "2.16.840.1.113883.10.20.1"

OBSERVATION = (f"{PCC}.4.13", f"{CI}.3.48")
# A character XML forbids, hence never met in a text: it holds the place of the rows that bring a letter to a size.
PADDING = "\0"

DONE: Code = ("398166005", SNOMED, "réalisé")

ADVERSE = "Evènements indésirables survenus pendant l'hospitalisation"
SEARCH = "Recherche de microorganismes multi-résistants ou émergents effectuée"
ORGANISMS = "Identification de micro-organismes multirésistants"
TRANSFUSION = "Transfusion de produits sanguins"
DERIVATIVES = "Administration de dérivés du sang"
AFTER_DERIVATIVES = "Evènements indésirables suite à l'administration de dérivés du sang"
VISIT = "Consultation du médecin traitant dans le mois"


class Letter:
    """One letter's body. Its results end with `PADDING`, for the caller to replace."""

    def __init__(self, stay: Stay, document: str, when: datetime) -> None:
        self.stay = stay
        self.document = document
        self.day = f"{when.astimezone(PARIS):%Y%m%d}"
        self.entered = f"{stay.admitted:%Y%m%d}"
        self.leaving = stay.discharged or when.astimezone(PARIS)
        self.left = f"{self.leaving:%Y%m%d}"
        self.case: Scenario = scenario(stay.id, stay.operated)

    def body(self) -> str:
        """The `component` that ends the document."""
        sections = (
            self._status(),
            self._reason(),
            self._summary(),
            self._stopped(),
            self._discharge_treatments(),
            self._results(),
            self._plan(),
            self._devices(),
            self._allergies(),
        )
        return tag("component", tag("structuredBody", *("\n" + tag("component", section) for section in sections)))

    def _section(self, roots: tuple[str, ...], code: tuple[str, str], title: str, narrative: str, *entries: str) -> str:
        return tag(
            "section",
            templates(roots),
            tag("id", root=entry_id(self.document, code[0])),
            coded((code[0], LOINC, code[1])),
            words("title", title),
            tag("text", narrative),
            *("\n" + tag("entry", entry) for entry in entries),
        )

    def _observation(self, arcs: tuple[str, ...], code: tuple[str, str], anchor: str, day: str, value: str) -> str:
        """A simple observation; `arcs` are its own templates under …3.48."""
        return tag(
            "observation",
            templates((*OBSERVATION, *(f"{CI}.3.48.{arc}" for arc in arcs))),
            self._id(anchor),
            coded((code[0], TA_ASIP, code[1])),
            text(anchor),
            tag("statusCode", code="completed"),
            tag("effectiveTime", value=day),
            value,
            classCode="OBS",
            moodCode="EVN",
        )

    def _id(self, label: str) -> str:
        return tag("id", root=entry_id(self.document, label))

    def _status(self) -> str:
        narrative = table((("Statut du document", "statut", DONE[2]),))
        value = coded(DONE, name="value", xsi="CD")
        return self._section(
            (f"{CI}.2.35", f"{CI}.2.35.1"),
            ("33557-0", "Etat d'achèvement"),
            "Statut du document",
            narrative,
            self._observation(("16", "16.1"), ("GEN-065", "Statut du document"), "statut", self.day, value),
        )

    def _reason(self) -> str:
        return self._section(
            (f"{PCC}.3.1", f"{CI}.2.127"),
            ("42349-1", "Raison de la recommandation"),
            "Motif d'hospitalisation",
            words("paragraph", self.case.reason),
        )

    def _summary(self) -> str:
        rows = self._summary_rows()
        entries = (
            self._observation((arc,), (code, label), anchor, day, value)
            for arc, code, label, anchor, day, _, value in rows
        )
        return self._section(
            (f"{PCC}.1.21.2.9", "1.3.6.1.4.1.19376.1.7.3.1.1.13.7", f"{CI}.2.163", f"{CI}.2.163.1"),
            ("42545-4", "Evènements observés"),
            "Déroulement du séjour",
            table((label, anchor, shown) for _, _, label, anchor, _, shown, _ in rows),
            *entries,
        )

    def _summary_rows(self) -> tuple[tuple[str, str, str, str, str, str, str], ...]:
        """Template arc, code, label, anchor, day, what the reader sees, coded value: six mandatory, four optional."""
        case, left = self.case, self.left
        arrival = f"{self.stay.admitted:%d/%m/%Y} - {case.arrival[2]}"
        departure = f"{self.leaving:%d/%m/%Y} - {case.departure[2]}"
        searched = case.departure != HOME
        found = "Aucun germe résistant identifié" if searched else "Sans objet"
        return (
            ("6", "ORG-070", "Modalité d'entrée", "entree", self.entered, arrival, choice(case.arrival)),
            ("7", "ORG-074", "Modalité de sortie", "sortie", left, departure, choice(case.departure)),
            ("9", "MED-142", "Synthèse médicale", "synthese", left, case.summary, said(case.summary)),
            ("3", "MED-143", ADVERSE, "incident", left, "Aucun incident relevé", said("Aucun incident relevé")),
            ("8", "MED-309", SEARCH, "depistage", left, yes(searched), flag(searched)),
            ("5", "MED-144", ORGANISMS, "germes", left, found, said(found)),
            ("10", "MED-145", TRANSFUSION, "transfusion", left, yes(case.transfused), flag(case.transfused)),
            ("1", "MED-146", "Accidents transfusionnels", "accident", left, "Aucun", said("Aucun")),
            ("2", "MED-147", DERIVATIVES, "derives", left, yes(False), flag(False)),
            ("4", "MED-148", AFTER_DERIVATIVES, "suites", left, "Sans objet", said("Sans objet")),
        )

    def _stopped(self) -> str:
        drug = self.case.stopped
        entry = self._treatment(drug, "arrete-0", self.stay.admitted - timedelta(days=30), self.leaving)
        return self._section(
            (f"{PCC}.3.21", f"{CI}.2.145"),
            ("18610-6", "Traitements administrés"),
            "Traitements interrompus pendant le séjour",
            drug_table("arrete", (drug,)),
            entry,
        )

    def _discharge_treatments(self) -> str:
        drugs = self.case.taken
        return self._section(
            (f"{PCC}.3.22", f"{CI}.2.146"),
            ("10183-2", "Traitements à la sortie"),
            "Traitements à poursuivre après la sortie",
            drug_table("sortie", drugs),
            *(
                self._treatment(drug, f"sortie-{rank}", self.leaving, self.leaving + timedelta(days=drug.days))
                for rank, drug in enumerate(drugs)
            ),
        )

    def _treatment(self, drug: Drug, anchor: str, start: datetime, end: datetime) -> str:
        """FR-Traitement in its normal mode (…4.7.1): one product, one rhythm."""
        dose = {"value": str(drug.units), "unit": "1"}
        return tag(
            "substanceAdministration",
            templates((f"{CI}.3.42", f"{CCD}.24", f"{PCC}.4.7", f"{PCC}.4.7.1")),
            self._id(anchor),
            coded(("DRUG", ACT_CODE, "Médicament")),
            text(anchor),
            tag("statusCode", code="completed"),
            tag(
                "effectiveTime",
                tag("low", value=f"{start:%Y%m%d}"),
                tag("high", value=f"{end:%Y%m%d}"),
                xsi="IVL_TS",
            ),
            tag("effectiveTime", tag("period", value=str(24 // drug.per_day), unit="h"), xsi="PIVL_TS", operator="A"),
            tag("doseQuantity", tag("low", **dose), tag("high", **dose)),
            tag("consumable", product(drug, anchor)),
            classCode="SBADM",
            moodCode="EVN",
        )

    def _results(self) -> str:
        """Free text only: a coded results section would need procedures. It carries the padding."""
        return self._section(
            (f"{PCC}.3.27", f"{CI}.2.150"),
            ("30954-2", "Résultats d'examens"),
            "Résultats d'examens",
            words("paragraph", self.case.results) + PADDING,
        )

    def _plan(self) -> str:
        case, soon = self.case, f"{self.leaving + timedelta(days=30):%Y%m%d}"
        narrative = table(
            (("Acte", "acte", case.act[2]), ("Suivi", "suivi", case.follow_up), ("Rendez-vous", "visite", VISIT))
        )
        return self._section(
            (f"{CCD}.10", f"{PCC}.3.36", f"{CI}.2.158"),
            ("18776-5", "Plan de soins"),
            "Conduite à tenir après la sortie",
            narrative,
            self._procedure(),
            self._follow_up(soon),
            self._visit(soon),
        )

    def _procedure(self) -> str:
        return tag(
            "procedure",
            templates((f"{CCD}.25", f"{PCC}.4.19", f"{CI}.3.62")),
            self._id("acte"),
            coded(self.case.act),
            text("acte"),
            tag("statusCode", code="active"),
            tag("effectiveTime", nullFlavor="UNK"),
            working_hours(),
            classCode="PROC",
            moodCode="INT",
        )

    def _follow_up(self, day: str) -> str:
        return tag(
            "observation",
            templates((f"{CCD}.25", f"{PCC}.1.20.3.1", f"{CI}.3.27")),
            self._id("suivi"),
            coded(("ORG-064", TA_ASIP, "Demande d'examen ou de suivi")),
            text("suivi"),
            tag("statusCode", code="active"),
            tag("effectiveTime", value=day),
            said(self.case.follow_up),
            classCode="OBS",
            moodCode="INT",
        )

    def _visit(self, day: str) -> str:
        return tag(
            "encounter",
            templates((f"{CCD}.21", f"{CCD}.25", f"{PCC}.4.14", f"{CI}.3.58")),
            self._id("visite"),
            coded(("AMB", ACT_CODE, "Ambulatoire (hors établissement)")),
            text("visite"),
            tag("effectiveTime", value=day),
            working_hours(),
            classCode="ENC",
            moodCode="ARQ",
        )

    def _devices(self) -> str:
        # The arc 11383 (one 3 short of HL7's 113883) is what CI-SIS publishes and its schematron expects.
        return self._section(
            ("2.16.840.1.11383.10.20.1.7", f"{PCC}.1.5.3.5", f"{CI}.2.1"),
            ("46264-8", "Dispositifs médicaux"),
            "Dispositifs médicaux",
            words("paragraph", "Pas de dispositif à signaler au médecin traitant"),
        )

    def _allergies(self) -> str:
        return self._section(
            (f"{CCD}.2", f"{PCC}.3.13", f"{CI}.2.137"),
            ("48765-2", "Allergies et hypersensibilités"),
            "Allergies et hypersensibilités",
            tag("paragraph", words("content", self.case.allergy, ID="allergie")),
            self._concern(),
        )

    def _concern(self) -> str:
        """A problem followed over time, still active: a low bound and no high one."""
        return tag(
            "act",
            templates((f"{CCD}.27", f"{PCC}.4.5.1", f"{PCC}.4.5.3", f"{CI}.3.40")),
            self._id("preoccupation"),
            tag("code", nullFlavor="NA"),
            tag("statusCode", code="active"),
            tag("effectiveTime", tag("low", value=self.entered)),
            tag("entryRelationship", self._allergy(), typeCode="SUBJ", inversionInd="false"),
            classCode="ACT",
            moodCode="EVN",
        )

    def _allergy(self) -> str:
        return tag(
            "observation",
            templates((f"{CCD}.28", f"{CCD}.18", f"{PCC}.4.5", f"{PCC}.4.6", f"{CI}.3.41")),
            self._id("allergie"),
            coded(("420134006", SNOMED, "propension aux effets indésirables")),
            text("allergie"),
            tag("statusCode", code="completed"),
            tag("effectiveTime", tag("low", nullFlavor="UNK")),
            tag("value", tag("originalText", tag("reference", value="#allergie")), xsi="CD"),
            classCode="OBS",
            moodCode="EVN",
        )


def results_table(stay: Stay, size: int) -> str:
    """Result rows worth about `size` bytes; two stays start at different rows."""
    heads = ("Jour et heure", "Analyse", "Résultat", "Valeurs usuelles", "Remarque")
    head = tag("thead", tag("tr", *(words("th", title) for title in heads)))
    return tag("table", head, tag("tbody", result_rows(int(stay.id) * 17, size - len(head))))
