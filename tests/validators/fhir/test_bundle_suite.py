"""Whole Bundles: HL7's cases get HL7's verdict, published examples no alarms; size and hostility are borne."""

from __future__ import annotations

import copy
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.validators.fhir.bundle_support import ROOT, UUID, Json, bundle, checked, collected, entry, errors, found
from validators.fhir.bundle import BundleIndex, check_bundle
from validators.fhir.context import Context
from validators.fhir.definitions import load
from validators.messages import render
from validators.report import Report

# The cases of ../shared/cases/fhir whose verdict hangs on the rules of Bundles, and where the cause is.
REFUSED = {
    "bundle-document-versioned-references-bad": "Bundle.entry[0].resource.section[0].entry[1]",
    "bundle-duplicate-id": "Bundle.entry[0]",
    "mni-patientOverview-bundle-example1b": "Bundle.entry[0]",
    "bundle-id-search-2": "Bundle.link[3]",
    "bundle-id-search-4": "Bundle.entry[1].resource",
    "bundle-with-contained": "Bundle.entry[0]",
    "bundle-conditional-reference-bad": "Bundle.entry[0].resource.device",
}
ACCEPTED = (
    "bundle-document-versioned-references-good", "bundle-id-search-1", "bundle-profiles", "ref-policy-r4",
    "bundle-conditional-reference-good", "PulseOxBundle_25Oct2022", "bundle-invariant-instance",
)  # fmt: skip


def case(shared: Path, name: str) -> Json:
    path = shared / "cases" / "fhir" / "files" / "validator" / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    content: Json = json.loads(path.read_text())
    return content


class TestSuite:
    @pytest.mark.parametrize("name", REFUSED)
    def test_refused(self, shared: Path, name: str) -> None:
        assert REFUSED[name] in {place for _, place in errors(case(shared, name))}

    @pytest.mark.parametrize("name", ACCEPTED)
    def test_accepted(self, shared: Path, name: str) -> None:
        assert errors(case(shared, name)) == []

    def test_the_good_submission_has_nothing_to_say(self, shared: Path) -> None:
        assert found(json.loads((shared / "cases" / "iti65" / "base.json").read_text())) == []

    def test_published_examples_are_free_of_alarms(self, shared: Path) -> None:
        """All but one: a search result of pdsm4dmp whose fullUrls are relative and whose subjects are searches."""
        wrong = {}
        for path in sorted((shared / "examples").glob("*/*.json")):
            content = json.loads(path.read_text())
            if content.get("resourceType") == "Bundle" and (rules := {rule for rule, _ in errors(content)}):
                wrong[path.name] = rules
        known = "Bundle-example-annexe-searchset-documentreferences.json"
        assert wrong == {known: {"FHIR-BUNDLE-FULLURL", "FHIR-REFERENCE-RELATIVE"}}


def large(kind: str, count: int) -> Json:
    """A Bundle whose entries form a chain, seen from the first entry or only pointing back to it."""
    chain = [
        entry("Observation", f"o{n}", subject={"reference": f"Patient/p{n}"},
              hasMember=[{"reference": f"Observation/o{n + 1}"}], code={"text": "a / b"})
        for n in range(count - 1)
    ]  # fmt: skip
    return bundle(kind, entry("Composition", "c"), *chain)


def cost(kind: str, count: int) -> float:
    """CPU seconds of the check of one Bundle, the better of three."""
    whole = large(kind, count)
    whole["entry"][-1]["resource"]["focus"] = [{"reference": "Composition/c"}]
    links, times = [link for link, _ in collected(whole)], []
    for _ in range(3):
        context, started = Context(load(), Report()), time.process_time()
        check_bundle(whole, "Bundle", context, links, BundleIndex(whole))
        times.append(time.process_time() - started)
    return min(times)


class TestSize:
    @pytest.mark.parametrize("kind", ["document", "message", "collection", "searchset", "transaction"])
    def test_ten_times_the_entries_cost_ten_times_the_time(self, kind: str) -> None:
        assert cost(kind, 10_000) < 25 * cost(kind, 1_000)

    def test_ten_thousand_versions_of_one_resource(self) -> None:
        versions = [entry("Patient", meta={"versionId": str(n)}) for n in range(10_000)]
        sections = [{"entry": [{"reference": f"Patient/1/_history/{n}"} for n in range(10_000)]}]
        whole = bundle("document", entry("Composition", "c", section=sections), *versions)
        started = time.process_time()
        assert errors(whole) == []
        assert time.process_time() - started < 15.0  # quadratic would take minutes


SEEDS = (
    bundle("document", entry("Composition", "c", section=[{"entry": [{"reference": "Patient/1"}]}]), entry("Patient"),
           link=[{"relation": "stylesheet", "url": "Patient/1"}]),
    bundle("message", entry("MessageHeader", focus=[{"reference": UUID.format(1)}]),
           entry("Patient", "1", UUID.format(1))),
    bundle("searchset", entry("Patient") | {"search": {"mode": "match"}}, total=1,
           link=[{"relation": "self", "url": f"{ROOT}/Patient"}]),
    bundle("transaction", entry("Patient") | {"request": {"method": "PUT", "url": "Patient/1", "ifMatch": "x"}}),
    bundle("collection", entry("Patient", meta={"versionId": "1"}),
           entry("Observation", subject={"reference": "Patient/1"})),
)  # fmt: skip
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8), st.just([]), st.just({}),
    st.sampled_from(["#", "urn:uuid:", "Patient/1/_history/", "http://", "?", "Patient?a=b", "document", "self"]),
    st.lists(st.one_of(st.none(), st.just({}), st.text(max_size=3)), max_size=3),
)  # fmt: skip


def places(node: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a tree."""
    keys = list(node) if isinstance(node, dict) else list(range(len(node))) if isinstance(node, list) else []
    return [(node, key) for key in keys] + [pair for key in keys for pair in places(node[key])]


class TestHostility:
    @settings(max_examples=400, deadline=None)
    @given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 10**6), JUNK), min_size=1, max_size=5))
    def test_never_raises_and_always_speaks(self, seed: Json, changes: list[tuple[int, Any]]) -> None:
        whole = copy.deepcopy(seed)
        for choice, junk in changes:
            reachable = places(whole)
            if reachable:
                container, key = reachable[choice % len(reachable)]
                container[key] = junk
        for issue in checked(whole):
            assert issue.location.startswith("Bundle")
            assert render(issue, "fr")
            assert render(issue, "en")

    @settings(max_examples=200, deadline=None)
    @given(st.text(max_size=40), st.text(max_size=40))
    def test_any_text_may_be_a_reference(self, text: str, base: str) -> None:
        BundleIndex(SEEDS[0]).resolve(text, base)

    def test_deep_trees_are_walked_without_recursion(self) -> None:
        deep: Any = "x"
        for _ in range(20_000):
            deep = {"a": deep}
        whole = bundle("document", entry("Composition", "c", deep=deep))
        check_bundle(whole, "Bundle", Context(load(), Report()), [], BundleIndex(whole))
        del whole, deep
