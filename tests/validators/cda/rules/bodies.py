"""The smallest complete bodies of each family of models: every rule of the tables looks at something in them."""

from __future__ import annotations

from tests.validators.cda.rules.pieces import (
    ACT,
    CCD,
    DATE,
    DICOM,
    DOCTOR,
    DONE,
    ENT,
    FAMILY,
    LAB,
    LOINC,
    ORGANISATION,
    PCC,
    PHARM,
    REF,
    SEC,
    SIMPLE,
    SNOMED,
    SPAN,
    TA,
    anchored,
    code,
    comment,
    entry,
    ident,
    link,
    medication,
    observation,
    product,
    section,
    simple,
    t,
    value,
)

NEGATIVE = value("false", kind="BL")
WORDS = '<value xsi:type="ST">Texte</value>'
ROLE = "2.16.840.1.113883.5.111"

# --- discharge letter: the mandatory sections and entries only

_STAY = (
    simple("ORG-070", value("8715000", SNOMED, "CE"), f"{FAMILY}.6"),
    simple("ORG-074", value("160849004", SNOMED, "CE"), f"{FAMILY}.7"),
    simple("MED-142", WORDS, f"{FAMILY}.9"),
    simple("MED-309", NEGATIVE, f"{FAMILY}.8"),
    simple("MED-145", NEGATIVE, f"{FAMILY}.10"),
    simple("MED-147", NEGATIVE, f"{FAMILY}.2"),
)
_STATUS = simple("GEN-065", value("385651009", SNOMED), f"{FAMILY}.16", f"{FAMILY}.16.1")
_SUMMARY = t(f"{PCC}.1.21.2.9", "1.3.6.1.4.1.19376.1.7.3.1.1.13.7", f"{SEC}.163", f"{SEC}.163.1")
_REASON = section(t(f"{PCC}.3.1", f"{SEC}.127"), "42349-1")

LETTER = anchored(
    section(t(f"{SEC}.35", f"{SEC}.35.1"), "33557-0", entry(_STATUS)),
    _REASON,
    section(_SUMMARY, "42545-4", *map(entry, _STAY)),
    section(t(f"{PCC}.3.22", f"{SEC}.146"), "10183-2", entry(medication())),
)  # fmt: skip

# --- the shared sections and entries that letters may hold

_STATUS_CODE = (
    f"{t(f'{CCD}.57', f'{CCD}.50', f'{PCC}.4.1.1')}{code('33999-4', LOINC)}{REF}{DONE}"
    '<value xsi:type="CE" code="active" codeSystem="1.2.3"/>'
)
_SEVERITY = (
    f'{t(f"{CCD}.55", f"{PCC}.4.1", f"{ENT}.29")}<code code="SEV" codeSystem="{ACT}"/>{REF}{DONE}'
    f"{value('255604002', SNOMED)}"
)
_CERTAINTY = f"{t(f'{ENT}.171')}{ident()}{code('66455-7', LOINC)}{REF}{DONE}{DATE}{value('1', SNOMED)}"
_HEALTH = (
    f"{t(f'{CCD}.51', f'{PCC}.4.1.2')}{code('11323-3', LOINC)}{REF}{DONE}"
    "<value xsi:type='CE' code='alive' codeSystem='1.2.3'/>"
)
ATTRIBUTED = (
    '<value xsi:type="CD" code="1" codeSystem="1.2"><originalText><reference value="#t"/></originalText></value>'
)


def problem(*more: str, observed: str = "282291009", what: str = ATTRIBUTED, own: str = "") -> str:
    templates = t(f"{CCD}.28", f"{PCC}.4.5", f"{ENT}.37", *((own,) if own else ()))
    return observation(templates, f"{ident()}{code(observed, SNOMED)}{REF}{DONE}{SPAN}{what}{''.join(more)}")


def concern(inner: str, *own: str) -> str:
    templates = t(f"{CCD}.27", f"{PCC}.4.5.1", *own)
    return (
        f'<act classCode="ACT" moodCode="EVN">{templates}{ident()}<code nullFlavor="NA"/><statusCode code="active"/>'
        f"{SPAN}{comment_author()}{link(inner, 'SUBJ', 'false')}</act>"
    )


def comment_author() -> str:
    return comment()[comment().index("<author>") : comment().index("</act>")]


