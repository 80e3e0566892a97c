"""Writes docs/reference/examples.md: every published example of the French guides, its verdict and why.

Run as `python docs/examples.py`, with the guides' packages and examples in `../shared`; with `--check` nothing is
written and a page that differs makes it fail. Only names, places and rule ids are written, no content of an example.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

sys.path.insert(0, str(Path(__file__).parent))

from written import ROOT, write

from fhir_server.checking import Verdict, judge
from validators.fhir import Walker
from validators.fhir.loading import walker_over
from validators.mhd import pdsm_profiles
from validators.package_store import PackageStore, packages_at
from validators.pdsm import Pdsm
from validators.report import REFUSING, Mode

SHARED = ROOT.parent / "shared"
PAGE = ROOT / "docs" / "reference" / "examples.md"
NOTICE = "<!-- Written by docs/examples.py; change the code, then run it again. -->"
NOW = datetime(2026, 9, 1, tzinfo=UTC)
VALUE_SETS = "ans.fr.terminologies-subset"


@dataclass(frozen=True, slots=True)
class Guide:
    """A folder of examples: what it is, the packages that are loaded, the version of PDSm."""

    title: str
    packages: tuple[str, ...]
    pdsm: Pdsm = Pdsm.RELEASED


GUIDES: Mapping[str, Guide] = {
    "ans.fhir.fr.pdsm": Guide("PDSm 3.1.1", ("ans.fhir.fr.pdsm",)),
    "ans.fhir.fr.pdsm-current": Guide("PDSm, head of June 2026", ("ans.fhir.fr.pdsm-current",), Pdsm.HEAD),
    "ans.fhir.fr.pdsm4dmp": Guide("PDSm for the DMP, draft 0.1.0", ("ans.fhir.fr.pdsm4dmp",)),
    "ihe.iti.mhd": Guide("IHE MHD 4.2.3", ("ihe.iti.mhd",)),
    "ans.fhir.fr.annuaire": Guide("Annuaire Santé 1.1.0", ("ans.fhir.fr.annuaire",)),
    "ans.fhir.fr.mss": Guide("MSSanté mailboxes, 0.1.0 snapshot", ("ans.fhir.fr.mss",)),
    "ans.fhir.fr.tddui": Guide("Transfer of DUI data, 1.1.0 ballot", ("ans.fhir.fr.tddui",)),
    "hl7.fhir.fr.core": Guide("FR Core", ("hl7.fhir.fr.core",)),
    "constructed": Guide("Constructed, published by nobody", ("ans.fhir.fr.pdsm", "hl7.fhir.fr.core")),
}
_COMMUNE = "The municipality is coded in TRE_R13-Commune; FR Core's value set has TRE_R13-CommuneOM and TRE_R20-Pays."
_SITUATION = "The profile wants an identifier of https://rpps.esante.gouv.fr; the example has one of another system."
_SIZE = "The announced size is not that of the data."
_ELSEWHERE = (
    "Author, authenticator and source patient stand elsewhere, where the profile wants them contained; what is "
    "contained is not referred to and says when it was updated."
)
_SET = "The unique id of the set is a UUID, where MHD wants an OID; a contained resource says when it was updated."
_LOT = (
    "Written for the head: source, author and authenticator are persons without a role, and `masterIdentifier` has no "
    "use, so that set and document meet neither slice. Facility and setting are SNOMED CT; the document is a stub."
)
_SNOMED = "Facility and setting are SNOMED CT, where PDSm wants TRE_R02 or TRE_A00, and TRE_A01."
_STUB = "The document in the Binary is a stub: no CDA of the CI-SIS, and no patient to compare with."
_PDSM = {
    "DocumentReference-PDSmSimplifiedExample": _SIZE,
    "DocumentReference-exemple-pdsm-documentreference": _ELSEWHERE,
    "List-ExampleSubmissionSet": _SET,
}
EXPLAINED: Mapping[str, Mapping[str, str]] = {
    "ans.fhir.fr.annuaire": {
        **dict.fromkeys(
            ("Organization-158480", "Organization-158480DP", "Organization-example-organization-fictive",
             "Organization-example-organization-nancy", "Person-pp16dr-person", "Person-pp19dr-person",
             "Practitioner-334081", "Practitioner-3719500"), _COMMUNE,
        ),
        **dict.fromkeys(
            ("PractitionerRole-1578230DP", "PractitionerRole-1738459DP", "PractitionerRole-5015602DP"), _SITUATION
        ),
    },
    "ans.fhir.fr.pdsm": _PDSM,
    "ans.fhir.fr.pdsm-current": _PDSM,
    "ans.fhir.fr.pdsm4dmp": {
        "Bundle-example-annexe-searchset-documentreferences":
            "`masterIdentifier` has no use; fullUrl is relative; a search as a reference belongs in transactions only. "
            + _SNOMED,
        "Bundle-example-td2-1-remplacement": _LOT,
        "Bundle-example-td2-iti65-lot-soumission": _LOT,
        "DocumentReference-doc-x-id":
            "`masterIdentifier` has no use; author and authenticator are persons without a role, as in the head. "
            + _SNOMED,
        **dict.fromkeys(
            ("DocumentReference-example-annexe-docref-cda", "DocumentReference-example-annexe-docref-fhir",
             "DocumentReference-example-td3-1a-cr-consultation", "DocumentReference-example-td3-1a-fhir-document",
             "DocumentReference-example-td3-1a-ordonnance"), _SNOMED,
        ),
    },
    "ihe.iti.mhd": {
        "Bundle-ex-dummyBundleDocAndBinary":
            "It declares no profile: a transaction of documents is then judged as PDSm, which it does not mean to be.",
    },
    "constructed": dict.fromkeys(("Bundle-iti65-replace", "Bundle-iti65-valid"), _STUB),
}  # fmt: skip
"""For each example that is not conformant, what of its guide it breaks, in a sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or say that it is out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the page differs")
    check = parser.parse_args(arguments).check
    if not (SHARED / "examples").is_dir():
        sys.stdout.write("no ../shared/examples: nothing to judge\n")
        return 0
    return write(PAGE, [NOTICE, "", *page()], check=check)


