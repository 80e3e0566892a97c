"""An IHE_XDM.ZIP: its metadata become the ITI-65 transaction they stand for, its bytes stay as they came.

The archive is kept whole: its members are compressed, and no document can be cut out of it and put back byte for byte
(decision 0019).
"""

from __future__ import annotations

from fhir_server.intake.checks import Checks
from fhir_server.intake.submission import Received, Submission
from validators.fhir import default_walker
from validators.xdm import Terms, check_xdm

CONTENT_TYPES = ("application/zip", "application/x-zip-compressed", "application/x-zip")


def open_archive(received: Received, checks: Checks) -> Submission:
    """Open and check an archive; one that cannot be made a transaction is malformed (400).

    A replaced document need not be known here: the registry that gave it its entryUUID may be another.
    """
    bound = checks.bound(received.at)
    found = check_xdm(received.body, Terms(default_walker(), checks.mode, received.at, bound, checks.max_entries))
    return Submission(
        received, found.bundle, found.report, malformed=found.bundle is None, lenient_replacement=True
    )  # fmt: skip