_PROBLEM = problem(
    link(observation("", _STATUS_CODE), "REFR", "false"),
    link(observation("", _SEVERITY), "SUBJ", "true"),
    link(observation("", _HEALTH), "REFR", "false"),
    link(observation("", _CERTAINTY), "SUBJ", "true"),
    link(comment(), "SUBJ", "true"),
)
AGENT = (
    '<participant typeCode="CSM"><participantRole><playingEntity><code><originalText><reference value="#t"/>'
    "</originalText></code></playingEntity></participantRole></participant>"
)
_ALLERGY = observation(
    t(f"{CCD}.28", f"{CCD}.18", f"{PCC}.4.5", f"{PCC}.4.6"),
    f"{ident()}{code('416098002', SNOMED)}{REF}{DONE}{SPAN}{ATTRIBUTED}{AGENT}"
    f"{link(observation('', _STATUS_CODE), 'REFR', 'false')}",
)
_PROCEDURE = (
    f'<procedure classCode="PROC" moodCode="EVN">{t(f"{CCD}.29", f"{PCC}.4.19", f"{ENT}.62")}{ident()}'
    f"{code('ECQH010', '1.2.250.1.215.300.1')}{REF}{DONE}{DATE}</procedure>"
)
_REASON_ACT = f"<act>{t(f'{PCC}.4.4.1')}{code('1', '1.2')}</act>"
_PROCEDURE = _PROCEDURE.replace(
    "</procedure>",
    link(_REASON_ACT, "RSON", "false") + link(simple("GEN-023", WORDS), "COMP", "false") + "</procedure>",
)
_PLANNED = _PROCEDURE.replace('moodCode="EVN">' + t(f"{CCD}.29"), 'moodCode="INT">' + t(f"{CCD}.25"), 1)


def encounter(mood: str = "EVN", observed: str = "AMB", system: str = ACT, more: str = "") -> str:
    extra = f"{CCD}.21" if mood == "EVN" else f"{CCD}.25"
    return (
        f'<encounter classCode="ENC" moodCode="{mood}">{t(extra, f"{PCC}.4.14", f"{ENT}.58")}{ident()}'
        f"{code(observed, system)}{REF}{DATE}{more}</encounter>"
    )


