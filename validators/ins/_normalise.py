"""How two writings of a name are compared: the rules of the national identity-vigilance reference (RNIV)."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Hyphens and dashes of every length, straight, curly and modifier apostrophes, primes.
_AS_SPACE: Final = re.compile(
    "[-\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d'`\u00b4\u02b9\u02bb\u02bc\u02bd\u02c8\u02ca\u02cb\u2018-\u201b\u2032\u2035\uff07]"
)
# Letters that Unicode does not decompose into a base letter and an accent.
_LIGATURES: Final = str.maketrans({
    "Œ": "OE", "Æ": "AE", "Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "Þ": "TH", "ẞ": "SS", "Ħ": "H", "ı": "I",
})  # fmt: skip


def normalise(text: str) -> str:
    """Upper case, no accents, ligatures opened, hyphens and apostrophes as spaces, spaces collapsed (RNIV).

    >>> normalise("  Lœtitia d’Été-Noël ")
    'LOETITIA D ETE NOEL'
    """
    if text.isascii():
        return " ".join(_AS_SPACE.sub(" ", text).upper().split())
    # Compatibility composition first: presentation forms become ordinary letters; upper() opens ß and the ligatures
    # of that block. Apostrophes go before decomposition, which turns some of them into a space and a combining mark.
    text = unicodedata.normalize("NFKC", _AS_SPACE.sub(" ", text))
    text = unicodedata.normalize("NFKD", _AS_SPACE.sub(" ", text).upper().translate(_LIGATURES))
    bare = "".join(char for char in text if not unicodedata.combining(char))
    return " ".join(_AS_SPACE.sub(" ", bare).upper().translate(_LIGATURES).split())
