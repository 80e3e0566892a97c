"""The official CDA kit run beside our own rules: the user's copy of it, its XSD by libxml2, its Schematron by Saxon.

Nothing of the kit is shipped, and none of its style sheets is needed: the Schematron is compiled here (`_compile.py`).
Knows no command line and no settings: the folder of the kit and the folder of the cache are passed in.
"""

from __future__ import annotations

from validators.cda.official._check import Official, OfficialResult
from validators.cda.official._compare import Disagreement, disagreements
from validators.cda.official._defects import Defect, defect_text
from validators.cda.official._finding import Finding
from validators.cda.official._kit import Kit, KitError
from validators.cda.official._saxon import SaxonMissing

__all__ = [
    "Defect",
    "Disagreement",
    "Finding",
    "Kit",
    "KitError",
    "Official",
    "OfficialResult",
    "SaxonMissing",
    "defect_text",
    "disagreements",
]
