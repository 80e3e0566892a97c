"""One row a rule: the smallest document that breaks it. The unbroken ones are silent."""

from __future__ import annotations

import pytest

from tests.validators.cda.samples import (
    FULL,
    LETTER,
    LEVEL_1,
    Edit,
    add,
    check,
    header_only,
    null,
    put,
    remove,
    remove_all,
    repeat,
    write,
)
from validators.cda._table import CARDINALITIES, CLOSED_LISTS, Closed, Row
from validators.messages import cda, documents, render
from validators.report import Mode, Report, Severity

PATIENT = "recordTarget/patientRole/patient"
ROLE = "/ClinicalDocument/recordTarget[1]/patientRole[1]"
CUSTODIAN = "custodian/assignedCustodian/representedCustodianOrganization/id"
EVENT = "documentationOf/serviceEvent"
ENCOUNTER = "componentOf/encompassingEncounter"
FACILITY = f"{ENCOUNTER}/location/healthCareFacility/code"
SETTING = f"{EVENT}/performer/assignedEntity/representedOrganization/standardIndustryClassCode"
MODEL = "templateId[3]"
AUTHOR = "/ClinicalDocument/author[1]/assignedAuthor[1]"
CUSTODIAN_PLACE = "/ClinicalDocument/custodian[1]/assignedCustodian[1]/representedCustodianOrganization[1]/id[1]"
FACILITY_PLACE = "/ClinicalDocument/componentOf[1]/encompassingEncounter[1]/location[1]/healthCareFacility[1]/code[1]"
ERRORS = (Severity.ERROR, Severity.FATAL)


def only(report: Report) -> tuple[str, str]:
    """The rule and the place of a report's single issue, whose words are complete in both languages."""
    (issue,) = report
    for lang in ("fr", "en"):
        sentence = render(issue, lang)
        assert "{" not in sentence
        assert not any(secret in sentence for secret in ("PAT-TROIS", "DOMINIQUE", "279035121518989", "IPP-1"))
    assert issue.line is not None
    return issue.rule, issue.location


@pytest.mark.parametrize("source", [LETTER, LEVEL_1, FULL], ids=["structured", "level 1", "everything"])
@pytest.mark.parametrize("mode", list(Mode))
def test_the_smallest_documents_are_silent(source: str, mode: Mode) -> None:
    result = check(source=source, mode=mode)
    assert list(result.report) == []
    assert result.report.countable
    assert result.kind is not None
    assert (result.kind.code, result.ins and str(result.ins.level)) == ("LDL", "qualified")


