"""Evidence packs: one decision with all that proves it, in one file that is checked offline and names nobody.

build(evidence, programme) -> bytes      the same evidence, the same bytes
verify(bytes, programmes) -> failures    hashes, replay, sums, counted ids, no identity
"""

from __future__ import annotations

from indicators.programmes.evidence_pack._build import build, members
from indicators.programmes.evidence_pack._model import MEMBERS, CountedFigure, Evidence, Failure
from indicators.programmes.evidence_pack._record import read_checked
from indicators.programmes.evidence_pack._verify import verify
from indicators.programmes.evidence_pack._zip import MAX_BYTES, pack, unpack

__all__ = [
    "MAX_BYTES",
    "MEMBERS",
    "CountedFigure",
    "Evidence",
    "Failure",
    "build",
    "members",
    "pack",
    "read_checked",
    "unpack",
    "verify",
]
