"""Language tags: the syntax of RFC 5646, and of its registry the languages and regions of two letters."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from validators.fhir.countries import LETTERS

_TAG: Final = re.compile(
    r"(?P<language>[a-z]{2,3}(?P<extended>(?:-[a-z]{3}){1,3})?|[a-z]{4,8})"
    r"(?P<script>-[a-z]{4})?(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?P<variants>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)"
    r"(?P<extensions>(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*)"
    r"(?P<private>-x(?:-[a-z0-9]{1,8})+)?",
    re.ASCII,
)
_PRIVATE: Final = re.compile(r"x(?:-[a-z0-9]{1,8})+", re.ASCII)
_SINGLETON: Final = re.compile(r"-([0-9a-z])(?=-)", re.ASCII)
_OLD_TAGS: Final = """
    en-gb-oed i-ami i-bnn i-default i-enochian i-hak i-klingon i-lux i-mingo i-navajo i-pwn i-tao i-tay i-tsu
    sgn-be-fr sgn-be-nl sgn-ch-de art-lojban cel-gaulish no-bok no-nyn zh-guoyu zh-hakka zh-min zh-min-nan zh-xiang
"""
_ISO_639: Final = """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en
    eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io is it iu iw
    ja ji jv jw ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt
    my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm
    sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
"""The languages of two letters, the withdrawn ones among them: the registry keeps both."""
_MORE_REGIONS: Final = "ac an bu cp cq cs dd dg ea eu ez fx ic nt su ta tp un yd yu zr aa zz"
_GRANDFATHERED: Final = frozenset(_OLD_TAGS.split())
_LANGUAGES: Final = frozenset(_ISO_639.split())
_REGIONS: Final = frozenset(code.lower() for code in LETTERS) | frozenset(_MORE_REGIONS.split())
_OF_USERS: Final = re.compile(r"q[m-z]|x[a-z]").fullmatch


@lru_cache(maxsize=1024)
def is_language(code: str) -> bool | None:
    """Whether a tag is a language's; None when it is well formed and holds a subtag that is not looked up here.

    Looked up are languages and regions of two letters. Letter case does not count (RFC 5646, section 2.1.1).
    """
    tag = code.lower()
    if not code.isascii():
        return False
    if tag in _GRANDFATHERED:
        return True
    match = _TAG.fullmatch(tag)
    if match is None:
        return None if _PRIVATE.fullmatch(tag) else False
    language, region = match["language"], match["region"] or ""
    if (len(language) == 2 and language not in _LANGUAGES) or _is_unknown(region) or _repeats(match):
        return False
    more = any(match[part] for part in ("extended", "script", "variants", "extensions", "private"))
    return None if more or len(language) != 2 or len(region) == 3 or _OF_USERS(region) else True


def _is_unknown(region: str) -> bool:
    return len(region) == 2 and region not in _REGIONS and not _OF_USERS(region)


def _repeats(match: re.Match[str]) -> bool:
    """Whether a variant or the letter of an extension is there twice (RFC 5646, section 2.2.9)."""
    variants, singletons = match["variants"].split("-")[1:], _SINGLETON.findall(match["extensions"])
    return len(set(variants)) < len(variants) or len(set(singletons)) < len(singletons)
