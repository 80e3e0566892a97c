"""Imports of what the programmes look at, against our tables: each fault at its line, nothing of the file stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fhir_server.imports import import_file
from fhir_server.store import reference_tables as tables
from fhir_server.store import references
from fhir_server.store.database import open_engine
from indicators.imports import SHAPES, ImportRefused, template
from indicators.programmes.imports import PROGRAMME_SHAPES
from testdata import Country
from tests.support.synthetic import establish

SITE, ENTITY = "970490363", "970490348"
"""A site and its legal entity in La Réunion, as the templates have them."""
ALL = (tables.ght, tables.ght_member, tables.relims, tables.delegated_envelope, tables.pai_operation,
       tables.pai_payment, tables.filed_prerequisite, tables.combined_activity)  # fmt: skip


@dataclass
class Base:
    """A database with the establishments of the country."""

    engine: sa.Engine

    def rows(self, *found: sa.Table) -> list[Any]:
        with self.engine.connect() as connection:
            return [
                tuple(row) for table in found for row in connection.execute(sa.select(table).order_by(*table.columns))
            ]

    def take(self, kind: str, content: str) -> int:
        return import_file(self.engine, kind, content.encode(), f"{kind}.csv")

    def refused(self, kind: str, content: str) -> list[str]:
        before = self.rows(*ALL)
        with pytest.raises(ImportRefused) as refused:
            self.take(kind, content)
        assert self.rows(*ALL) == before
        return [fault.text() for fault in refused.value.faults]


@pytest.fixture
def base(database: Path, demo_country: Country) -> Iterator[Base]:
    establish(database, demo_country)
    engine = open_engine(str(database))
    yield Base(engine)
    engine.dispose()


def example(kind: str) -> str:
    shape = SHAPES[kind] if kind == "activity" else PROGRAMME_SHAPES[kind]
    return template(shape, "csv").decode("utf-8-sig")


class TestFaultsOfTheTables:
    def test_a_ght_has_members_that_exist_and_are_its_own(self, base: Base) -> None:
        head = "ght;nom;finess_support;membres;sdsi_valide;sdsi_projet_medical;dsi_valide"
        rest = "oui;oui;oui"
        assert base.refused("ght", f"{head}\nG;G;{ENTITY};{ENTITY}|970999999;{rest}\n") == [
            "ligne 2, membres : « 970999999 » n'est pas une entité juridique de la table FINESS"
        ]
        twice = f"{head}\nG;G;{ENTITY};{ENTITY};{rest}\nH;H;970490371;970490371|{ENTITY};{rest}\n"
        assert base.refused("ght", twice) == [f"ligne 2, membres : « {ENTITY} » est membre de deux GHT, dont H"]

    def test_a_member_that_leaves_is_in_its_new_ght(self, base: Base) -> None:
        head = "ght;nom;finess_support;membres;sdsi_valide;sdsi_projet_medical;dsi_valide"
        base.take("ght", f"{head}\nG;G;970490371;970490371|{ENTITY};oui;oui;oui\n")
        base.take("ght", f"{head}\nG;G;970490371;970490371;oui;oui;oui\nH;H;{ENTITY};{ENTITY};oui;oui;oui\n")
        assert base.rows(tables.ght_member) == [(ENTITY, "H"), ("970490371", "G")]

    def test_a_register_takes_the_place_of_the_one_before(self, base: Base) -> None:
        base.take("relims", "editeur;produit\nA;1\nB;2\n")
        base.take("relims", "editeur;produit\nB;2\n")
        assert base.rows(tables.relims) == [("B", "2", None)]

    def test_credits_are_not_taken_back_twice(self, base: Base) -> None:
        head = "region;programme;ligne;circulaire;date_circulaire;montant"
        base.take("envelopes", f"{head}\n04;sun_es_v1;etablissements;C1;2021-10-01;100.00\n")
        back = f"{head}\n04;sun_es_v1;etablissements;C2;2022-10-01;-100.01\n"
        assert base.refused("envelopes", back) == ["ligne 2, montant : crédits repris au-delà des crédits délégués"]
        base.take("envelopes", back.replace("-100.01", "-100.00"))

    def test_volets_are_two_envelopes(self, base: Base) -> None:
        head = "region;programme;ligne;circulaire;date_circulaire;montant"
        base.take("envelopes", f"{head}\n04;sun_es_v1;etablissements;C1;2021-10-01;100.00\n")
        other = f"{head}\n04;sun_es_v2;etablissements;C2;2022-10-01;-1.00\n"
        assert len(base.refused("envelopes", other)) == 1

    def test_payments_stay_within_what_was_granted(self, base: Base) -> None:
        base.take("pai", example("pai"))
        head = "operation;tranche;versement;montant;date_saisie"
        assert base.refused("pai-payments", f"{head}\nPAI-1;1;signature;1;2021-09-02\n") == [
            "ligne 2, operation : opération et tranche inconnues : importer d'abord les opérations"
        ]
        assert base.refused("pai-payments", f"{head}\nPAI-2021-0042;1;tranche;1;2021-09-02\n") == [
            "ligne 2, versement : pas de versement « tranche » pour ce programme ; attendus : signature, "
            "configuration, usage"
        ]
        above = f"{head}\nPAI-2021-0042;1;signature;300000;2021-09-02\nPAI-2021-0042;1;usage;200000.01;2022-09-02\n"
        assert base.refused("pai-payments", above) == [
            "ligne 3, operation : versements au-delà du montant accordé (500000.00 €)"
        ]
        base.take("pai-payments", above.replace(".01", ""))

    def test_a_grant_is_not_lowered_below_what_is_entered(self, base: Base) -> None:
        base.take("pai", example("pai"))
        base.take("pai-payments", example("pai-payments"))
        assert base.refused("pai", example("pai").replace(";500000.00;500000.00;", ";500000.00;1.00;")) == [
            "ligne 2, operation : versements au-delà du montant accordé (1.00 €)"
        ]

    @pytest.mark.parametrize(
        ("kind", "changes", "fault"),
        [
            ("prerequisites", (SITE, "970999999"), "ligne 2, finess : site absent de la table FINESS"),
            (
                "prerequisites",
                (";F1;", ";F7;"),
                "ligne 2, fenetre : « F7 » n'est pas une fenêtre ; connues : F1, F2, F3, F4",
            ),
            ("candidatures", (SITE, ENTITY), "ligne 2, finess : site absent de la table FINESS"),
            (
                "galis",
                (ENTITY, SITE),
                f"ligne 2, finess_porteur : « {SITE} » n'est pas une entité juridique de la table FINESS",
            ),
            (
                "pai",
                (ENTITY, SITE),
                f"ligne 2, finess_porteur : « {SITE} » n'est pas une entité juridique de la table FINESS",
            ),
            ("activity", (SITE, "970999999"), "ligne 2, finess : site absent de la table FINESS"),
        ],
    )
    def test_what_a_row_names_is_known(self, base: Base, kind: str, changes: tuple[str, str], fault: str) -> None:
        assert base.refused(kind, example(kind).replace(*changes)) == [fault]

    def test_what_is_imported_is_read_back(self, base: Base) -> None:
        for kind in ("ght", "relims", "prerequisites", "envelopes"):
            base.take(kind, example(kind))
        with base.engine.connect() as connection:
            ght = references.ght_of(connection, "970490371")
            assert ght is not None
            assert (ght.id, ght.sdsi, ght.convergence, ght.dsi) == ("GHT fictif du Lagon", True, True, True)
            assert ght.members == ("970490348", "970490371")
            assert references.ght_of(connection, "970490397") is None
            assert references.editors(connection) == ["Éditeur de démonstration"]
            [filed] = references.prerequisites(connection, SITE, "F1")
            assert (filed.prerequisite, filed.reached, filed.in_osis) == ("SP1", True, True)
            assert references.delegated(connection, "04", "sun_es_v1", "etablissements") == 63_700_000
            assert references.delegated(connection, "04", "sun_es_v2", "etablissements") is None
