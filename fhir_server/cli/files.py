"""Files judged in order, over processes that share what was loaded before they were forked."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from validators.pdsm import Pdsm

if TYPE_CHECKING:
    from fhir_server.checking import Verdict
    from fhir_server.reports import Judged
    from validators.fhir import Walker
    from validators.report import Mode, Severity
    from validators.suppress import Suppression
    from validators.terminology import ValueSets

MANY = 50
"""Files from which a progress bar is worth its lines."""


@dataclass(frozen=True, slots=True)
class Done:
    """One judged file; `text` is what is written about it at once, None where a format wants all files first."""

    name: str
    verdict: Verdict
    failed: bool
    used: frozenset[Suppression]
    text: str | None


@dataclass(frozen=True, slots=True)
class Job:
    """How files are judged and written: the same for all of them."""

    mode: Mode
    fail_on: Severity
    format: str
    lang: str
    width: int = 100
    lists: ValueSets | None = None
    walker: Walker | None = None
    profiles: tuple[str, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    kit: Path | None = None
    pdsm: Pdsm = Pdsm.RELEASED
    must_support: bool = False

    def run(self, paths: Sequence[Path], jobs: int) -> Iterator[Done]:
        """Every file in order."""
        if jobs == 1 or len(paths) == 1:
            yield from watched(map(self.one, paths), len(paths))
            return
        import multiprocessing

        from validators.mhd import pdsm_walker

        if self.walker is None:
            pdsm_walker(self.pdsm)
        with multiprocessing.get_context("fork").Pool(jobs, _begin, (self,)) as pool:
            yield from watched(pool.imap(_next, paths, chunksize=8), len(paths))

    def one(self, path: Path) -> Done:
        """Judge one file and, where the format allows, write about it."""
        from fhir_server.checking import judge
        from fhir_server.reports import FORMATS, Options

        data, name = path.read_bytes(), name_of(path)
        found = judge(
            data, self.mode, value_sets=self.lists, walker=self.walker, profiles=self.profiles, pdsm=self.pdsm,
            must_support=self.must_support,
        )  # fmt: skip
        verdict, used = found.suppressed(self.suppressions)
        verdict = self._beside(data, verdict)
        options = Options(self.fail_on, lambda _: data, self.width)
        streams = FORMATS[self.format].streams
        text = FORMATS[self.format].render([(name, verdict)], self.lang, options) if streams else None
        return Done(name, verdict, verdict.fails(self.fail_on), used, text)

    def whole(self, judged: Sequence[Judged], paths: Sequence[Path]) -> str:
        """The report of all files in one piece; lines are looked up again, as bytes are not kept."""
        from fhir_server.reports import FORMATS, Options

        by_name = {name_of(path): path for path in paths}
        options = Options(self.fail_on, lambda name: by_name[name].read_bytes(), self.width)
        return FORMATS[self.format].render(judged, self.lang, options)

    def _beside(self, data: bytes, verdict: Verdict) -> Verdict:
        if self.kit is None:
            return verdict
        from fhir_server.cli.official import beside

        return replace(verdict, beside=beside(self.kit, data, verdict))


def name_of(path: Path) -> str:
    """A file as it was given; a name that is not text is made so, because it is going to be written."""
    return os.fsencode(path).decode("utf-8", "replace")


_job: list[Job] = []
"""The job of this child process."""


def _begin(job: Job) -> None:
    # Handed over by the fork: pickled with every file it would cost more than the check.
    _job[:] = [job]


def _next(path: Path) -> Done:
    return _job[0].one(path)


def watched(rows: Iterable[Done], count: int) -> Iterator[Done]:
    """A progress bar on standard error, for a person and many files."""
    if count < MANY or not sys.stderr.isatty():
        yield from rows
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(rows, "Contrôle", total=count, console=Console(stderr=True))
