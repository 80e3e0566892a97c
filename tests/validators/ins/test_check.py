"""Every line of the policy's Identity table, valid and invalid, in both modes."""

from __future__ import annotations

import pytest

from tests.validators.ins.people import (
    MATRICULE,
    birth_place,
    check,
    check_fhir,
    official,
    patient,
    role,
    status,
)
from validators.ins import (
    INS_C_OIDS,
    INS_DEMO,
    INS_NIA,
    INS_NIR,
    INS_ROOT,
    INS_TEST,
    NSS_OIDS,
    InsLevel,
    control_key,
)
from validators.messages import render
from validators.report import Mode, Report, Scope, Severity

PROD = (INS_TEST, INS_NIR)


def severities(report: Report, rule: str) -> list[Severity]:
    return [issue.severity for issue in report if issue.rule == rule]


def programme(report: Report) -> list[str]:
    return [issue.rule for issue in report if issue.scope is Scope.PROGRAMME]


def refused(report: Report) -> set[str]:
    bad = (Severity.ERROR, Severity.FATAL)
    return {issue.rule for issue in report if issue.severity in bad and issue.scope is Scope.CONFORMITY}


class TestProduction:
    def test_a_qualified_identity_has_no_issue(self) -> None:
        for oid in (INS_NIR, INS_NIA):
            found, report = check(role((INS_TEST, oid)), Mode.PRODUCTION)
            assert found.level is InsLevel.QUALIFIED
            assert (found.oid, found.matricule and found.matricule.text) == (oid, MATRICULE)
            assert len(report) == 0
            assert report.countable

    def test_a_test_authority_is_refused(self) -> None:
        for oid in (INS_TEST, INS_DEMO):
            found, report = check(role((INS_TEST, oid)), Mode.PRODUCTION)
            assert refused(report) == {"INS-TEST"}
            assert found.level is InsLevel.PRESENT

    def test_a_wrong_key_is_refused(self) -> None:
        found, report = check(role(PROD, (MATRICULE, MATRICULE[:13] + "01")), Mode.PRODUCTION)
        assert refused(report) == {"INS-KEY"}
        assert found.level is InsLevel.PRESENT
        assert found.matricule is not None


class TestSandbox:
    @pytest.mark.parametrize("oid", [INS_TEST, INS_DEMO])
    def test_a_test_authority_is_welcome_and_said(self, oid: str) -> None:
        found, report = check(role((INS_TEST, oid)))
        assert severities(report, "INS-TEST") == [Severity.INFORMATION]
        assert found.level is InsLevel.QUALIFIED
        assert report.valid

    @pytest.mark.parametrize("oid", [INS_NIR, INS_NIA, INS_TEST, INS_DEMO])
    def test_a_wrong_key_only_warns_whatever_the_authority_but_never_qualifies(self, oid: str) -> None:
        found, report = check(role((INS_TEST, oid), (MATRICULE, MATRICULE[:13] + "01")))
        assert severities(report, "INS-KEY") == [Severity.WARNING]
        assert found.level is InsLevel.PRESENT
        assert report.conformant


@pytest.mark.parametrize("mode", list(Mode))
class TestNoIns:
    def test_absent(self, mode: Mode) -> None:
        found, report = check(role((INS_TEST, "1.2.3")), mode)
        # The local number is a true matricule: an INS under an authority that gives none.
        assert programme(report) == ["INS-OID"]
        found, report = check(role((INS_TEST, "1.2.3"), (MATRICULE, "42")), mode)
        assert programme(report) == ["INS-ABSENT"]
        assert found.level is InsLevel.ABSENT
        assert (found.oid, found.matricule) == (None, None)
        assert report.conformant
        assert report.countable is False

    def test_null_flavor_only(self, mode: Mode) -> None:
        for null in (f'root="{INS_TEST}" nullFlavor="UNK"', 'nullFlavor="UNK"'):
            _, report = check(role((f'root="{INS_TEST}" extension="{MATRICULE}"', null)), mode)
            assert programme(report) == ["INS-ABSENT"]

    @pytest.mark.parametrize("oid", [*sorted(INS_C_OIDS | NSS_OIDS), f"{INS_ROOT}.99"])
    def test_another_arc_of_the_authority(self, mode: Mode, oid: str) -> None:
        found, report = check(role((INS_TEST, oid)), mode)
        assert programme(report) == ["INS-OID"]
        assert found.level is InsLevel.ABSENT

    def test_a_samu_identifier_is_a_local_one(self, mode: Mode) -> None:
        _, report = check(role((INS_TEST, f"{INS_ROOT}.12")), mode)
        assert programme(report) == ["INS-ABSENT"]

    def test_a_resource_of_another_purpose_gets_none(self, mode: Mode) -> None:
        _, report = check(role((INS_TEST, "1.2.3")), mode, looked_at=False)
        assert len(report) == 0
        assert report.countable is None