PERFORMER = f'<performer typeCode="PRF"><assignedEntity>{DOCTOR}{ORGANISATION}</assignedEntity></performer>'
SITE = (
    '<participant typeCode="LOC"><participantRole classCode="SDLOC"><id root="1.2.250.1.213.2.61" extension="S001"/>'
    f'<playingEntity classCode="PLC">{code("S001", "1.2.250.1.213.2.61")}<name>S</name></playingEntity>'
    "</participantRole></participant>"
)
REQUEST = observation(
    t(f"{CCD}.25", f"{PCC}.1.20.3.1"), f"{ident()}{code('ORG-064', TA)}{REF}<statusCode code='active'/>{DATE}", "INT"
)
RELATIVE = (
    f'<subject typeCode="SBJ">{t(f"{PCC}.4.15.2")}<relatedSubject classCode="PRS">{code("PCOUSN", ROLE)}'
    "</relatedSubject></subject>"
)
_RELATED = (
    f'<participant><participantRole classCode="PRS">{code("FTH", ROLE)}<playingEntity classCode="PSN"/>'
    "</participantRole></participant>"
)
FAMILY_HISTORY = (
    f'<organizer classCode="CLUSTER" moodCode="EVN">{t(f"{CCD}.23", f"{PCC}.4.15", f"{ENT}.59")}{DONE}{RELATIVE}'
    f'{_RELATED}<component typeCode="COMP">'
    + observation(
        t(f"{CCD}.22", SIMPLE, f"{PCC}.4.13.3"),
        f"{ident()}{code('404684003', SNOMED)}{REF}{DONE}{DATE}{value('558', '1.2.250.1.213.2.49.1')}",
    )
    + "</component></organizer>"
)
SURVEY = (
    f'<organizer classCode="CLUSTER" moodCode="EVN">{t(f"{CCD}.32", f"{PCC}.1.12.3.7", f"{ENT}.95")}{ident()}'
    f'<code nullFlavor="NA"/>{DONE}{DATE}<component typeCode="COMP">'
    + observation(
        t(f"{CCD}.31", f"{PCC}.1.12.3.6", SIMPLE),
        f"{ident()}{code('54522-8', LOINC)}{REF}{DONE}{DATE}{value('b110', '2.16.840.1.113883.6.254')}",
    )
    + "</component></organizer>"
)
_UNITS = {
    "9279-1": "/min", "8867-4": "/min", "2708-6": "%", "8480-6": "mm[Hg]", "8462-4": "mm[Hg]", "8310-5": "Cel",
    "8302-2": "cm", "8287-5": "cm", "29463-7": "kg", "39156-5": "kg/m2",
}  # fmt: skip
VITAL_SIGNS = (
    f'<organizer classCode="CLUSTER" moodCode="EVN">{t(f"{CCD}.32", f"{CCD}.35", f"{PCC}.4.13.1")}{ident()}'
    f"{code('85353-1', LOINC)}{DONE}{DATE}"
    + "".join(
        '<component typeCode="COMP">'
        + observation(
            t(f"{CCD}.31", SIMPLE, f"{PCC}.4.13.2"),
            f"{ident()}{code(sign, LOINC)}{REF}{DONE}{DATE}<value xsi:type='PQ' value='1' unit='{unit}'/>",
        )
        + "</component>"
        for sign, unit in _UNITS.items()
    )
    + "</organizer>"
)
RANK = link(observation(t(f"{CCD}.46"), code("30973-2", LOINC)), "SUBJ")
VACCINE = (
    f'<substanceAdministration classCode="SBADM" moodCode="EVN" negationInd="false">{t(f"{CCD}.24", f"{PCC}.4.12")}'
    f"{ident()}{code('IMMUNIZ', ACT)}{REF}{DONE}{DATE}{code('IM', '1.2', 'routeCode')}{product()}{PERFORMER}"
    f'<author typeCode="AUT" contextControlCode="OP"/>{RANK}{link(comment(), "SUBJ", "true")}'
    "</substanceAdministration>"
)
DEVICE = (
    f'<supply classCode="SPLY" moodCode="EVN">{t(f"{CCD}.34", f"{ENT}.20")}{ident()}{SPAN}'
    '<participant typeCode="DEV"><participantRole classCode="MANU"><playingDevice classCode="DEV" '
    'determinerCode="INSTANCE"/></participantRole></participant></supply>'
)
ATTACHED = (
    f'<organizer classCode="CLUSTER" moodCode="EVN">{t(f"{ENT}.18")}{ident()}{code("55107-7", LOINC)}{DONE}'
    '<component></component><component><observationMedia classCode="OBS" moodCode="EVN">'
    '<value mediaType="application/pdf" representation="B64">JVBERi0=</value></observationMedia></component>'
    "</organizer>"
)
_TYPE = observation(t(SIMPLE, f"{FAMILY}.18"), f"{ident()}{code('69764-9', LOINC)}{REF}{DONE}{DATE}{WORDS}")
ATTACHED = ATTACHED.replace("<component></component>", f"<component>{_TYPE}</component>", 1)
PDF_COPY = section(t(f"{SEC}.243"), "55108-5", entry(ATTACHED)).replace(">Titre<", ">Copie du document<")
_RECORD = f"<act>{t(f'{ENT}.7')}{link(simple('GEN-1', WORDS), 'COMP')}</act>"

_NOTED = link(t("9.9") + f"<act>{t(f'{CCD}.49', f'{PCC}.4.3', f'{ENT}.33')}"
              f"{code('PINSTRUCT', '1.3.6.1.4.1.19376.1.5.3.2')}{REF}{DONE}</act>", "SUBJ")  # fmt: skip

ORGANIZER = entry(f"<organizer>{t(f'{ENT}.2')}</organizer>")

