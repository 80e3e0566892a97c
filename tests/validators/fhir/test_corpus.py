"""The official package, checked by the engine that is compiled from it: what it says of 4 578 published resources."""

from __future__ import annotations

from collections.abc import Iterable

import orjson
import pytest

from tests.support.corpus import official_files
from validators.fhir import Definitions, ProfileSet, Walker
from validators.report import REFUSING, Report, Severity

DEFECTS = {
    # a search parameter for `version` given as string where R4 defines a token
    "FHIR-CAPABILITYSTATEMENT-SEARCH": """CapabilityStatement-knowledge-repository CapabilityStatement-measure-processor
        CapabilityStatement-terminology-server""",
    # twenty properties of one uri, `http://.........?`
    "FHIR-CODESYSTEM-PROPERTY-TWICE": "CodeSystem-snomedct",
    # the uri of a hierarchy's meaning given to a property
    "FHIR-CODESYSTEM-PROPERTY-URI": "CodeSystem-v3-AddressPartType",
    # several codes in one, between commas
    "FHIR-CONCEPTMAP-CODE": """ConceptMap-sc-appointmentstatus ConceptMap-sc-contract-publicationstatus
        ConceptMap-sc-contract-status ConceptMap-sc-diagnostic-report-status ConceptMap-sc-goal-achievement
        ConceptMap-sc-medication-admin-status ConceptMap-sc-medication-statement-status
        ConceptMap-sc-medicationdispense-status ConceptMap-sc-observation-status ConceptMap-sc-participationstatus
        ConceptMap-sc-publication-status ConceptMap-sc-research-study-status ConceptMap-sc-research-subject-status
        ConceptMap-sc-subscription-status ConceptMap-sc-verificationresult-status""",
    # search parameters on no type
    "FHIR-MIN": """SearchParameter-codesystem-extensions-CodeSystem-author
        SearchParameter-codesystem-extensions-CodeSystem-effective SearchParameter-codesystem-extensions-CodeSystem-end
        SearchParameter-codesystem-extensions-CodeSystem-keyword
        SearchParameter-codesystem-extensions-CodeSystem-workflow SearchParameter-valueset-extensions-ValueSet-author
        SearchParameter-valueset-extensions-ValueSet-effective SearchParameter-valueset-extensions-ValueSet-end
        SearchParameter-valueset-extensions-ValueSet-keyword SearchParameter-valueset-extensions-ValueSet-workflow""",
    # relative canonicals, and a UUID in upper case
    "FHIR-PRIMITIVE": """CapabilityStatement-example CapabilityStatement-knowledge-repository
        CapabilityStatement-measure-processor CapabilityStatement-messagedefinition
        CapabilityStatement-terminology-server OperationDefinition-example
        SearchParameter-questionnaireresponse-extensions-QuestionnaireResponse-item-subject""",
    # an expression on another type than its base, and one with a function that FHIRPath has not
    "FHIR-SEARCHPARAMETER-EXPRESSION": """SearchParameter-example-extension
        SearchParameter-questionnaireresponse-extensions-QuestionnaireResponse-item-subject""",
    # profiles of a resource that say they are of a complex type
    "FHIR-STRUCTUREDEFINITION-BASE": """StructureDefinition-example-composition
        StructureDefinition-example-section-library""",
    # a constraint on elements that an Extension has not
    "FHIR-STRUCTUREDEFINITION-CONSTRAINT": "StructureDefinition-allergyintolerance-substanceExposureRisk",
    # a contained code system as the system of an include
    "FHIR-VALUESET-SYSTEM": "ValueSet-example-hierarchical",
    # a version within the system
    "FHIR-VALUESET-VERSION": """ValueSet-v2-2.1-0006 ValueSet-v2-2.3.1-0360 ValueSet-v2-2.4-0006 ValueSet-v2-2.4-0391
        ValueSet-v2-2.6-0391 ValueSet-v2-2.7-0360""",
    # logical models that are neither abstract nor based on anything
    "sdf-4": """StructureDefinition-Definition StructureDefinition-Event StructureDefinition-FiveWs
        StructureDefinition-Request""",
}
"""What the publication does against itself: by rule, or by key of a constraint, the files."""
KNOWN = {(rule, name) for rule, names in DEFECTS.items() for name in names.split()}
NAMES = frozenset({"cpb-0", "csd-0", "sdf-0", "spd-0", "vsd-0"})
"""Warnings on names that no programme can use, of which HL7 has many."""


def said(
    files: Iterable[tuple[str, bytes]], definitions: Definitions, profiles: ProfileSet
) -> tuple[set[tuple[str, str]], set[str]]:
    """(rule or key, file) of each error, and the rules or keys of the warnings."""
    walker = Walker(definitions, profiles)
    errors, warnings = set(), set()
    for name, data in files:
        report = Report()
        walker.check(orjson.loads(data), report)
        for issue in report:
            key = issue.params["key"] if issue.rule == "FHIR-INVARIANT" else issue.rule
            if issue.severity in REFUSING:
                errors.add((key, name.removesuffix(".json")))
            elif issue.severity is Severity.WARNING:
                warnings.add(key)
    return errors, warnings


def test_a_part_of_the_publication_is_right_but_for_what_is_known(
    definitions: Definitions, profiles: ProfileSet
) -> None:
    errors, _ = said(official_files()[::8], definitions, profiles)
    assert errors <= KNOWN


@pytest.mark.slow
def test_the_publication_is_right_but_for_what_is_known(definitions: Definitions, profiles: ProfileSet) -> None:
    files = official_files()
    assert len(files) == 4578
    errors, warnings = said(files, definitions, profiles)
    assert errors == KNOWN
    assert warnings - NAMES <= {"FHIR-PROFILE-UNKNOWN"}