@pytest.mark.parametrize("mode", list(Mode))
def test_nir_and_nia_together_are_ambiguous(mode: Mode) -> None:
    two = f'<c:id root="{INS_NIA}" extension="{MATRICULE}"/><c:id root="1.2.3.4"'
    identity = role(PROD, ('<c:id root="1.2.3.4"', two))
    found, report = check(identity, mode)
    assert programme(report) == ["INS-AMBIGUOUS"]
    assert (found.level, found.oid) == (InsLevel.PRESENT, INS_NIR)
    _, unlooked = check(identity, mode, looked_at=False)
    assert len(unlooked) == 0


def test_two_matricules_of_one_authority_are_ambiguous() -> None:
    other = f'<c:id root="{INS_TEST}" extension="277076322082910"/><c:id root="1.2.3.4"'
    assert programme(check(role(('<c:id root="1.2.3.4"', other)))[1]) == ["INS-AMBIGUOUS"]


def test_a_billing_number_beside_the_ins_is_allowed() -> None:
    both = f'<c:id root="{INS_ROOT}.13" extension="{MATRICULE}"/><c:id root="1.2.3.4"'
    found, report = check(role(('<c:id root="1.2.3.4"', both)))
    assert found.level is InsLevel.QUALIFIED
    assert report.valid


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("text", ["2790351215189", "27903512151898A", "2 79 03 51 215 18", "279035121518989 ", ""])
def test_a_malformed_matricule_is_refused(text: str, mode: Mode) -> None:
    found, report = check(role(PROD, (f'extension="{MATRICULE}"', f'extension="{text}"')), mode)
    assert refused(report) == {"INS-FORMAT"}
    assert (found.level, found.matricule) == (InsLevel.PRESENT, None)


@pytest.mark.parametrize("sex", ["M", "UN"])
def test_a_sex_that_contradicts_or_says_nothing_is_refused(sex: str) -> None:
    found, report = check(role(('code="F"', f'code="{sex}"')))
    assert refused(report) == {"INS-SEX"}
    assert found.level is InsLevel.PRESENT


def test_a_digit_that_says_nothing_of_the_sex_accepts_both() -> None:
    number = "5790351215189"
    _, report = check(role((MATRICULE, number + control_key(number))))
    assert report.conformant


@pytest.mark.parametrize(
    ("number", "born", "warned"),
    [
        ("2790351215189", "19790328", False), ("2790351215189", "19800328", True), ("2790351215189", "19790428", True),
        ("2793151215189", "19790428", False), ("2796251215189", "19790428", False), ("2791351215189", "19790328", True),
        ("2790351215189", "197903", False),
    ],
)  # fmt: skip
def test_year_and_month_against_the_matricule(number: str, born: str, warned: bool) -> None:
    _, report = check(role((MATRICULE, number + control_key(number)), ("19790328", born)))
    assert severities(report, "INS-BIRTH") == [Severity.WARNING] * warned
    assert report.conformant


@pytest.mark.parametrize(
    ("removed", "trait"),
    [
        ('<c:family qualifier="BR">PAT-TROIS</c:family>', "birth_family"),
        ('<c:given qualifier="BR">DOMINIQUE</c:given>', "birth_given_first"),
        ("<c:given>DOMINIQUE MARIE-LOUISE</c:given>", "birth_given_list"),
        ('<c:birthTime value="19790328"/>', "birth_date"),
        ('<c:administrativeGenderCode code="F"/>', "sex"),
        ("<c:county>51215</c:county>", "birth_place"),
    ],
)
def test_a_missing_trait_is_refused(removed: str, trait: str) -> None:
    found, report = check(role((removed, "")))
    assert refused(report) == {"INS-TRAIT-MISSING"}
    assert [issue.params["trait"] for issue in report if issue.rule == "INS-TRAIT-MISSING"] == [trait]
    assert found.level is InsLevel.PRESENT_WITHOUT_TRAITS
    _, metadata = check(role((removed, "")), traits_optional=True)
    assert refused(metadata) == set()


def test_an_empty_trait_is_refused_even_where_traits_are_optional() -> None:
    for optional in (False, True):
        _, report = check(role((">PAT-TROIS<", "> <")), traits_optional=optional)
        assert refused(report) == {"INS-TRAIT-MISSING"}


def test_traits_are_not_asked_without_an_ins() -> None:
    _, report = check(role((INS_TEST, "1.2.3"), (MATRICULE, "42"), (">PAT-TROIS<", "> <"), (">51215<", ">DOMPREMY<")))
    assert refused(report) == set()


@pytest.mark.parametrize("born", ["1979", "20260302", "19790230", "197913", "garbage", "99999999"])
def test_birth_dates_that_are_refused(born: str) -> None:
    _, report = check(role(("19790328", born)))
    assert severities(report, "INS-BIRTH-DATE") == [Severity.ERROR]


