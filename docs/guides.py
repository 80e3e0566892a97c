"""Writes docs/reference/guides.md: our own profiles beside those of the guides, constraint by constraint and by effect.

Run as `python docs/guides.py`, with the guides' packages, examples and cases in `../shared`; with `--check` nothing is
written and a page that differs makes it fail. A difference without a reason stops it, and so does a reason that no
difference needs any more. Only names, places and figures are written, no sentence of a guide.
"""

from __future__ import annotations

import argparse
import copy
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson

sys.path.insert(0, str(Path(__file__).parent))

from examples import GUIDES, NOW, ROOT, SHARED, walker_of
from guide_reasons import ABOUT, CHANGES, CONSTRAINTS, EXAMPLES, Reason
from guide_trees import Difference, differences
from written import write

from fhir_server.checking import Verdict, judge
from validators.fhir import Walker, default_profiles
from validators.pdsm import Pdsm
from validators.report import REFUSING, Mode
from validators.terminology import ValueSets

PAGE = ROOT / "docs" / "reference" / "guides.md"
NOTICE = "<!-- Written by docs/guides.py; change the code, then run it again. -->"
LOADED = ("ans.fhir.fr.pdsm", "ans.fhir.fr.tddui", "ihe.iti.mhd", "hl7.fhir.fr.core", "ans.fhir.fr.annuaire")
SUBMITTED = ("ans.fhir.fr.pdsm",)
Json = dict[str, Any]
Path_ = tuple[str | int, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or say that it is out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the page differs")
    check = parser.parse_args(arguments).check
    if not (SHARED / "packages").is_dir():
        sys.stdout.write("no ../shared/packages: nothing to compare\n")
        return 0
    return write(PAGE, [NOTICE, "", *page()], check=check)


def page() -> Iterator[str]:
    """The page, line by line."""
    yield from ABOUT
    yield from _cases()
    yield from _examples()
    yield from _changes()
    yield from _constraints()


class _Used:
    """The reasons of one list, and which of them were needed."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self._reasons = reasons
        self._needed: set[str] = set()

    def why(self, subject: str) -> str:
        """The first reason whose form the subject has."""
        for reason in self._reasons:
            if re.search(reason.form, subject):
                self._needed.add(reason.form)
                return reason.why
        raise SystemExit(f"no reason for: {subject}")

    def all_needed(self) -> None:
        """Stop when a reason has nothing left to explain."""
        left = [reason.form for reason in self._reasons if reason.form not in self._needed]
        if left:
            raise SystemExit(f"reasons that nothing needs: {left}")


# -- by effect -----------------------------------------------------------------------------------------------------


@cache
def _lists() -> ValueSets:
    return ValueSets.load(SHARED / "value-sets")


def _both(data: bytes, walker: Walker, pdsm: Pdsm = Pdsm.RELEASED) -> tuple[Verdict, Verdict]:
    """The verdict by our own profiles, and with the packages."""
    alone = judge(data, Mode.SANDBOX, NOW, value_sets=_lists(), pdsm=pdsm)
    return alone, judge(data, Mode.SANDBOX, NOW, value_sets=_lists(), walker=walker, pdsm=pdsm)


def _said(verdict: Verdict) -> str:
    return "conformant" if verdict.report.conformant else "not conformant"


def _submission() -> Json:
    base: Json = orjson.loads((SHARED / "cases" / "iti65" / "base.json").read_bytes())
    return base


def _cases() -> Iterator[str]:
    """The cases of ITI-65: not one may differ."""
    walker = walker_of(SUBMITTED)
    cases = orjson.loads((SHARED / "cases" / "iti65" / "mutations.json").read_bytes())["cases"]
    for case in cases:
        alone, guided = _both(orjson.dumps(_changed(_submission(), case)), walker)
        if alone.report.conformant != guided.report.conformant:
            raise SystemExit(f"the verdict of a case differs: {case['case']}")
    yield from ("", "## The cases of ITI-65", "", f"{len(cases)} submissions, one change each: the same verdicts.")


def _changed(document: Json, case: Json) -> Json:
    """A case is one step of a JSON Patch (RFC 6902), or a test of the document as it is."""
    if case["op"] == "test":
        return document
    steps = [int(step) if step.isdigit() else step for step in case["path"].strip("/").split("/")]
    node, last = _at(document, steps[:-1]), steps[-1]
    if case["op"] == "remove":
        del node[last]
    elif case["op"] == "add" and isinstance(node, list):
        node.insert(len(node) if last == "-" else last, case["value"])
    else:
        node[last] = case["value"]
    return document


def _at(node: Any, steps: Iterable[str | int]) -> Any:
    for step in steps:
        node = node[step]
    return node


def _examples() -> Iterator[str]:
    used, rows, count = _Used(EXAMPLES), Counter[tuple[str, str, str, str]](), 0
    for name, guide in GUIDES.items():
        walker = walker_of(guide.packages, guide.pdsm)
        for path in sorted((SHARED / "examples" / name).glob("*.json")):
            alone, guided = _both(path.read_bytes(), walker, guide.pdsm)
            count += 1
            if alone.report.conformant != guided.report.conformant:
                rows[guide.title, _said(alone), _said(guided), used.why(f"{name}/{path.name}")] += 1
    used.all_needed()
    yield from ("", "## The published examples", "", f"{count} examples; {rows.total()} verdicts differ.", "")
    yield from ("| Guide | Examples | By ours alone | With the packages | Why |", "|---|---|---|---|---|")
    for (title, alone_, guided_, why), number in rows.items():
        yield f"| {title} | {number} | {alone_} | {guided_} | {why} |"


def _changes() -> Iterator[str]:
    """Every element of a good submission left out, every text of it replaced, every item of a list said twice."""
    walker, used, rows, count = walker_of(SUBMITTED), _Used(CHANGES), Counter[tuple[str, str]](), 0
    for where, changed in _single_changes(_submission()):
        alone, guided = _both(orjson.dumps(changed), walker)
        count += 1
        if alone.report.conformant != guided.report.conformant:
            place = ".".join(step for step in where if isinstance(step, str))
            said = " ".join(sorted(_errors(alone) ^ _errors(guided)))
            rows[_said(guided), used.why(f"{place} {said}")] += 1
    used.all_needed()
    yield from (
        "", "## Single changes", "",
        "Of the good submission that the cases start from, each element is left out in turn, each text is replaced and "
        f"each item of a list is said twice: {count} submissions; {rows.total()} verdicts differ.", "",
        "| Changes | With the packages | Why ours lets them pass |", "|---|---|---|",
    )  # fmt: skip
    for (said, why), number in sorted(rows.items(), key=lambda row: -row[1]):
        yield f"| {number} | {said} | {why} |"


def _errors(verdict: Verdict) -> set[str]:
    return {str(issue.params.get("key") or issue.rule) for issue in verdict.report if issue.severity in REFUSING}


def _single_changes(good: Json) -> Iterator[tuple[Path_, Json]]:
    for path in _paths(good):
        value = _at(good, path)
        made = [_without]
        made += [_replaced] if isinstance(value, str) else []
        made += [_twice] if isinstance(path[-1], int) else []
        for change in made:
            changed = copy.deepcopy(good)
            change(_at(changed, path[:-1]), path[-1])
            yield path, changed


def _paths(node: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Where everything inside the entries stands, but the bytes of the document."""
    below = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in below:
        if len(path) > 1:
            yield (*path, key)
        if (path or key == "entry") and key != "data":
            yield from _paths(value, (*path, key))


def _without(node: Any, key: str | int) -> None:
    del node[key]


def _replaced(node: Any, key: str | int) -> None:
    node[key] = {"use": "old", "method": "PUT"}.get(str(key), "other")


def _twice(node: Any, key: str | int) -> None:
    node.append(copy.deepcopy(node[key]))


# -- constraint by constraint --------------------------------------------------------------------------------------


def _constraints() -> Iterator[str]:
    ours, theirs = default_profiles(), walker_of(LOADED).profiles
    assert theirs is not None
    used, same, rows = _Used(CONSTRAINTS), [], dict[tuple[str, str], list[Difference]]()
    compared = 0
    for published, own in sorted(ours.aliases.items()):
        one, other = ours.get(own), theirs.get(published)
        assert one is not None
        if other is None or other is one or other.url == own:
            raise SystemExit(f"no package has {published}")
        number, found = differences(one, ours, other, theirs)
        compared += number
        if not found:
            same.append(published)
        for each in found:
            rows.setdefault((published, used.why(f"{published} {each.element} {each.what}")), []).append(each)
    used.all_needed()
    total = sum(map(len, rows.values()))
    yield from (
        "", "## Constraint by constraint", "",
        f"{len(ours.aliases)} profiles of ours stand for one of a guide; of {compared} constraints {total} differ. "
        "What is only written otherwise (a type profile unfolded, a slice by another name) is no difference.", "",
        f"Nothing differs in: {', '.join(f'`{_short(url)}`' for url in same)}.", "",
        "| Profile | Constraint | Ours | Published | Why |", "|---|---|---|---|---|",
    )  # fmt: skip
    for (published, why), found in rows.items():
        shown = "<br>".join(f"`{each.element}` {each.what}" for each in found)
        pairs = [dict.fromkeys(_cell(getattr(each, side)) for each in found) for side in ("ours", "published")]
        yield f"| `{_short(published)}` | {shown} | {' '.join(pairs[0])} | {' '.join(pairs[1])} | {why} |"


def _short(url: str) -> str:
    return url.rpartition("/")[2]


def _cell(text: str) -> str:
    return text.replace("|", "\\|") or "–"


if __name__ == "__main__":
    sys.exit(main())