REFUSED: list[tuple[str, str, Edit]] = [
    ("CDA-TYPEID", "/ClinicalDocument/typeId[1]", put("typeId", extension="POCD_HD000041")),
    ("CDA-TYPEID", "/ClinicalDocument/typeId[1]", put("typeId", root="2.16.840.1.113883.1.4")),
    ("CDA-TYPEID", "/ClinicalDocument", remove("typeId")),
    ("CDA-TYPEID", "/ClinicalDocument/typeId[1]", repeat("typeId")),
    ("CDA-TEMPLATE", "/ClinicalDocument", remove("templateId[1]")),
    ("CDA-TEMPLATE", "/ClinicalDocument", remove("templateId[2]")),
    ("CDA-TEMPLATE", "/ClinicalDocument", repeat("templateId[1]")),
    ("CDA-MODEL", "/ClinicalDocument/templateId[3]", put(MODEL, root="1.2.250.1.213.1.1.1.999")),
    ("CDA-MODEL", "/ClinicalDocument/templateId[2]", remove(MODEL)),
    ("CDA-MODEL-VERSION", "/ClinicalDocument/templateId[3]", put(MODEL, extension=None)),
    ("CDA-MODEL-VERSION", "/ClinicalDocument/templateId[3]", put(MODEL, extension="2021.01")),
    ("CDA-BODY-KIND", "/ClinicalDocument/templateId[4]", add("", "<templateId root='1.3.6.1.4.1.19376.1.2.20'/>")),
    ("CDA-BODY", "/ClinicalDocument/component[1]", remove("component/structuredBody")),
    ("CDA-CODE", "/ClinicalDocument/code[1]", put("code", code="99999-9")),
    ("CDA-CODE-SYSTEM", "/ClinicalDocument/code[1]", put("code", codeSystem="2.16.840.1.113883.6.96")),
    ("CDA-HEADER-ATTRIBUTE", "/ClinicalDocument/code[1]", put("code", displayName=None)),
    ("CDA-HEADER-MISSING", "/ClinicalDocument/code[1]", null("code")),
    ("CDA-TITLE", "/ClinicalDocument/title[1]", write("title", "  ")),
    ("CDA-HEADER-MISSING", "/ClinicalDocument/title[1]", null("title")),
    ("CDA-CONFIDENTIALITY", "/ClinicalDocument/confidentialityCode[1]", put("confidentialityCode", code="X")),
    ("CDA-LANGUAGE", "/ClinicalDocument/languageCode[1]", put("languageCode", code="FR-fr")),
    ("CDA-VERSION", "/ClinicalDocument/versionNumber[1]", put("versionNumber", value="1.0")),
    ("CDA-VERSION", "/ClinicalDocument/versionNumber[1]", put("versionNumber", value="-1")),
    ("CDA-RELATED", "/ClinicalDocument/relatedDocument[1]", put("relatedDocument", typeCode="APND")),
    ("CDA-RELATED-MANY", "/ClinicalDocument/relatedDocument[2]", repeat("relatedDocument")),
    ("CDA-TIME", "/ClinicalDocument/effectiveTime[1]", put("effectiveTime", value="20260230")),
    ("CDA-TIME", "/ClinicalDocument/author[1]/time[1]", put("author/time", value="2026020125")),
    (
        "CDA-INTERVAL",
        "/ClinicalDocument/documentationOf[1]/serviceEvent[1]/effectiveTime[1]/high[1]",
        put(f"{EVENT}/effectiveTime/high", value="20260119"),
    ),
    (
        "CDA-INTERVAL",
        "/ClinicalDocument/componentOf[1]/encompassingEncounter[1]/effectiveTime[1]/high[1]",
        put(f"{ENCOUNTER}/effectiveTime/high", value="20251231"),
    ),
    ("CDA-HEADER-VALUE", "/ClinicalDocument/realmCode[1]", put("realmCode", code="US")),
    (
        "CDA-HEADER-VALUE",
        "/ClinicalDocument/legalAuthenticator[1]/signatureCode[1]",
        put("legalAuthenticator/signatureCode", code="X"),
    ),
    (
        "CDA-HEADER-VALUE",
        f"{AUTHOR}/assignedPerson[1]/name[1]/suffix[1]",
        write("author/assignedAuthor/assignedPerson/name/suffix", "DOMINIQUE"),
    ),
    ("CDA-ID-FORM", "/ClinicalDocument/id[1]", put("id", root="1.02")),
    ("CDA-ID-FORM", "/ClinicalDocument/id[1]", put("id", extension="")),
    ("CDA-ID-FORM", f"{ROLE}/id[2]", put("recordTarget/patientRole/id[2]", nullFlavor="UNK", extension=None)),
    ("CDA-ID-DUPLICATE", f"{ROLE}/id[2]", repeat("recordTarget/patientRole/id[1]")),
    ("CDA-CUSTODIAN", CUSTODIAN_PLACE, put(CUSTODIAN, extension=None)),
    ("CDA-TELECOM", f"{ROLE}/telecom[1]", put("recordTarget/patientRole/telecom", value="0102030405")),
    ("CDA-TELECOM", f"{ROLE}/telecom[1]", put("recordTarget/patientRole/telecom", nullFlavor="UNK")),
    ("CDA-TELECOM", f"{ROLE}/telecom[1]", null("recordTarget/patientRole/telecom", "NI")),
    ("CDA-ADDR", f"{ROLE}/addr[1]", write("recordTarget/patientRole/addr", "chez sa soeur")),
    ("INS-TRAIT-MISSING", f"{ROLE}/patient[1]/name[1]/given[2]", write(f"{PATIENT}/name/given[2]", "")),
    ("INS-BIRTH-DATE", f"{ROLE}/patient[1]/birthTime[1]", put(f"{PATIENT}/birthTime", value="1979")),
    ("INS-FORMAT", f"{ROLE}/id[1]", put("recordTarget/patientRole/id[1]", extension="2790351215189")),
    ("INS-KEY", f"{ROLE}/id[1]", put("recordTarget/patientRole/id[1]", extension="279035121518988")),
    ("INS-TEST", f"{ROLE}/id[1]", put("recordTarget/patientRole/id[1]", root="1.2.250.1.213.1.4.10")),
]