@pytest.mark.parametrize("born", ["20260301", "197903281230+0100", "197903"])
def test_birth_dates_that_pass(born: str) -> None:
    _, report = check(role(("19790328", born)))
    assert severities(report, "INS-BIRTH-DATE") == []


def test_a_birth_year_is_enough_without_an_ins_but_a_false_date_never_is() -> None:
    local = ((INS_TEST, "1.2.3"), (MATRICULE, "42"))
    assert refused(check(role(*local, ("19790328", "1979")))[1]) == set()
    assert refused(check(role(*local, ("19790328", "19790230")))[1]) == {"INS-BIRTH-DATE"}


@pytest.mark.parametrize("code", ["51215", "2A004", "2B033", "99109", "97411", "99999"])
def test_cog_codes(code: str) -> None:
    assert refused(check(role((">51215<", f">{code}<")))[1]) == set()


@pytest.mark.parametrize("code", ["DOMPREMY", "5121", "2C004", "00123", "512155", "٥١٢١٥"])
def test_a_birth_place_that_is_no_cog_code_is_refused(code: str) -> None:
    assert refused(check(role((">51215<", f">{code}<")))[1]) == {"INS-BIRTH-PLACE"}


class TestFhir:
    def test_a_validated_identity_is_qualified(self) -> None:
        found, report = check_fhir(patient())
        assert found.level is InsLevel.QUALIFIED
        assert report.rules() == {"INS-TEST"}

    def test_without_vali_it_is_only_present(self) -> None:
        for extension in ([birth_place("51215"), status("PROV")], [birth_place("51215")]):
            found, report = check_fhir(patient(extension=extension))
            assert found.level is InsLevel.PRESENT
            assert report.valid

    def test_metadata_may_leave_traits_out(self) -> None:
        bare = patient(extension=None, name=None, gender=None, birthDate=None)
        found, report = check_fhir(bare, traits_optional=True)
        assert found.level is InsLevel.PRESENT_WITHOUT_TRAITS
        assert report.conformant
        assert not check_fhir(bare)[1].conformant

    def test_a_social_security_number_shares_the_oid_but_not_the_type(self) -> None:
        found, report = check_fhir(patient(INS_NIR, code="NH"))
        assert found.level is InsLevel.ABSENT
        assert programme(report) == ["INS-OID"]

    def test_a_missing_or_strange_type_is_said(self) -> None:
        for identifier, shown in (({"type": {"coding": [{"code": "PI"}]}}, "PI"), ({}, "-")):
            item = {"system": f"urn:oid:{INS_TEST}", "value": MATRICULE} | identifier
            found, report = check_fhir(patient(identifier=[item]))
            assert found.level is InsLevel.QUALIFIED
            assert [issue.params["found"] for issue in report if issue.rule == "INS-TYPE"] == [shown]

    def test_an_ins_type_under_another_system(self) -> None:
        _, report = check_fhir(
            patient(
                identifier=[{"system": "https://x.example", "value": "1", "type": {"coding": [{"code": "INS-NIR"}]}}]
            )
        )
        assert programme(report) == ["INS-OID"]
        assert next(iter(report)).params["oid"] == "?"

    def test_an_old_number_is_history(self) -> None:
        new, old = patient()["identifier"][0], patient(INS_NIA, "277076322082910", "INS-NIA")["identifier"][0]
        found, report = check_fhir(patient(identifier=[old | {"use": "old"}, new]))
        assert found.level is InsLevel.QUALIFIED
        assert programme(report) == []
        assert programme(check_fhir(patient(identifier=[old | {"use": "old"}]))[1]) == ["INS-ABSENT"]

    @pytest.mark.parametrize("gender", ["unknown", "other", "male"])
    def test_gender(self, gender: str) -> None:
        assert refused(check_fhir(patient(gender=gender))[1]) == {"INS-SEX"}

    def test_a_value_that_is_no_text_is_malformed(self) -> None:
        assert refused(check_fhir(patient(value=279035121518989))[1]) == {"INS-FORMAT"}
        assert refused(check_fhir(patient(value=f" {MATRICULE}"))[1]) == {"INS-FORMAT"}

    def test_a_name_without_the_list_of_given_names(self) -> None:
        name = official() | {"extension": []}
        assert refused(check_fhir(patient(name=[name]))[1]) == {"INS-TRAIT-MISSING"}


def test_no_sentence_carries_the_patient() -> None:
    broken = role(
        (MATRICULE, MATRICULE + "1"), ('code="F"', 'code="M"'), (">51215<", ">DOMPREMY<"), ("19790328", "1979")
    )
    for lang in ("fr", "en"):
        for issue in check(broken)[1]:
            sentence = render(issue, lang)
            assert "{" not in sentence
            assert not any(secret in sentence for secret in (MATRICULE, "PAT-TROIS", "DOMPREMY", "1979"))
