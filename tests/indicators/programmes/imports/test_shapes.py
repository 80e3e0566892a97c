"""Files of the programmes: a template is a file, the smallest file is enough, and each fault is told at its place."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.imports import ImportRefused, read, template
from indicators.money import plain_euros
from indicators.programmes.imports import PROGRAMME_SHAPES, SDSI_PARTS, Delegation
from indicators.regions import REGIONS

SMALLEST: dict[str, dict[str, str]] = {
    "candidatures": {
        "dossier": "1", "finess": "970490363", "fenetre": "F1", "domaines": "biologie", "depot": "2021-09-01T00:00",
        "referent": "DSI", "validation_directeur": "oui", "engagement": "oui", "editeurs": "E",
        "editeurs_relims": "oui",
    },
    "prerequisites": {"finess": "970490363", "fenetre": "F1", "prerequis": "SP6", "osis": "non"},
    "ght": {
        "ght": "G", "nom": "GHT", "finess_support": "970490348", "membres": "970490348", "sdsi_valide": "non",
        "sdsi_projet_medical": "non", "dsi_valide": "non",
    },
    "relims": {"editeur": "E", "produit": "P"},
    "envelopes": {
        "region": "04", "programme": "sun_es_v1", "ligne": "etablissements", "circulaire": "C",
        "date_circulaire": "2021-10-01", "montant": "0",
    },
    "pai": {
        "operation": "P", "tranche": "1", "programme": "esms_amorcage", "finess_porteur": "970490348", "intitule": "T",
        "region": "04", "nature": "acquisition", "esms": "1", "esms_petits": "0", "montant_demande": "25000",
    },
    "pai-payments": {
        "operation": "P", "tranche": "1", "versement": "signature", "montant": "10000", "date_saisie": "2021-09-02",
    },
    "galis": {
        "dossier": "G", "finess_porteur": "970490348", "depot": "2021-08-03T00:00", "organismes": "A=50",
        "equipement": "non", "montant_demande": "250000", "echeancier": "2022=250000",
    },
    "services": {"region": "04", "semestre": "2016-S2", "service": "DMP", "etat": "ABSENT", "source": "ARS"},
}  # fmt: skip

FAULTS = [
    ("candidatures", {"fenetre": ""}, "fenetre", "CELL_MISSING"),
    ("candidatures", {"domaines": "biologie|radiologie"}, "domaines", "CELL_CHOICE"),
    ("candidatures", {"domaines": "biologie|biologie"}, "domaines", "CELL_TWICE"),
    ("candidatures", {"depot": "2021-09-01"}, "depot", "CELL_MOMENT"),
    ("candidatures", {"engagement": "peut-être"}, "engagement", "CELL_YES_NO"),
    ("candidatures", {"editeurs": ""}, "editeurs", "CELL_MISSING"),
    ("candidatures", {"solutions": "A", "solutions_en_place": "B"}, "solutions_en_place", "NOT_NAMED"),
    ("candidatures", {"solutions_convergence": "B"}, "solutions_convergence", "NOT_NAMED"),
    ("candidatures", {"laboratoire": "12"}, "laboratoire", "CELL_FINESS"),
    ("prerequisites", {"prerequis": "SP7"}, "prerequis", "CELL_CHOICE"),
    ("prerequisites", {"osis": ""}, "osis", "CELL_MISSING"),
    ("prerequisites", {"atteint": "2"}, "atteint", "CELL_YES_NO"),
    ("ght", {"membres": "970490371"}, "finess_support", "SUPPORT_NO_MEMBER"),
    ("ght", {"membres": "970490348|970490348"}, "membres", "CELL_TWICE"),
    ("ght", {"sdsi_rubriques": "introduction|annexes"}, "sdsi_rubriques", "CELL_CHOICE"),
    ("ght", {"sdsi_depot_osis": "2021-02-30"}, "sdsi_depot_osis", "CELL_DATE"),
    ("relims", {"editeur": "x" * 201}, "editeur", "CELL_LONG"),
    ("envelopes", {"region": "97"}, "region", "CELL_REGION"),
    ("envelopes", {"programme": "sun_es"}, "programme", "CELL_CHOICE"),
    ("envelopes", {"montant": "637000.005"}, "montant", "CELL_EUROS"),
    ("envelopes", {"date_circulaire": "octobre 2021"}, "date_circulaire", "CELL_DATE"),
    ("pai", {"montant_demande": "-1"}, "montant_demande", "CELL_NEGATIVE"),
    ("pai", {"esms_petits": "2"}, "esms_petits", "ABOVE"),
    ("pai", {"montant_accorde": "25000.01"}, "montant_accorde", "ABOVE"),
    ("pai", {"date_engagement": "2021-05-17"}, "date_engagement", "PAIR"),
    ("pai", {"tranche": "2"}, "tranche", "TRANCHE"),
    ("pai", {"tranche": "0", "programme": "aap_dui"}, "tranche", "TRANCHE"),
    ("pai", {"nature": "mixte"}, "nature", "CELL_CHOICE"),
    ("pai-payments", {"versement": "solde"}, "versement", "CELL_CHOICE"),
    ("pai-payments", {"date_paiement": "2021-09-01"}, "date_paiement", "PERIOD_REVERSED"),
    ("pai-payments", {"montant": "1.234"}, "montant", "CELL_EUROS"),
    ("galis", {"pieces": "budget"}, "pieces", "CELL_CHOICE"),
    ("galis", {"organismes": "A=14|B=quinze"}, "organismes", "CELL_COUNT"),
    ("galis", {"organismes": "14|15"}, "organismes", "CELL_PAIR"),
    ("galis", {"echeancier": "2022=1.234"}, "echeancier", "CELL_EUROS"),
    ("galis", {"echeancier": "20233=1"}, "echeancier", "CELL_PAIR"),
    ("galis", {"solutions": "DUI"}, "solutions", "CELL_PAIR"),
    ("galis", {"montant_acquisition": "1"}, "montant_hors_equipement", "CELL_MISSING"),
    ("galis", {"montant_acquisition": "2", "montant_hors_equipement": "1"}, "montant_acquisition", "ABOVE"),
    ("services", {"service": "TSN"}, "service", "CELL_CHOICE"),
    ("services", {"etat": "OPEN"}, "etat", "CELL_CHOICE"),
    ("services", {"semestre": "2016"}, "semestre", "CELL_SEMESTER"),
    ("services", {"equipes": "3"}, "equipes", "PAIR"),
    ("services", {"utilisateurs": "3", "concernes": "2"}, "utilisateurs", "ABOVE"),
]  # fmt: skip


def written(*rows: dict[str, Any]) -> bytes:
    out = io.StringIO(newline="")
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(out, names, delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def faults(kind: str, *rows: dict[str, Any]) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(ImportRefused) as refused:
        read(PROGRAMME_SHAPES[kind], written(*rows))
    return [(fault.line, fault.column, fault.code) for fault in refused.value.faults]


@pytest.mark.parametrize("kind", PROGRAMME_SHAPES)
class TestEveryShape:
    def test_has_its_smallest_file_here(self, kind: str) -> None:
        shape = PROGRAMME_SHAPES[kind]
        assert {column.name for column in shape.columns if column.required} == set(SMALLEST[kind])
        assert len(read(shape, written(SMALLEST[kind]))) == 1

    @pytest.mark.parametrize("form", ["csv", "xlsx"])
    def test_reads_its_own_template(self, kind: str, form: str) -> None:
        shape = PROGRAMME_SHAPES[kind]
        assert read(shape, template(shape, form)) == read(shape, template(shape, "csv"))

    def test_reads_a_list_of_objects_as_the_same_rows(self, kind: str) -> None:
        shape = PROGRAMME_SHAPES[kind]
        row = dict(zip((c.name for c in shape.columns), (c.example for c in shape.columns), strict=True))
        lists = {c.name: row[c.name].split("|") for c in shape.columns if c.kind.endswith("list") and row[c.name]}
        assert read(shape, json.dumps([row | lists]).encode()) == read(shape, template(shape, "csv"))

    def test_is_explained_in_both_languages(self, kind: str) -> None:
        shape = PROGRAMME_SHAPES[kind]
        assert shape.id == kind
        assert all(column.fr and column.en for column in shape.columns)
        assert all(shape.column(name) is not None for name in shape.key)

    def test_misses_each_column_it_needs(self, kind: str) -> None:
        for name in SMALLEST[kind]:
            row = {column: value for column, value in SMALLEST[kind].items() if column != name}
            assert faults(kind, row) == [(1, name, "COLUMN_MISSING")]

    def test_refuses_a_column_it_does_not_know(self, kind: str) -> None:
        assert faults(kind, SMALLEST[kind] | {"nom_du_patient": ""}) == [(1, "nom_du_patient", "COLUMN_UNKNOWN")]

    def test_refuses_the_same_row_twice(self, kind: str) -> None:
        assert faults(kind, SMALLEST[kind], SMALLEST[kind]) == [(3, PROGRAMME_SHAPES[kind].key[-1], "ROW_TWICE")]


@pytest.mark.parametrize(("kind", "changes", "column", "code"), FAULTS)
def test_a_fault_is_told_at_its_place(kind: str, changes: dict[str, str], column: str, code: str) -> None:
    assert faults(kind, SMALLEST[kind] | changes) == [(2, column, code)]


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"[", "FILE_UNREADABLE"), (b"[" * 100_000, "FILE_UNREADABLE"), (b"[1]", "FILE_LIST"), (b" []", "FILE_EMPTY"),
     (b"[\xff]", "FILE_ENCODING"), (b'\xef\xbb\xbf[{"produit": "P"}]', "COLUMN_MISSING")],
)  # fmt: skip
def test_a_list_that_is_none(data: bytes, code: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        read(PROGRAMME_SHAPES["relims"], data)
    assert [fault.code for fault in refused.value.faults] == [code]


class TestGht:
    """SUN1-R10: each condition is a statement of several, all of which have to hold."""

    WHOLE = SMALLEST["ght"] | {
        "sdsi_valide": "oui", "sdsi_projet_medical": "oui", "sdsi_depot_osis": "2021-09-15",
        "sdsi_rubriques": "|".join(SDSI_PARTS), "convergence_osis": "2021-09-15", "dsi_nomination": "2020-01-06",
        "dsi_valide": "oui",
    }  # fmt: skip

    def conditions(self, **changes: str) -> tuple[bool, bool, bool]:
        [found] = read(PROGRAMME_SHAPES["ght"], written(self.WHOLE | changes))
        return found.sdsi, found.convergence, found.dsi

    def test_all_of_them_hold(self) -> None:
        assert self.conditions() == (True, True, True)

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"sdsi_valide": "non"}, (False, True, True)),
            ({"sdsi_projet_medical": "non"}, (False, True, True)),
            ({"sdsi_depot_osis": ""}, (False, True, True)),
            ({"sdsi_rubriques": "|".join(SDSI_PARTS[1:])}, (False, True, True)),
            ({"convergence_osis": ""}, (True, False, True)),
            ({"dsi_nomination": ""}, (True, True, False)),
            ({"dsi_valide": "non"}, (True, True, False)),
        ],
    )
    def test_one_missing_fails_its_own(self, changes: dict[str, str], expected: tuple[bool, bool, bool]) -> None:
        assert self.conditions(**changes) == expected


names = st.text("abcÉ' -=+@|;,\"\n0", min_size=1, max_size=30).filter(lambda text: text == text.strip() != "")


@given(
    st.lists(
        st.builds(
            Delegation, st.sampled_from(sorted(REGIONS)), st.sampled_from(["sun_es_v1", "sun_es_v2"]),
            st.just("etablissements"), names, st.dates(date(2019, 1, 1), date(2030, 1, 1)),
            st.integers(-(10**12), 10**12),
        ),
        min_size=1, max_size=20, unique_by=lambda one: (one.region, one.programme, one.circular),
    )
)  # fmt: skip
def test_what_is_written_is_read_back(delegations: list[Delegation]) -> None:
    rows = [
        {
            "region": one.region, "programme": one.programme, "ligne": one.line, "circulaire": one.circular,
            "date_circulaire": one.day.isoformat(), "montant": plain_euros(one.cents),
        }
        for one in delegations
    ]  # fmt: skip
    assert read(PROGRAMME_SHAPES["envelopes"], written(*rows)) == delegations
