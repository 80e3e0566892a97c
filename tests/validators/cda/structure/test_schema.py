"""The schema made of the tables: always the same, complete, ours alone, compiled once."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256

import pytest
from lxml import etree

from validators.cda.structure import schema, schema_documents
from validators.cda.structure._body import BODY
from validators.cda.structure._datatypes import DATA_TYPES, SIMPLE_TYPES
from validators.cda.structure._extensions import EXTENSIONS
from validators.cda.structure._header import HEADER
from validators.cda.structure._narrative import NARRATIVE
from validators.cda.structure._notation import Complex
from validators.cda.structure._schema import _Resolver
from validators.cda.structure._vocabulary import VOCABULARY

XS = "{http://www.w3.org/2001/XMLSchema}"
DIGEST = (
    "import hashlib, json; from validators.cda.structure import schema_documents; "
    "print(hashlib.sha256(json.dumps(schema_documents()).encode()).hexdigest())"
)


def digest(seed: str) -> str:
    done = subprocess.run([sys.executable, "-c", DIGEST], capture_output=True, text=True, env={"PYTHONHASHSEED": seed})
    return done.stdout + done.stderr


def test_the_schema_is_the_same_every_time() -> None:
    assert schema_documents() == schema_documents()


def test_the_schema_is_the_same_in_every_process() -> None:
    first, second = digest("1"), digest("2")
    assert first == second
    assert len(first.strip()) == len(sha256().hexdigest())


def test_the_schema_is_compiled_once() -> None:
    assert schema() is schema()


def test_there_is_one_document_a_namespace() -> None:
    documents = schema_documents()
    assert list(documents) == ["main", "datatypes", "v3", "sdtc", "lab", "ps3-20", "pharm"]
    targets = {name: etree.fromstring(text).get("targetNamespace") for name, text in documents.items()}
    assert targets["datatypes"] is None
    assert targets["v3"] == "urn:hl7-org:v3"
    assert all(targets[extension.prefix] == extension.uri for extension in EXTENSIONS)


def test_nothing_is_read_from_a_disk_or_a_network() -> None:
    locations = {
        element.get("schemaLocation")
        for text in schema_documents().values()
        for element in etree.fromstring(text).iter(f"{XS}import", f"{XS}include")
    }
    assert {location for location in locations if location and not location.startswith("segur:")} == set()
    with pytest.raises(KeyError):
        _Resolver(schema_documents()).resolve("file:///etc/passwd", None, None)


@pytest.mark.parametrize(
    "rows",
    [HEADER + BODY, NARRATIVE, DATA_TYPES, *(extension.types for extension in EXTENSIONS)],
    ids=["classes", "narrative", "data types", "sdtc", "lab", "ps3-20", "pharm"],
)
def test_a_type_is_described_once(rows: tuple[Complex, ...]) -> None:
    names = [row.name for row in rows]
    assert len(names) == len(set(names))


def test_every_class_and_list_is_used() -> None:
    written = "".join(schema_documents().values())
    rows = (*HEADER, *BODY, *NARRATIVE)
    unused = {row.name for row in rows if f'{row.name}"' not in written.replace(f'name="POCD_MT000040.{row.name}"', "")}
    assert unused <= {"ClinicalDocument"}
    assert {name for name in VOCABULARY if written.count(f'{name}"') < 2} == set()


def test_a_data_type_comes_after_its_base() -> None:
    known: set[str] = set()
    for row in DATA_TYPES:
        assert not row.base or row.base in known, row.name
        known.add(row.name)


def test_a_mixed_type_stays_mixed() -> None:
    mixed = {row.name: row.mixed for row in DATA_TYPES}
    assert [row.name for row in DATA_TYPES if row.base and mixed[row.base] and not row.mixed] == []


def test_codes_are_written_once() -> None:
    assert [name for name, codes in VOCABULARY.items() if len(codes) != len(set(codes))] == []
    assert len({row.name for row in SIMPLE_TYPES} | set(VOCABULARY)) == len(SIMPLE_TYPES) + len(VOCABULARY)