@pytest.mark.parametrize(("rule", "place", "edit"), REFUSED)
def test_refused(rule: str, place: str, edit: Edit) -> None:
    report = check(edit).report
    assert only(report) == (rule, place)
    assert not report.conformant


WARNED: list[tuple[str, str, Edit]] = [
    ("CDA-CODE-DISPLAY", "/ClinicalDocument/code[1]", put("code", displayName="Lettre")),
    ("CDA-TITLE-KIND", "/ClinicalDocument/title[1]", write("title", "Compte rendu opératoire")),
    ("CDA-CONFIDENTIALITY-J08", "/ClinicalDocument/confidentialityCode[1]", put("confidentialityCode", code="L")),
    ("CDA-VERSION-ZERO", "/ClinicalDocument/versionNumber[1]", put("versionNumber", value="0")),
    ("CDA-TIME-PRECISION", "/ClinicalDocument/effectiveTime[1]", put("effectiveTime", value="20260201")),
    ("CDA-TIME-ZONE", "/ClinicalDocument/effectiveTime[1]", put("effectiveTime", value="20260201103000")),
    ("CDA-TIME-FUTURE", "/ClinicalDocument/effectiveTime[1]", put("effectiveTime", value="20990101000000+0100")),
    ("CDA-EVENT-CODE", "/ClinicalDocument/documentationOf[1]/serviceEvent[1]", remove(f"{EVENT}/code")),
    ("CDA-SYSTEM", FACILITY_PLACE, put(FACILITY, codeSystem="1.2.3")),
    ("CDA-NATIONAL-ID", CUSTODIAN_PLACE, put(CUSTODIAN, extension="1750")),
    ("CDA-NATIONAL-ID", f"{AUTHOR}/id[1]", put("author/assignedAuthor/id", extension="10001234567")),
    (
        "CDA-NATIONAL-ID",
        f"{AUTHOR}/representedOrganization[1]/id[1]",
        put("author/assignedAuthor/representedOrganization/id", root="1.2.3.4"),
    ),
    ("CDA-NATIONAL-KEY", f"{AUTHOR}/id[1]", put("author/assignedAuthor/id", extension="801234567898")),
    ("INS-BIRTH", f"{ROLE}/patient[1]/birthTime[1]", put(f"{PATIENT}/birthTime", value="19790428")),
]


@pytest.mark.parametrize(("rule", "place", "edit"), WARNED)
def test_warned(rule: str, place: str, edit: Edit) -> None:
    report = check(edit).report
    assert only(report) == (rule, place)
    assert report.conformant


@pytest.mark.parametrize(
    "edit",
    [
        add("", "<templateId root='1.2.3.4.5.6'/>"),
        write("title", "Un autre titre"),
        put("confidentialityCode", code="MASQUE_PS"),
        put("id", root="a3bb189e-8bf9-3888-9912-ace4e6543002"),
        put("code", displayName="LETTRE DE LIAISON À LA SORTIE D’UN ÉTABLISSEMENT DE SOINS"),
        put(f"{EVENT}/effectiveTime/high", value="20260120"),
        remove("relatedDocument"),
        null("recordTarget/patientRole/telecom", "NASK"),
        write("recordTarget/patientRole/addr/city", "PARIS 7"),
        remove("recordTarget/patientRole/id[2]"),
        remove(f"{ENCOUNTER}/id"),
        null(f"{EVENT}/effectiveTime/high"),
        put(CUSTODIAN, root="1.2.250.1.213.4.1", extension=None),
        put(FACILITY, code="SNR", codeSystem="1.2.250.1.213.1.1.4.6"),
        null(f"{EVENT}/code", "NA"),
    ],
)
def test_legal_variants_are_silent(edit: Edit) -> None:
    assert list(check(edit).report) == []


