"""The variants of ITI-65 in IHE MHD: what each asks, and that PDSm is not asked with it."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from tests.support.variants import variant
from tests.validators.mhd.envelope import LETTER_BYTES, attachment, bundle, checked, drop, put, reference, the_set
from validators.messages.mhd import RULES
from validators.mhd.bundle import PDSM
from validators.mhd.variants import MHD, Variant, variant_of

Json = dict[str, Any]
ALL = list(Variant)
FULL = [Variant.COMPREHENSIVE, Variant.UNCONTAINED]


def errors(made: Json) -> list[tuple[str, str]]:
    return [
        (issue.rule, issue.params.get("element", issue.location))
        for issue in checked(made).report
        if issue.severity.value in ("error", "fatal") and issue.scope.value == "conformity"
    ]


@pytest.mark.parametrize("which", ALL)
def test_each_variant_has_a_right_one(which: Variant) -> None:
    made = variant(LETTER_BYTES, which)
    assert errors(made) == []
    assert "MHD-VARIANT" in checked(made).report.rules()


CASES = [
    ("MHD-VARIANT-REQUIRED", ALL, reference, "masterIdentifier", None, "masterIdentifier.value"),
    ("MHD-VARIANT-REQUIRED", ALL, reference, "content.0.attachment.contentType", None,
     "content.attachment.contentType"),
    ("MHD-VARIANT-REQUIRED", ALL, the_set, "date", None, "date"),
    ("MHD-VARIANT-REQUIRED", ALL, the_set, "extension", None, "extension:ihe-sourceId"),
    ("MHD-VARIANT-REQUIRED", FULL, reference, "type", None, "type"),
    ("MHD-VARIANT-REQUIRED", FULL, reference, "securityLabel", None, "securityLabel"),
    ("MHD-VARIANT-REQUIRED", FULL, reference, "context.practiceSetting", None, "context.practiceSetting"),
    ("MHD-VARIANT-REQUIRED", FULL, reference, "content.0.format", None, "content.format"),
    ("MHD-VARIANT-REQUIRED", FULL, the_set, "extension", None, "extension:ihe-designationType"),
    ("MHD-VARIANT-PLACE", ALL, reference, "docStatus", "final", "docStatus"),
    ("MHD-VARIANT-PLACE", ALL, reference, "content.0.attachment.data", "AAAA", "content.attachment.data"),
    ("MHD-VARIANT-PLACE", ALL, the_set, "orderedBy", {"text": "x"}, "orderedBy"),
    ("MHD-VARIANT-VALUE", ALL, reference, "status", "entered-in-error", "Bundle.entry[1].resource.status"),
    ("MHD-VARIANT-VALUE", ALL, the_set, "mode", "snapshot", "Bundle.entry[0].resource.mode"),
    ("MHD-VARIANT-CONTAINED", [Variant.COMPREHENSIVE], reference, "author",
     [{"reference": "Practitioner/1"}], "author"),
]  # fmt: skip


@pytest.mark.parametrize(("rule_id", "variants", "part", "path", "value", "element"), CASES)
def test_what_a_variant_asks(
    rule_id: str, variants: list[Variant], part: Any, path: str, value: Any, element: str
) -> None:
    for which in variants:
        made = variant(LETTER_BYTES, which)
        (drop(part, path) if value is None else put(part, path, value))(made)
        assert (rule_id, element) in errors(made), which


def test_every_rule_of_variants_has_a_case() -> None:
    assert {case[0] for case in CASES} | {"MHD-VARIANT"} == {r.id for r in RULES if r.id.startswith("MHD-VARIANT")}


def test_pdsm_is_asked_where_it_is_declared_or_nothing_is() -> None:
    both = [MHD + Variant.MINIMAL, f"{PDSM}pdsm-comprehensive-provide-document-bundle"]
    assert variant_of({"meta": {"profile": both}}) is None
    assert variant_of({"meta": {"profile": [both[0] + "|4.2.3"]}}) is Variant.MINIMAL
    assert variant_of({}) is None
    assert variant_of({"meta": {"profile": "x"}}) is None


def test_terminologies_are_free() -> None:
    made = variant(LETTER_BYTES, Variant.COMPREHENSIVE)
    snomed = {"coding": [{"system": "http://snomed.info/sct", "code": "1"}]}
    put(reference, "context.practiceSetting", snomed)(made)
    put(reference, "category", [snomed])(made)
    assert errors(made) == []


def test_a_hash_as_in_the_examples_of_ihe_is_said_and_only_there() -> None:
    """The base64 of the hexadecimal digits: a variant of MHD takes it, PDSm does not."""
    digits = hashlib.sha1(LETTER_BYTES, usedforsecurity=False).hexdigest().encode()
    wrong = put(attachment, "hash", base64.b64encode(digits).decode())
    made = variant(LETTER_BYTES, Variant.COMPREHENSIVE)
    wrong(made)
    assert errors(made) == []
    assert "MHD-HASH-HEX" in checked(made).report.rules()
    assert [rule for rule, _ in errors(bundle(wrong))] == ["XCHECK-HASH"]
