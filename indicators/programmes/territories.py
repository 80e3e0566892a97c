"""French territories as the texts tell them apart, whatever way they are written: `La Réunion`, `REUNION`, `04`, `974`.

A name nobody knows here is an ordinary mainland one: the excluded and the lightened territories are closed lists.
"""

from __future__ import annotations

import re
import unicodedata

# SUN1-R01: collectivities the launch instruction leaves out, with their INSEE codes and the postal ones.
_EXCLUDED = {
    "polynesie francaise": "PF", "pf": "PF", "987": "PF",
    "nouvelle caledonie": "NC", "nc": "NC", "988": "NC",
    "wallis et futuna": "WF", "iles wallis et futuna": "WF", "wf": "WF", "986": "WF",
}  # fmt: skip
# ESMS-R10: overseas territories and Corsica, by name, INSEE region code and department code.
_OVERSEAS_AND_CORSICA = frozenset({
    "guadeloupe", "01", "971", "martinique", "02", "972", "guyane", "guyane francaise", "03", "973",
    "reunion", "04", "974", "mayotte", "06", "976", "corse", "94", "2a", "2b", "corse du sud", "haute corse",
    "saint pierre et miquelon", "975", "saint barthelemy", "977", "saint martin", "978", *_EXCLUDED,
})  # fmt: skip


def plain(name: str) -> str:
    """A name without accents, case, hyphens, apostrophes and leading article: `Île-de-France` gives `ile de france`."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    words = re.sub(r"[^a-z0-9]+", " ", bare).strip()
    return re.sub(r"^(la|le|les) ", "", words)


def outside_sun_es(territory: str) -> bool:
    """SUN1-R01 (S2, mention Outre-mer): French Polynesia, New Caledonia, Wallis-et-Futuna."""
    return plain(territory) in _EXCLUDED


def overseas_or_corsica(territory: str) -> bool:
    """ESMS-R10 (S3 §I.B.1): territories where a cluster may be smaller."""
    return plain(territory) in _OVERSEAS_AND_CORSICA