SHARED = anchored(
    section(t(f"{CCD}.11", f"{PCC}.3.6"), "11450-4", entry(concern(_PROBLEM, f"{PCC}.4.5.2"))),
    section(t(f"{PCC}.3.20"), "42346-7", entry(medication())),
    section(t(f"{CCD}.2", f"{PCC}.3.13"), "48765-2", entry(concern(_ALLERGY, f"{PCC}.4.5.3"))),
    section(
        t(f"{CCD}.10", f"{PCC}.3.36"), "18776-5", entry(_PROCEDURE), entry(_PLANNED), entry(REQUEST),
        entry(encounter(more=PERFORMER + SITE)), entry(encounter("ARQ")),
        entry(encounter(observed="02276797").replace(ident(), '<id nullFlavor="NA"/>')
              .replace(DATE, '<effectiveTime nullFlavor="NA"/>')),
    ),
    section(t(f"{PCC}.3.15", f"{PCC}.3.14"), "10157-6", entry(FAMILY_HISTORY)),
    section(t(f"{CCD}.12", f"{PCC}.3.11", f"{PCC}.3.12"), "47519-4", entry(_PROCEDURE)),
    section(t(f"{PCC}.3.2", f"{SEC}.128"), "42349-1", entry(problem()), entry(simple("MED-1", WORDS))),
    section(t(f"{PCC}.3.27", f"{PCC}.3.28"), "30954-2", entry(_PROCEDURE)),
    section(t(f"{CCD}.16", f"{PCC}.3.25", f"{PCC}.1.5.3.2"), "8716-3", entry(VITAL_SIGNS)),
    section(t(f"{PCC}.3.24", f"{PCC}.1.9.15", f"{PCC}.1.9.15.1"), "29545-1"),
    section(t("2.16.840.1.113883.10.12.201", "1.3.6.1.4.1.19376.1.4.1.2.16"), "55112-7"),
    section(t(f"{CCD}.3", f"{PCC}.1.5.3.3"), "46240-8", entry(encounter())),
    section(t(f"{PCC}.3.8"), "11348-0", entry(concern(problem(), f"{PCC}.4.5.2"))),
    section(t(f"{PCC}.3.3"), "46241-6", entry(concern(problem(), f"{PCC}.4.5.2"))),
    section(t(f"{CCD}.6", f"{PCC}.3.23"), "11369-6", entry(VACCINE)),
    section(t("2.16.840.1.11383.10.20.1.7", f"{PCC}.1.5.3.5", f"{SEC}.1"), "46264-8", entry(DEVICE)),
    section(t(f"{SEC}.1"), "46264-8", ORGANIZER),
    section(t(f"{PCC}.3.21"), "18610-6", entry(medication(more=_NOTED))),
    section(t(f"{PCC}.1.9.38", f"{PCC}.1.9.39"), "34895-3"),
    section(t(f"{PCC}.1.13.2.11"), "29554-3", entry(_PROCEDURE)),
    section(t("2.16.840.1.113883.10.22.3.8", f"{CCD}.5"), "47420-5", entry(SURVEY)),
    section(t(f"{SEC}.37"), "55107-7", entry(ATTACHED)),
    section(t(f"{SEC}.54"), "10160-0", entry(f"<act>{t(f'{ENT}.13')}</act>")),
    section(t("9.9"), "X", entry(_RECORD), entry(simple("MED-146", WORDS, f"{FAMILY}.1")),
            entry(simple("MED-143", WORDS, f"{FAMILY}.3")), entry(simple("MED-148", WORDS, f"{FAMILY}.4")),
            entry(simple("MED-144", WORDS, f"{FAMILY}.5"))),
    PDF_COPY,
)  # fmt: skip

# --- laboratory report


def _result(more: str = "", observed: str = code("5778-6", LOINC)) -> str:
    words = '<originalText><reference value="#t"/></originalText></code>'
    prior = link(observation("", DONE + DATE), "REFR")
    return observation(t(f"{LAB}.1.6", f"{ENT}.80"), f"{observed.replace('/>', '>' + words)}{DONE}{DATE}{more}{prior}")


_BATTERY = (
    f'<organizer classCode="BATTERY" moodCode="EVN">{t(f"{LAB}.1.4", f"{ENT}.78")}{ident()}{DONE}'
    f"<component>{_result(code('R', '2.16.840.1.113883.5.83', 'interpretationCode'))}</component></organizer>"
)
_ISOLATE = (
    f'<organizer classCode="CLUSTER" moodCode="EVN">{t(f"{LAB}.1.5", f"{ENT}.79")}{DONE}<specimen typeCode="SPC">'
    '<specimenRole classCode="SPEC"><id root="1.2"/><specimenPlayingEntity classCode="MIC">'
    f'<code code="112283007" codeSystem="{SNOMED}"><translation code="562" codeSystem="2.16.840.1.113883.3.9471"/>'
    "</code></specimenPlayingEntity></specimenRole></specimen></organizer>"
)
_RECEPTION = (
    f'<act classCode="ACT" moodCode="EVN">{t(f"{LAB}.1.3")}'
    f'<code code="SPRECEIVE" codeSystem="1.3.5.1.4.1.19376.1.5.3.2"/>{DATE}</act>'
)
_SAMPLING = (
    f'<procedure classCode="PROC" moodCode="EVN">{t(f"{LAB}.1.2")}{DATE}<participant typeCode="PRD">'
    f'<participantRole classCode="SPEC">{ident()}</participantRole></participant>{link(_RECEPTION, "COMP")}</procedure>'
)
_LAB_SUBJECT = (
    f'<subject typeCode="SBJ">{t(f"{LAB}.3.1.2.1")}<relatedSubject>{code("x", "1.2")}<addr><city>P</city></addr>'
    "</relatedSubject></subject>"
)
_REPORT = (
    f'<entry typeCode="DRIV">{t(f"{LAB}.1")}<act classCode="ACT" moodCode="EVN">{code("18725-2", LOINC)}{DONE}'
    "<effectiveTime><low value='20260101'/><high value='20260102'/></effectiveTime>"
    f"{_LAB_SUBJECT}{link(_SAMPLING, 'COMP')}{link(_BATTERY, 'COMP')}{link(_ISOLATE, 'COMP')}"
    f"{link(comment(), 'SUBJ', 'true')}</act></entry>"
)
_ITEM = section(t(f"{LAB}.3.2.2", f"{SEC}.71"), "5778-6", _REPORT)
_CHAPTER = f"<component><section>{t(f'{LAB}.3.2.1', f'{SEC}.70')}{code('18725-2', LOINC)}{_ITEM}</section></component>"

