"""FHIR: one OperationOutcome a file and a line, built as the server builds its answers."""

from __future__ import annotations

from collections.abc import Sequence

from fhir_server.fhir.outcome import operation_outcome
from fhir_server.reports.options import Judged, Options
from fhir_server.reports.rows import one_line


def render(verdicts: Sequence[Judged], lang: str, _options: Options) -> str:
    """For one file an OperationOutcome, for several ndjson of them in the order of the files."""
    return "\n".join(one_line(operation_outcome(verdict.report, lang)) for _, verdict in verdicts)