def page() -> Iterator[str]:
    """The page, line by line."""
    judged = {name: list(_judged(name, guide)) for name, guide in GUIDES.items()}
    _no_more_explained(judged)
    yield from _top(judged)
    for name, rows in judged.items():
        yield from ("", f"## {GUIDES[name].title}", "", f"Examples of `{name}`, judged with {_loaded(name)}.", "")
        yield "| Example | Verdict | Errors | Warnings | Why |"
        yield "|---|---|---|---|---|"
        yield from (_row(name, path, verdict) for path, verdict in rows)


def _top(judged: Mapping[str, Sequence[tuple[Path, Verdict]]]) -> Iterator[str]:
    every = [verdict for rows in judged.values() for _, verdict in rows]
    conformant = sum(verdict.valid for verdict in every)
    yield from (
        "# The guides' examples, judged", "",
        "Every example that the French guides publish, and those made for the tests, with the packages of their guide. "
        f"Of {len(every)} examples {conformant} are conformant; each of the {len(every) - conformant} others breaks "
        "its guide or R4 where the table says so. The packages here are not all the official ones: FR Core is a "
        "reconstruction, and most national terminologies are absent, so that their codes are not judged.", "",
        "A Bundle that declares a guide which is loaded is judged by that guide alone; every other transaction of "
        "documents is ITI-65 as PDSm restricts it.",
    )  # fmt: skip


def _no_more_explained(judged: Mapping[str, Sequence[tuple[Path, Verdict]]]) -> None:
    """An example that became conformant, or went, has nothing left to explain."""
    wrong = {(name, path.stem) for name, rows in judged.items() for path, verdict in rows if not verdict.valid}
    left = {(name, stem) for name, stems in EXPLAINED.items() for stem in stems} - wrong
    if left:
        raise SystemExit(f"explained, and not wrong: {sorted(left)}")


def _loaded(name: str) -> str:
    guide = GUIDES[name]
    version = f" and `--pdsm {guide.pdsm.value}`" if guide.pdsm is not Pdsm.RELEASED else ""
    return ", ".join(f"`--package {one}`" for one in (*guide.packages, VALUE_SETS)) + version


def walker_of(packages: Sequence[str], pdsm: Pdsm = Pdsm.RELEASED) -> Walker:
    """The walker over these packages and what they depend on."""
    with TemporaryDirectory() as folder:
        store = PackageStore(Path(folder))
        for archive in sorted((SHARED / "packages").glob("*.tgz")):
            store.add(archive.read_bytes())
        paths, _ = packages_at(packages, store.folder)
        return walker_over((), paths, pdsm_profiles(pdsm))


def _judged(name: str, guide: Guide) -> Iterator[tuple[Path, Verdict]]:
    walker = walker_of((*guide.packages, VALUE_SETS), guide.pdsm)
    for path in sorted((SHARED / "examples" / name).glob("*.json")):
        yield path, judge(path.read_bytes(), Mode.SANDBOX, NOW, walker=walker, pdsm=guide.pdsm)


def _row(guide: str, path: Path, verdict: Verdict) -> str:
    warnings = sum(issue.severity.value == "warning" for issue in verdict.report)
    if verdict.valid:
        return f"| {path.name} | conformant | – | {warnings} | {_met(path)} |"
    why = EXPLAINED[guide][path.stem]
    return f"| {path.name} | **not conformant** | {'<br>'.join(_errors(verdict))} | {warnings} | {why} |"


def _met(path: Path) -> str:
    """The profiles that it declares and meets."""
    declared = orjson.loads(path.read_bytes()).get("meta", {}).get("profile", ())
    names = [f"`{url.partition('|')[0].rpartition('/')[2]}`" for url in declared]
    return f"Meets {', '.join(names)}" if names else "Declares no profile; meets R4"


def _errors(verdict: Verdict) -> Iterable[str]:
    """Each rule with the elements it is broken at; those of a document inside by their ids alone."""
    at: dict[str, list[str]] = {}
    for issue in verdict.report:
        if issue.severity in REFUSING:
            place = "the document" if "!/" in issue.location else _element(issue.location)
            at.setdefault(issue.params.get("key", issue.rule), []).append(place)
    for name, places in sorted(at.items()):
        yield f"`{name}` {', '.join(dict.fromkeys(places))}"


def _element(location: str) -> str:
    plain = re.sub(r"\[\d+\]|\.ofType\(\w+\)", "", location)
    return plain.replace("Bundle.entry.resource", "entry") if plain.startswith("Bundle.entry.resource") else plain


if __name__ == "__main__":
    sys.exit(main())