def elements(path: str) -> str:
    """The path of a row in the samples, without the mark of the first."""
    return path.replace("[1]", "")


@pytest.mark.parametrize("row", [row for row in CARDINALITIES if row.low], ids=lambda row: row.path)
def test_each_mandatory_element_is_asked_for(row: Row) -> None:
    path = elements(row.path)
    report = check(remove_all(path), source=FULL).report
    missing = [issue.params["element"] for issue in report if issue.rule == "CDA-HEADER-MISSING"]
    assert path.rpartition("/")[2] in missing
    assert not report.conformant


@pytest.mark.parametrize("row", [row for row in CARDINALITIES if row.high == 1], ids=lambda row: row.path)
def test_each_single_element_is_single(row: Row) -> None:
    path = elements(row.path)
    report = check(repeat(path), source=FULL).report
    allowed_twice = {"documentationOf/serviceEvent/performer"}
    rules = report.rules()
    assert rules & {"CDA-HEADER-MANY"} or path in allowed_twice, path


@pytest.mark.parametrize(
    ("path", "attribute"), [(elements(row.path), name) for row in CARDINALITIES for name in row.attributes]
)
def test_each_mandatory_attribute_is_asked_for(path: str, attribute: str) -> None:
    report = check(put(path, **{attribute: None}), source=FULL).report
    assert attribute in [issue.params.get("attribute") for issue in report], path
    assert not report.conformant or path == f"{ENCOUNTER}/id"


@pytest.mark.parametrize("closed", CLOSED_LISTS, ids=lambda closed: f"{closed.path}@{closed.attribute}")
def test_each_closed_list_is_closed(closed: Closed) -> None:
    path, attribute = closed.path, closed.attribute
    edit = put(path, **{attribute: "1.2.3"}) if attribute else write(path, "?")
    report = check(edit, source=FULL).report
    assert "CDA-HEADER-VALUE" in report.rules()


def test_an_identity_of_null_flavors_is_no_identity() -> None:
    role = "recordTarget/patientRole"
    report = check(null(f"{role}/id[2]"), null(f"{role}/id[1]")).report
    assert {"CDA-HEADER-MISSING", "INS-ABSENT"} <= report.rules()


def test_two_patients_and_two_names() -> None:
    assert "CDA-HEADER-MANY" in check(repeat("recordTarget")).report.rules()
    assert only(check(repeat(f"{PATIENT}/name")).report)[1] == f"{ROLE}/patient[1]/name[2]"


def test_only_the_first_act_needs_a_performer_and_a_date() -> None:
    other = "<documentationOf><serviceEvent><code code='X' codeSystem='1.2'/></serviceEvent></documentationOf>"
    assert check(add("", other)).report.valid
    report = header_only(check(remove(f"{EVENT}/performer"), remove(f"{EVENT}/effectiveTime")).report)
    assert [issue.params["element"] for issue in report] == ["effectiveTime", "performer"]


def test_each_parent_is_counted_apart() -> None:
    author = "<author><time value='20260201'/><assignedAuthor><id root='1.2' extension='x'/></assignedAuthor></author>"
    assert check(add("", author)).report.valid
    report = check(add("", author.replace("<time value='20260201'/>", ""))).report
    assert only(report) == ("CDA-HEADER-MISSING", "/ClinicalDocument/author[2]")


def test_a_fault_before_the_last_version_of_a_biology_model() -> None:
    def biology(*edits: Edit) -> list[tuple[str, Severity]]:
        base = (
            put("code", code="11502-2", displayName="CR d'examens biologiques"),
            put(MODEL, root="1.2.250.1.213.1.1.1.55", extension="2024.01"),
            write("title", "Compte rendu d'examens biologiques"),
        )
        return [(issue.rule, issue.severity) for issue in header_only(check(*base, *edits).report)]

    assert biology() == []
    assert biology(put(MODEL, extension=None)) == [("CDA-MODEL-UNVERSIONED", Severity.WARNING)]
    assert biology(put(MODEL, extension="2022.01")) == [("CDA-MODEL-VERSION", Severity.ERROR)]