LAB_REPORT = anchored(
    section(t(f"{LAB}.3.2.1", f"{SEC}.70"), "18725-2", _REPORT),
    _CHAPTER,
    section(t(f"{SEC}.60"), "101792-0"),
    PDF_COPY,
)  # fmt: skip

# --- imaging report

_SERIES_CODE = (
    f'<code code="113015" codeSystem="{DICOM}"><qualifier><name code="121139" codeSystem="{DICOM}"/>'
    f'<value code="CT" codeSystem="{DICOM}"/></qualifier></code>'
)
_OBJECT = observation(
    t("1.2.840.10008.9.18", f"{ENT}.157"),
    f"{ident()}{code('1', '1.2')}{link(observation(t(f'{ENT}.163'), code('1', '1.2')), 'RSON')}"
    f"{link(observation(t(f'{ENT}.164'), code('1', '1.2')), 'COMP')}",
    kind="DGIMG",
)
_SERIES = (
    f'<act classCode="ACT" moodCode="EVN">{t("1.2.840.10008.9.17", f"{ENT}.156")}{ident()}{_SERIES_CODE}'
    f"{link(_OBJECT, 'COMP')}</act>"
)
_STUDY = (
    f'<act classCode="ACT" moodCode="EVN">{t("1.2.840.10008.9.16", f"{ENT}.155")}{ident()}{code("113014", DICOM)}'
    f"{DATE}{link(_SERIES, 'COMP')}</act>"
)
_SITE = (
    f'<targetSiteCode code="302548004" codeSystem="{SNOMED}"><originalText><reference value="#t"/></originalText>'
    '<qualifier><name code="106233006"/><value code="1"/></qualifier></targetSiteCode>'
)
_TECHNIQUE = (
    f'<procedure classCode="PROC" moodCode="EVN">{t("1.2.840.10008.9.14", f"{ENT}.153")}{ident()}'
    f"{code('24727-0', LOINC)}{code('CT', DICOM, 'methodCode')}{_SITE}</procedure>"
)


def _seen(observed: str, what: str, system: str = LOINC, more: str = "") -> str:
    return observation(
        t("2.16.840.1.113883.10.20.6.2.13", f"{ENT}.150"),
        f"{ident()}{code(observed, system)}{DONE}{what}<targetSiteCode nullFlavor='NA'/>{more}",
    )


