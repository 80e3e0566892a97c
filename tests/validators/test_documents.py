"""The registry: 114 types, the national models, and the kind of a document from what it carries."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from validators.documents import DocumentKind, Registry, programme_looks, registry

ROOT = "1.2.250.1.213.1.1.1"
LEVEL_1 = "1.3.6.1.4.1.19376.1.2.20"
SDM_FORMAT = "urn:asip:ci-sis:sdm-mr:2017"


def test_counts() -> None:
    known = registry()
    assert len(known.types) == 114
    systems = [item.system for item in known.types.values()]
    assert (systems.count("2.16.840.1.113883.6.1"), systems.count("1.2.250.1.213.1.1.4.12")) == (78, 35)
    assert len(known.media) == 5


def test_it_is_read_fast_and_once() -> None:
    registry.cache_clear()
    started = time.perf_counter()
    first = registry()
    # 8 ms alone; the bound leaves room for a loaded machine.
    assert time.perf_counter() - started < 0.2
    assert registry() is first


def test_every_reference_resolves() -> None:
    known = registry()
    for kind in known.kinds.values():
        assert all(known.type(code) for code in kind.type_codes)
        assert all(known.model(root) for root in kind.model_roots)
        assert kind.name_fr
        assert kind.name_en
        assert kind.note
        assert programme_looks(kind)
    for model in known.models.values():
        assert model.root.startswith(f"{ROOT}.")
        assert all(known.type(code) for code in model.codes), model.name


def test_a_type_code_belongs_to_one_kind() -> None:
    codes = [code for kind in registry().kinds.values() for code in kind.type_codes]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("11490-0", "LDL"),
        ("57833-6", "ORD"),
        ("PRESC-BIO", "ORD"),
        ("55115-0", "ORD"),
        ("34874-8", "CRO"),
        ("11502-2", "BIO"),
        ("18748-4", "IMG"),
        ("34794-8", "FRCP"),
        ("85208-7", "TLM-CR"),
        ("EXPORT_DUI", "DUI"),
        ("80788-3", "PPA"),
    ],
)
def test_the_type_code_makes_the_kind_in_level_1_too(code: str, kind: str) -> None:
    found = registry().kind_of(code, [(LEVEL_1, None)])
    assert found is not None
    assert found.code == kind
    assert registry().kind(kind) is found


@pytest.mark.parametrize("code", ["83981-1", "18761-7", "34875-5", "51969-4", "60568-3", "IMG-KOS", "X", "", None])
def test_neighbours_are_no_kind_of_ours(code: str | None) -> None:
    assert registry().kind_of(code) is None


def test_sdm_mr_needs_its_template_or_its_format_code() -> None:
    known = registry()
    assert known.kind_of("34133-9", [(f"{ROOT}.16", "2022.01")]) is None
    by_template = known.kind_of("34133-9", [(f"{ROOT}.1", None), (f"{ROOT}.30", "2024.01")])
    assert by_template is known.kind_of("34133-9", format_code=SDM_FORMAT) is known.kind("SDM-MR")
    assert known.kind_of("11490-0", [(f"{ROOT}.30", None)]) is known.kind("LDL")
    maybe = known.kind_of_type("34133-9")
    assert maybe is not None
    assert maybe.model_required


def test_versions_of_a_model() -> None:
    known = registry()
    letter, biology, export = (known.models[f"{ROOT}.{arc}"] for arc in (29, 55, 58))
    assert letter.knows("2022.01")
    assert not letter.knows(None)
    assert not letter.knows("2021.01")
    assert biology.knows(None)
    assert biology.knows("2024.01")
    assert export.knows("anything")


def test_format_codes() -> None:
    known = registry()
    assert known.format_code([(f"{ROOT}.1", None), (f"{ROOT}.29", None)]) == "urn:asip:ci-sis:ldl-ses:2017"
    assert known.format_code([(LEVEL_1, None)], "image/tiff") == "urn:ihe:iti-fr:xds-sd:tiff:2010"
    assert known.format_code([(LEVEL_1, None)], "text/html") is None
    assert known.format_code([(f"{ROOT}.58", None)]) is None


def test_classes() -> None:
    known = registry()
    assert {code: known.types[code].class_code for code in ("11490-0", "57833-6", "101881-1", "34133-9")} == {
        "11490-0": "10",
        "57833-6": "42",
        "101881-1": "",
        "34133-9": "11",
    }
    assert known.type("nothing") is None


def test_a_kind_without_a_programme_is_not_looked_at() -> None:
    kind = registry().kinds["LDL"]
    assert isinstance(kind, DocumentKind)
    assert not programme_looks(replace(kind, programmes=()))
    assert not programme_looks(None)


def test_a_registry_is_made_of_plain_data() -> None:
    data = {
        "systems": {"S": "1.2"}, "model_root": "1", "level_1_root": "2", "media": {}, "models": [], "kinds": [],
        "types": [["A", "S", "10", "Nom"]],
    }  # fmt: skip
    assert Registry(data).types["A"].system == "1.2"