def test_a_code_that_is_not_the_models() -> None:
    report = check(put("code", code="34874-8", displayName="CR opératoire")).report
    assert ("CDA-CODE-MODEL", Severity.ERROR) in [(issue.rule, issue.severity) for issue in report]


def test_models_of_other_kinds_only_warn() -> None:
    summary = (put("code", code="60591-5", displayName="Synthèse médicale"), write("title", "Synthèse"))
    for arc, version, rule in (
        ("13", None, "CDA-MODEL-VERSION"),
        ("16", "2022.01", "CDA-CODE-MODEL"),
        ("999", "x", "CDA-MODEL"),
    ):
        result = check(*summary, put(MODEL, root=f"1.2.250.1.213.1.1.1.{arc}", extension=version))
        report = header_only(result.report)
        assert only(report)[0] == rule
        assert report.conformant
        assert report.countable is None


def test_sdm_mr_without_its_template_is_an_unknown_model() -> None:
    edits = (put("code", code="34133-9", displayName="Synthèse d'épisode de soins"), write("title", "SDM"))
    right = check(*edits, put(MODEL, root="1.2.250.1.213.1.1.1.30", extension="2024.01"))
    assert header_only(right.report).valid
    assert right.kind is not None
    assert right.kind.code == "SDM-MR"
    wrong = check(*edits, put(MODEL, root="1.2.250.1.213.1.1.1.999"))
    assert only(header_only(wrong.report))[0] == "CDA-MODEL"
    assert not wrong.report.conformant


def test_no_component_and_no_template_at_all() -> None:
    report = check(remove("component")).report
    assert {"CDA-BODY", "CDA-HEADER-MISSING"} == report.rules()
    bare = check(remove(MODEL), remove("templateId[2]"), remove("templateId[1]")).report
    assert ("CDA-MODEL", "/ClinicalDocument") in [(issue.rule, issue.location) for issue in bare]


def test_a_document_that_no_programme_looks_at_needs_no_ins() -> None:
    edits = (
        put("code", code="11488-4", displayName="CR ou fiche de consultation ou de visite"),
        put(MODEL, root="1.2.250.1.213.1.1.1.25"), write("title", "Consultation"),
        remove("recordTarget/patientRole/id[1]"),
    )  # fmt: skip
    result = check(*edits)
    assert result.report.rules() == {"CDA-VOLET-NOT-COVERED"}
    assert result.report.countable is None
    assert result.ins is not None
    assert result.ins.level == "absent"


def test_a_letter_without_ins_is_conformant_but_not_counted() -> None:
    report = check(remove("recordTarget/patientRole/id[1]")).report
    assert only(report) == ("INS-ABSENT", ROLE)
    assert (report.conformant, report.countable, report.valid) == (True, False, False)


def test_no_patient_at_all() -> None:
    report = check(remove("recordTarget")).report
    assert ("INS-ABSENT", "/ClinicalDocument") in [(issue.rule, issue.location) for issue in report]


def test_every_rule_of_the_area_is_tested() -> None:
    tested = {rule for rule, _, _ in (*REFUSED, *WARNED)}
    elsewhere = {"CDA-HEADER-MANY", "CDA-BODY-KIND", "CDA-CODE-MODEL", "CDA-MODEL-UNVERSIONED"}
    opening = {"CDA-EMPTY", "CDA-NOT-XML", "CDA-XML", "CDA-ENCODING", "CDA-DTD", "CDA-LIMIT", "CDA-ROOT"}
    rows = {row.id for row in (*cda.RULES, *documents.RULES)}
    header = {row for row in rows if row.startswith("CDA-") and not row.startswith("CDA-N1-")}
    assert header - tested - elsewhere - opening == set()
