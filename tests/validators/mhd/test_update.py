"""What a patch may have done to a DocumentReference, judged without a server."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.patches import label
from tests.validators.mhd.envelope import bundle, reference, walker
from validators.messages import render
from validators.messages.mhd import RULES
from validators.mhd.bundle import IS_ARCHIVED
from validators.mhd.codes import MASKING
from validators.mhd.update import check_update, is_mask, label_codes, relabelled
from validators.report import Report

Json = dict[str, Any]
ARCHIVED = {"url": IS_ARCHIVED, "valueBoolean": True}


def judged(**changes: Any) -> Report:
    before = reference(bundle())
    after = {name: value for name, value in {**before, **changes}.items() if value is not None}
    report = Report()
    check_update(before, after, walker(), report)
    return report


@pytest.mark.parametrize(
    "changes",
    [
        {}, {"status": "superseded"}, {"securityLabel": [label("R"), label("MASQUE_PS")]}, {"extension": [ARCHIVED]},
        {"extension": [ARCHIVED | {"valueBoolean": False}]},
    ],
)  # fmt: skip
def test_what_may_change(changes: Json) -> None:
    assert judged(**changes).issues == []


CASES: list[tuple[str, str, Json]] = [
    ("MHD-UPDATE-ELEMENT", "DocumentReference.description", {"description": "x"}),
    ("MHD-UPDATE-ELEMENT", "DocumentReference.type", {"type": None}),
    ("MHD-UPDATE-ELEMENT", "DocumentReference._status", {"_status": {"id": "a"}}),
    ("MHD-UPDATE-ELEMENT", "DocumentReference.extension", {"extension": [{"url": "http://x/y", "valueCode": "a"}]}),
    ("MHD-UPDATE-ELEMENT", "DocumentReference.extension", {"extension": "x"}),
    ("MHD-UPDATE-STATUS", "DocumentReference.status", {"status": "current "}),
    ("MHD-UPDATE-STATUS", "DocumentReference.status", {"status": None}),
    ("MHD-UPDATE-DELETE", "DocumentReference.status", {"status": "entered-in-error"}),
    ("MHD-UPDATE-LABEL", "DocumentReference.securityLabel", {"securityLabel": None}),
    ("MHD-UPDATE-LABEL", "DocumentReference.securityLabel", {"securityLabel": "N"}),
    ("MHD-UPDATE-LABEL", "DocumentReference.securityLabel[1]", {"securityLabel": [label("N"), {"text": "masqué"}]}),
    ("MHD-UPDATE-ARCHIVED", "DocumentReference.extension[0]", {"extension": [ARCHIVED | {"valueBoolean": "true"}]}),
    ("MHD-UPDATE-ARCHIVED", "DocumentReference.extension[1]", {"extension": [ARCHIVED, ARCHIVED]}),
    ("MHD-UPDATE-ARCHIVED", "DocumentReference.extension[0]",
     {"extension": [{"url": "https://example.org/SearchParameter/isArchived", "valueBoolean": True}]}),
]  # fmt: skip
WHERE_FILED = {"MHD-UPDATE-AUTHOR", "MHD-UPDATE-MASKS", "MHD-UPDATE-REPLACED"}
"""What only the server sees: tests/acceptance/test_metadata_update."""


@pytest.mark.parametrize(("rule_id", "place", "changes"), CASES)
def test_what_may_not(rule_id: str, place: str, changes: Json) -> None:
    report = judged(**changes)
    assert (rule_id, place) in [(issue.rule, issue.location) for issue in report]
    for issue in report:
        assert "{" not in render(issue, "fr") + render(issue, "en").replace("{ }", "")


def test_every_rule_of_updates_has_a_case() -> None:
    rules = {row.id for row in RULES if row.id.startswith("MHD-UPDATE-")}
    assert {case[0] for case in CASES} | WHERE_FILED == rules


def test_a_form_that_fhir_does_not_know_is_found_by_the_walk() -> None:
    report = judged(securityLabel=[{**label("R"), "colour": "red"}])
    assert [issue.location for issue in report] == ["DocumentReference.securityLabel[0].colour"]


_CODES = st.sampled_from(["N", "R", "V", *MASKING])


@given(st.lists(_CODES, max_size=5, unique=True), st.none() | st.integers(0, 5), st.sampled_from(["N", *MASKING]))
def test_a_mask_is_never_lost_by_its_index(codes: list[str], index: int | None, code: str) -> None:
    labels = [label(one) for one in codes]
    made = relabelled(labels, index, label(code))
    masks = {one for one in codes if one in MASKING}
    if code in MASKING:
        assert made is not None
        assert {one for made_one in made for one in label_codes(made_one)} == (set(codes) - {"N"}) | {code}
    elif made is not None:
        assert len(masks) - sum(map(is_mask, made)) == 1
        assert made != []
    else:
        assert len(masks) != 1
