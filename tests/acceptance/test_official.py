"""The official letter and the published bundles, from the reference material beside the repository."""

from __future__ import annotations

import json

import pytest

from tests.conftest import World
from tests.support.faces import Face, location, refused, rules
from tests.support.server import segur
from tests.support.shared import shared


@pytest.fixture(scope="module")
def submitted(world: World):
    """The official letter sent by `segur submit`, once."""
    path = shared("cases/cda/documents/LDL-SES_2022.01.xml")
    done = segur("submit", path, "--to", world.server.origin, "--token", world.tokens["site"], "--json")
    return path, done


class TestTheOfficialLetter:
    def test_is_accepted(self, submitted) -> None:
        _, done = submitted
        assert done.returncode == 0, done.stdout + done.stderr
        assert json.loads(done.stdout)["accepted"] is True

    def test_is_read_back_identical(self, site: Face, submitted) -> None:
        path, done = submitted
        [place] = [p for p in json.loads(done.stdout)["locations"] if p.startswith("Binary/")]
        found = site.http.get("/fhir/" + place.partition("/_history")[0], headers={"Accept": "application/xml"})
        assert found.content == path.read_bytes()

    def test_is_not_counted_and_the_evidence_says_why(self, world: World, site: Face, submitted) -> None:
        said = json.loads(submitted[1].stdout)
        assert "SITE_UNKNOWN" in [issue["rule"] for issue in said["issues"]]
        found = site.get(f"/api/submissions/{said['submission']}").json()
        assert all(not row["counted"] for row in found["counted"])
        unique = found["documents"][0]["unique_id"]
        [row] = [r for r in site.evidence("I-SUN1-LDL", world.site.finess) if r.get("unique_id") == unique]
        assert (row["counted"], row["reason"]) == (False, "SITE_UNKNOWN")


class TestPublishedBundles:
    def test_the_base_of_the_mutations_is_accepted(self, editor: Face) -> None:
        sent = shared("cases/iti65/base.json").read_bytes()
        answer = editor.provide(sent)
        assert answer.status_code == 200, answer.text
        assert location(answer, "Binary")
        assert editor.submission(answer)["decision"] == "accepted"

    def test_every_mutation_gets_its_verdict(self, site: Face) -> None:
        base = json.loads(shared("cases/iti65/base.json").read_bytes())
        cases = json.loads(shared("cases/iti65/mutations.json").read_bytes())["cases"]
        wrong = []
        for case in cases:
            answer = site.provide(mutated(base, case))
            # The base was filed by then, so that an accepted mutation of it may be in conflict with it.
            conformant = answer.status_code in (200, 409)
            if conformant != case["conformant"]:
                wrong.append((case["case"], answer.status_code, rules(answer)))
        assert not wrong

    def test_the_example_of_the_dmp_is_refused_with_all_its_defects(self, site: Face) -> None:
        path = shared("examples/ans.fhir.fr.pdsm4dmp/Bundle-example-td2-iti65-lot-soumission.json")
        answer = site.provide(path.read_bytes())
        body = refused(answer, 422)
        errors = [i for i in body["issue"] if i["severity"] in ("error", "fatal")]
        places = [place for i in errors for place in i["expression"]]
        said = " ".join(i["details"]["text"] for i in errors)
        for wanted in (
            "Bundle.entry[1].resource.masterIdentifier",
            "Bundle.entry[1].resource.context.facilityType",
            "Bundle.entry[1].resource.context.practiceSetting",
            "Bundle.entry[2].resource.data!/ClinicalDocument",
        ):
            assert any(place.startswith(wanted) for place in places), (wanted, places)
        assert any("author" in place or "source" in place or "contained[1]" in place for place in places), places
        assert "http://snomed.info/sct" in said
        assert "« use »" in said
        assert site.submission(answer)["decision"] == "refused"


def mutated(base: dict, case: dict) -> dict:  # type: ignore[type-arg]
    """The base with one JSON Patch operation applied."""
    found = json.loads(json.dumps(base))
    *path, last = [int(p) if p.isdigit() else p for p in case["path"].strip("/").split("/")]
    node = found
    for part in path:
        node = node[part]
    match case["op"]:
        case "remove":
            del node[last]
        case "add" if last == "-":
            node.append(case["value"])
        case "add" if isinstance(node, list):
            node.insert(last, case["value"])
        case "add" | "replace":
            node[last] = case["value"]
    return found
