"""The value sets a schematron opens by path: found in another case, rebuilt, or named as missing or empty.

An absent list stops Saxon on the first assertion that opens it. The lists of the header may be rebuilt: another folder
of the kit holds the same codes under the same OID, in another format.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from lxml import etree

from validators.cda.official._files import Store, look_up, read_xml
from validators.cda.official._kit import VALUE_SETS
from validators.cda.official._source import Source

_PATH: Final = re.compile(r"""(['"])([^'"]*/(?:[^'"/]+\.xml)?)\1""")
_HEADER_LIST: Final = re.compile(r"voc-([0-9.]+)-[^/]*\.xml$")
_SVS: Final = "{urn:ihe:iti:svs:2008}"


def mend_lists(source: Source, root: Path, store: Store) -> None:
    """Look at each path to a list written in the schematron; a path that has to change is changed in place."""
    known: dict[str, str] = {}
    for element in source.schema.iter("*"):
        for name in ("test", "value", "select"):
            written = element.get(name)
            if written and "/" in written and ("'" in written or '"' in written):
                element.set(name, _PATH.sub(lambda match: _mended(match, source, root, store, known), written))


def _mended(match: re.Match[str], source: Source, root: Path, store: Store, known: dict[str, str]) -> str:
    quote, path = match[1], match[2]
    if path not in known:
        known[path] = _resolved(path, source, root, store)
    return f"{quote}{known[path]}{quote}"


def _resolved(path: str, source: Source, root: Path, store: Store) -> str:
    """What to write for the path: itself, the same in the right case, or the list made again."""
    if path.endswith("/"):
        if path.startswith(".") and not (source.folder / path).is_dir():
            source.defect("terminology-missing", path)
        return path
    found, exact = look_up(root, source.folder, path)
    if found is None:
        made = _rebuilt(path, root, store)
        source.defect("value-set-missing" if made is None else "value-set-rebuilt", path)
        return path if made is None else made.as_uri()
    if found.stat().st_size == 0:
        source.defect("value-set-empty", path)
    elif not exact:
        source.defect("value-set-case", path)
    return path if exact else found.as_uri()


def _rebuilt(path: str, root: Path, store: Store) -> Path | None:
    """A list of the header from the value set of the same OID."""
    name = _HEADER_LIST.search(path)
    if name is None:
        return None
    for candidate in sorted((root / VALUE_SETS).glob("*.xml")):
        if name[1].encode() in candidate.read_bytes()[:4096]:
            content = _header_list(candidate, name[1])
            if content is not None:
                return store.write(f"voc-{name[1]}.xml", content)
    return None


def _header_list(path: Path, oid: str) -> bytes | None:
    """The codes of an SVS file, written as the header's rules read them: `*/valueSet/conceptList/concept`."""
    try:
        found = next((item for item in read_xml(path).iter(f"{_SVS}ValueSet") if item.get("id") == oid), None)
    except (etree.XMLSyntaxError, OSError):
        return None
    if found is None:
        return None
    root = etree.Element("valueSets")
    value_set = etree.SubElement(root, "valueSet", id=oid)
    concepts = etree.SubElement(value_set, "conceptList")
    for concept in found.iter(f"{_SVS}Concept"):
        kept = {name: concept.get(name, "") for name in ("code", "codeSystem", "displayName")}
        etree.SubElement(concepts, "concept", kept)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