_QUANTITY = observation(
    t("2.16.840.1.113883.10.20.6.2.14", f"{ENT}.154"),
    f"{ident()}{code('113813', DICOM)}{DONE}<value xsi:type='PQ' value='1' unit='mGy'/>{_SITE}",
)
_GIVEN = (
    f'<substanceAdministration classCode="SBADM" moodCode="EVN">{t("1.2.840.10008.9.13", f"{ENT}.151")}{ident()}'
    f"{DONE}{product()}</substanceAdministration>"
)
_RADIO = (
    f'<substanceAdministration classCode="SBADM" moodCode="EVN">{t(f"{ENT}.173")}{code("440252007", SNOMED)}'
    f"{product()}</substanceAdministration>"
)
_EXPOSURE = (
    f'<procedure classCode="PROC" moodCode="EVN">{t(f"{ENT}.165")}{code("121290", DICOM)}<participant typeCode="RESP">'
    f"<participantRole>{code('113850', DICOM)}<playingEntity><name>N</name></playingEntity></participantRole>"
    "</participant></procedure>"
)
_RADIATION = section(
    t("1.2.840.10008.9.8", f"{SEC}.215"), "73569-6", entry(_EXPOSURE),
    entry(_seen("364320009", value("60001007", SNOMED), SNOMED)), entry(_QUANTITY), entry(_RADIO),
)  # fmt: skip
_CATALOGUE = section(
    t("2.16.840.1.113883.10.20.6.1.1", f"{SEC}.217"), "121181", entry(_STUDY), system=DICOM
)  # fmt: skip
_COMPLICATIONS = section(t("2.16.840.1.113883.10.20.22.2.37", f"{SEC}.214"), "55109-3")
_HISTORY = section(
    t("2.16.840.1.113883.10.20.22.2.39", f"{SEC}.213"), "11329-0", entry(_seen("11348-0", WORDS)),
    entry(_seen("47519-4", WORDS)), entry(_seen("64100-1", value("1", SNOMED), more=link(_QUANTITY, "SPRT"))),
)  # fmt: skip
_REQUESTED = section(t("1.2.840.10008.9.7", f"{SEC}.211"), "55115-0")
_ADDENDUM_AUTHOR = (
    "<author><assignedAuthor><assignedPerson><name><family>N</family></name></assignedPerson></assignedAuthor></author>"
)

IMAGING = anchored(
    section(t("1.2.840.10008.9.6", f"{SEC}.210"), "55107-7", parts=_ADDENDUM_AUTHOR),
    section(t("1.2.840.10008.9.2", f"{SEC}.205"), "55752-0", parts=_REQUESTED + _HISTORY),
    section(t("1.2.840.10008.9.3", f"{SEC}.206"), "55111-9", entry(_TECHNIQUE), entry(_GIVEN),
            parts=_COMPLICATIONS + _RADIATION + _CATALOGUE),
    section(t("2.16.840.1.113883.10.20.6.1.2", f"{SEC}.208"), "59776-5"),
    section(t("1.2.840.10008.9.4", f"{SEC}.207"), "18834-2"),
    section(t("1.2.840.10008.9.5", f"{SEC}.209"), "19005-8"),
    section(t(f"{SEC}.107"), "34895-3", entry(simple("99622-3", WORDS, system=LOINC))),
)  # fmt: skip

# --- rare diseases


def _aged(observed: str, what: str) -> str:
    return link(simple(observed, what), "REFR")


_DIAGNOSED = '<value xsi:type="CD" code="558" codeSystem="1.2.250.1.213.2.49.1"><originalText>M</originalText></value>'
_FETUS = (
    '<subject><relatedSubject classCode="PRS"><subject><sdtc:id root="1.2" extension="3"/>'
    '<name><family qualifier="BR">A</family><given qualifier="BR">B</given></name>'
    f'{code("F", "2.16.840.1.113883.5.1", "administrativeGenderCode")}<sdtc:multipleBirthInd value="true"/></subject>'
    "</relatedSubject></subject>"
)
_DIAGNOSIS = problem(
    _FETUS, SITE,
    _aged("MED-072", value("255545003", SNOMED)), _aged("MED-071", value("88323005", SNOMED)),
    _aged("PAT-013", value("255407002", SNOMED)), _aged("PAT-062", value("255407002", SNOMED)),
    _aged("PAT-064", value("255407002", SNOMED)), _aged("MED-073", value("75741005", SNOMED)),
    _aged("MED-1286", value("MED-081", TA)), what=_DIAGNOSED,
)  # fmt: skip


def _pregnant(observed: str, what: str, system: str = LOINC) -> str:
    return observation(
        t(SIMPLE, f"{PCC}.4.13.5"), f"{ident()}{code(observed, system)}{REF}{DONE}{DATE}{what}"
    )  # fmt: skip


def _pregnancy(span: str, outcome: str) -> str:
    child = (
        f'<subject typeCode="SBJ">{t(f"{PCC}.4.15.2")}<relatedSubject classCode="PRS">{code("CHILD", ROLE)}<subject>'
        f"{code('F', '2.16.840.1.113883.5.1', 'administrativeGenderCode')}</subject></relatedSubject></subject>"
    )
    birth = (
        f'<organizer classCode="CLUSTER" moodCode="EVN">{t(f"{PCC}.4.13.5.2")}{ident()}{code("118215003", SNOMED)}'
        f"{DONE}{child}<component>{_pregnant('63893-2', outcome)}</component></organizer>"
    )
    return (
        f'<organizer classCode="CLUSTER" moodCode="EVN">{t(f"{PCC}.4.13.5.1")}{ident()}{code("118185001", SNOMED)}'
        f"{DONE}<effectiveTime>{span}</effectiveTime>"
        f"<component>{_pregnant('55281-0', value('1', kind='INT'))}</component>"
        f"<component>{_pregnant('09.02', NEGATIVE, '1.2')}</component>"
        f'<component><sequenceNumber value="1"/>{birth}</component></organizer>'
    )


_OPEN = _pregnancy("<low value='20260101'/>", '<value xsi:type="CD" nullFlavor="NA"/>')
_ENDED = _pregnancy("<low value='20250101'/><high value='20250901'/>", value("236973005", SNOMED))
_SENT = f"<informant><assignedEntity>{DOCTOR}{code('ORG-019', TA)}</assignedEntity></informant>"
_CARED = encounter(more=PERFORMER + _SENT + SITE + link(simple("GEN-368", NEGATIVE), "REFR"))
_COLLEAGUE = PERFORMER.replace("<representedOrg", code("G15_10", "1.2.250.1.213.1.1.4.5") + "<representedOrg")
_ACTIVE = encounter(
    observed="ORG-029", system=TA, more=_COLLEAGUE + SITE + link(simple("ORG-034", value("ORG-047", TA)), "REFR")
)
_EXAM = section(t(f"{PCC}.3.24", f"{PCC}.1.9.15", f"{PCC}.1.9.15.1"), "29545-1")
_ASSISTED = section(
    t(f"{PCC}.1.13.2.11"), "29554-3",
    entry(_PROCEDURE.replace(code("ECQH010", "1.2.250.1.215.300.1"), code("09.02", "1.2"))),
)  # fmt: skip
_TERM = section(
    t("1.3.6.1.4.1.19376.1.7.3.1.1.13.7", f"{PCC}.1.21.2.9"), "42545-4",
    entry(simple("11884-4", "<value xsi:type='PQ' value='40' unit='wk'/>", system=LOINC)),
)  # fmt: skip

RARE = anchored(
    section(t(f"{SEC}.66"), "GEN-168", entry(simple("GEN-164", value("20260101", kind="TS"))),
            entry(simple("GEN-165", value("20260101", kind="TS"))), system=TA),
    section(t(f"{CCD}.4", f"{PCC}.3.14", f"{PCC}.3.15", f"{SEC}.139"), "10157-6", entry(FAMILY_HISTORY)),
    section(t(f"{CCD}.11", f"{PCC}.3.6", f"{SEC}.132"), "11450-4", entry(concern(problem(), f"{PCC}.4.5.2"))),
    section(t(f"{CCD}.5", "2.16.840.1.113883.10.22.3.8", f"{SEC}.246"), "47420-5", entry(SURVEY)),
    section(t(f"{CCD}.10", f"{PCC}.3.36", f"{SEC}.158"), "18776-5", entry(_CARED)),
    section(t(f"{CCD}.3", f"{PCC}.1.5.3.3", f"{SEC}.76"), "46240-8", entry(_ACTIVE)),
    section(t(f"{PCC}.3.3", f"{SEC}.129"), "46241-6", entry(concern(_DIAGNOSIS, f"{PCC}.4.5.2"))),
    section(t(f"{PCC}.1.21.2.4", f"{SEC}.124"), "57075-4", parts=_EXAM + _ASSISTED + _TERM),
    section(t(f"{PCC}.1.5.3.4", f"{SEC}.77"), "10162-6", entry(_OPEN), entry(_ENDED)),
    section(t(f"{SEC}.250"), "GEN-369", system=TA),
)  # fmt: skip

# --- prescription


def _flag(arc: int, observed: str) -> str:
    return link(simple(observed, NEGATIVE, f"{FAMILY}.{arc}"), "COMP")


_NOTES = (
    link(f"<act>{t(f'{CCD}.49', f'{PCC}.4.3', f'{ENT}.33')}{code('PINSTRUCT', '1.3.6.1.4.1.19376.1.5.3.2')}{REF}{DONE}"
         f"{link(observation(t(f'{FAMILY}.35'), code('PINSTRUCT', '1.3.6.1.4.1.19376.1.5.3.2')), 'COMP')}</act>",
         "SUBJ", "true")
    + link(f"<act>{t(f'{CCD}.43', f'{PCC}.4.3.1', f'{ENT}.34')}{code('FINSTRUCT', '1.3.6.1.4.1.19376.1.5.3.2')}{REF}"
           f"{DONE}</act>", "SUBJ", "true")
    + link(f"<act>{t(f'{PCC}.4.4.1', f'{ENT}.36')}</act>", "RSON")
    + link(f"<supply>{t(f'{CCD}.34', f'{PCC}.4.7.3', f'{ENT}.44')}</supply>", "REFR")
)  # fmt: skip
_OTHER = link(f"<substanceAdministration>{t(f'{PHARM}.3.10', f'{ENT}.85')}</substanceAdministration>", "REFR", "false")
SUBSTITUTION = link(
    f'<act classCode="ACT" moodCode="DEF">{t(f"{PHARM}.3.9.1", f"{ENT}.87")}'
    f"{code('N', '2.16.840.1.113883.5.1070')}{DONE}</act>",
    "COMP",
)
_AMOUNT = link(
    f'<supply classCode="SPLY" moodCode="RQO">{t(f"{PHARM}.3.8", f"{ENT}.86")}<independentInd value="false"/>'
    '<quantity value="1"/></supply>',
    "COMP",
)
_FLAGS = _flag(12, "GEN-179") + _flag(13, "MED-574") + _flag(14, "GEN-180") + _flag(15, "GEN-181")
_QUANTITIES = (
    "<doseQuantity><low value='1'/><high value='1'/></doseQuantity><rateQuantity><low value='1'/><high value='1'/>"
    "</rateQuantity><maxDoseQuantity><numerator value='1'/><denominator value='1'/></maxDoseQuantity>"
)
_SUBORDINATE = (
    '<entryRelationship typeCode="COMP"><sequenceNumber value="1"/><substanceAdministration classCode="SBADM" '
    f'moodCode="INT">{t(f"{ENT}.83.1")}{ident()}{REF}{DONE}{_QUANTITIES.partition("<maxDose")[0]}{product()}'
    "</substanceAdministration></entryRelationship>"
)


def prescribed(mode: str, times: str, more: str) -> str:
    templates = t(f"{CCD}.24", f"{PCC}.4.7", mode, f"{PHARM}.3.2", f"{ENT}.83")
    return entry(
        f'<substanceAdministration classCode="SBADM" moodCode="INT">{templates}{ident()}{code("DRUG", ACT)}{REF}{DONE}'
        f'{times}<repeatNumber value="0"/>{code("1", "1.2.3", "routeCode")}'
        f"{code('1', '2.16.840.1.113883.1.11.19724', 'approachSiteCode')}{_QUANTITIES}{product(t(f'{PHARM}.3.1'))}"
        f"{_FLAGS}{SUBSTITUTION}{_AMOUNT}{more}</substanceAdministration>"
    )


_FIXED = '<effectiveTime xsi:type="IVL_TS"><low value="20260101"/><high value="20260108"/></effectiveTime>'
_EVERY = '<effectiveTime xsi:type="PIVL_TS" operator="A"><period value="1" unit="d"/></effectiveTime>'
_SUPPLIED = (
    f'<supply classCode="SPLY" moodCode="INT">{t(f"{CCD}.34", f"{ENT}.20")}{ident()}{SPAN}<repeatNumber value="0"/>'
    '<participant typeCode="DEV"><participantRole classCode="MANU"><playingDevice classCode="DEV" '
    f'determinerCode="INSTANCE"/></participantRole></participant>{_flag(13, "MED-574")}{_flag(14, "GEN-180")}'
    f"{_flag(15, 'GEN-181')}{_flag(34, 'GEN-295')}{_flag(215, 'GEN-181')}</supply>"
)

PRESCRIPTION = anchored(
    section(t(f"{PHARM}.2.1", f"{SEC}.171"), "57828-6", prescribed(f"{PCC}.4.7.1", _FIXED + _EVERY, _NOTES),
            prescribed(f"{PCC}.4.8", _FIXED, _SUBORDINATE + _OTHER), prescribed(f"{PCC}.4.21", _FIXED, "").replace(
                t(f"{PCC}.4.21"), t(f"{PCC}.4.21", f"{PCC}.4.7.1"))),
    section(t(f"{SEC}.222"), "46264-8", entry(_SUPPLIED)),
    PDF_COPY,
)  # fmt: skip

BARCODE = section(t(f"{SEC}.223"), "57723-9")
EARLIER_PRESCRIPTION = PRESCRIPTION.replace(PDF_COPY, BARCODE)
