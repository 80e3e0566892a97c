"""`segur import`: whole or not at all, every fault with its line, the same file twice the same figures."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from testdata import Country, Stay, document_id
from tests.conftest import two_sites
from tests.support.messages import address, citizen
from tests.support.server import segur
from tests.support.synthetic import copy_database, letter, new_patient, new_stay, today

HEADER = (
    "legal_entity;message_id;direction;sent;received;delivery;sender;recipients;bounced;destinations;patient_system;"
    "patient;attachments"
)


@pytest.fixture
def database(tmp_path: Path, demo_database: Path) -> Path:
    return copy_database(demo_database, tmp_path / "imports.db")


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return segur("import", *arguments)


def accepted(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def figure(database: Path, measure: str, finess: str, key: str = "numerator") -> Any:
    year = today().year
    done = segur(
        "indicators", "compute", "--database", database, "--measure", measure, "--organization", finess,
        "--from", f"{year - 1}-01-01", "--to", f"{year}-12-31",
    )  # fmt: skip
    rows = json.loads(accepted(done))
    return rows[0][key] if rows else 0


def row(land: Country, number: int, *recipients: str, sender: str | None = None, **more: str) -> str:
    site, _ = two_sites(land)
    values = {
        "legal_entity": site.legal_entity, "message_id": f"<{number}@journal.mssante.fr>", "direction": "sent",
        "sent": f"{today() - timedelta(days=2)}T08:00:00+01:00", "received": "", "delivery": "delivered",
        "sender": sender or address(site), "recipients": " ".join(recipients or ("confrere@exemple.mssante.fr",)),
        "bounced": "", "destinations": "", "patient_system": "", "patient": "", "attachments": "",
    } | more  # fmt: skip
    return ";".join(values.values())


def boxes(folder: Path, land: Country) -> Path:
    site, _ = two_sites(land)
    return write(folder / "boites.csv", "adresse;finess;type", f"{address(site)};{site.finess};ORG")


# -- journals ------------------------------------------------------------------------------------------------------


def test_a_journal_counts_once_however_often_it_is_imported(
    database: Path, tmp_path: Path, demo_country: Country
) -> None:
    site, _ = two_sites(demo_country)
    accepted(run("mailboxes", boxes(tmp_path, demo_country), "--database", database))
    to = citizen(new_patient(demo_country, site).matricule)
    journal = write(
        tmp_path / "journal.csv", HEADER, row(demo_country, 1), row(demo_country, 2, to, "x@exemple.mssante.fr"),
        row(demo_country, 3, delivery="bounced"), row(demo_country, 1), row(demo_country, 4, to, bounced=to),
    )  # fmt: skip

    dry = accepted(run("mssante", journal, "--database", database, "--dry-run"))
    assert "4 nouveaux, 1 déjà classés (essai)" in dry
    assert figure(database, "I-ESMS-E4", site.finess) == 0
    assert "4 nouveaux, 1 déjà classés" in accepted(run("mssante", journal, "--database", database))
    again = accepted(run("mssante", journal, "--database", database, "--lang", "en"))

    assert "0 new, 5 already filed" in again
    assert figure(database, "I-ESMS-E4", site.finess) == 2
    assert figure(database, "I-SUN2-PRO", site.finess) == 2
    assert figure(database, "I-SUN2-CIT-OUT", site.finess) == 1


def test_a_journal_with_a_bad_row_is_not_imported_and_says_which(
    database: Path, tmp_path: Path, demo_country: Country
) -> None:
    site, _ = two_sites(demo_country)
    accepted(run("mailboxes", boxes(tmp_path, demo_country), "--database", database))
    person = new_patient(demo_country, site).matricule
    journal = write(
        tmp_path / "journal.csv", HEADER, row(demo_country, 1), row(demo_country, 2, "quelquun@example.org"),
        "trop;court", row(demo_country, 4, delivery="perdu"), row(demo_country, 5, sent="hier"),
        row(demo_country, 6, citizen(person), message_id="sans arobase"),
        row(demo_country, 7, legal_entity="990000001"),
    )  # fmt: skip

    done = run("mssante", journal, "--database", database)

    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].endswith("rien n'est importé")
    said = {tuple(line.split(" : ")[:2]) for line in lines[1:]}
    assert ("  ligne 3, recipients", "MSS-ADDRESS") in said
    assert ("  ligne 4", "MSS-JOURNAL-ROW") in said
    assert ("  ligne 5, delivery", "MSS-DELIVERY") in said
    assert ("  ligne 6, sent", "MSS-TIME") in said
    assert ("  ligne 7, message_id", "MSS-ID") in said
    assert ("  ligne 8, legal_entity", "MSS-JOURNAL-ENTITY") in said
    assert person not in done.stdout + done.stderr
    assert figure(database, "I-ESMS-E4", site.finess) == 0
    english = json.loads(run("mssante", journal, "--database", database, "--lang", "en", "--json").stdout)
    assert english["stored"] is False
    assert english["issues"][0]["message"].startswith("Address missing or outside")


def test_other_content_under_a_known_message_id_stops_the_journal(
    database: Path, tmp_path: Path, demo_country: Country
) -> None:
    site, _ = two_sites(demo_country)
    accepted(run("mailboxes", boxes(tmp_path, demo_country), "--database", database))
    accepted(run("mssante", write(tmp_path / "a.csv", HEADER, row(demo_country, 1)), "--database", database))
    changed = write(tmp_path / "b.csv", HEADER, row(demo_country, 2), row(demo_country, 1, "autre@exemple.mssante.fr"))

    done = run("mssante", changed, "--database", database)

    assert done.returncode == 1
    assert "ligne 3 : MSS-CONFLICT" in done.stdout
    assert figure(database, "I-ESMS-E4", site.finess) == 1


def test_ndjson_says_the_same_as_csv(database: Path, tmp_path: Path, demo_country: Country) -> None:
    accepted(run("mailboxes", boxes(tmp_path, demo_country), "--database", database))
    journal = write(tmp_path / "a.csv", HEADER, row(demo_country, 1, "a@x.mssante.fr", "b@x.mssante.fr"))
    lists = ("recipients", "bounced", "destinations", "attachments")
    cells = row(demo_country, 1, "b@x.mssante.fr", "a@x.mssante.fr").split(";")
    values = dict(zip(HEADER.split(";"), cells, strict=True))
    same = {name: value.split() if name in lists else value for name, value in values.items()}
    other = write(tmp_path / "a.ndjson", json.dumps(same), "", "{", json.dumps({"inconnu": 1}))

    accepted(run("mssante", journal, "--database", database))
    done = run("mssante", other, "--database", database)
    assert done.returncode == 1
    assert next(line for line in done.stdout.splitlines() if "MSS-JOURNAL-ROW" in line).startswith("  ligne 3 ")
    done = run("mssante", write(tmp_path / "b.ndjson", json.dumps(same)), "--database", database)
    assert "0 nouveaux, 1 déjà classés" in accepted(done)


def test_an_unknown_mailbox_in_a_journal_is_said_and_taken(
    database: Path, tmp_path: Path, demo_country: Country
) -> None:
    site, _ = two_sites(demo_country)
    journal = write(tmp_path / "a.csv", HEADER, row(demo_country, 1))

    assert "ligne 2 : MAILBOX_UNKNOWN" in accepted(run("mssante", journal, "--database", database))
    assert figure(database, "I-ESMS-E4", site.finess) == 0
    accepted(run("mailboxes", boxes(tmp_path, demo_country), "--database", database))
    assert figure(database, "I-ESMS-E4", site.finess) == 1


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a;b\n", b"", b'{"legal_entity": 1}\n'])
def test_what_is_no_journal_is_refused(database: Path, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "journal.csv"
    path.write_bytes(data)

    assert run("mssante", path, "--database", database).returncode == 1


def test_the_template_of_a_journal_is_a_journal(database: Path, tmp_path: Path) -> None:
    path = tmp_path / "modele.csv"
    accepted(run("template", "mssante", "--out", path))

    done = run("mssante", path, "--database", database)
    assert {line.split(" : ")[1] for line in done.stdout.splitlines()[1:]} <= {"MSS-JOURNAL-ENTITY", "MAILBOX_UNKNOWN"}


# -- tables --------------------------------------------------------------------------------------------------------


def stay_lines(*stays: Stay) -> Sequence[str]:
    head = "finess;numero_sejour;date_sortie;champ;opere;exclu;patient_oid;patient_id"
    return [
        head,
        *(
            f"{s.establishment.finess};{s.id};{s.discharged.date() if s.discharged else ''};MCO;non;non;"
            f"{s.patient.oid};{s.patient.matricule}"
            for s in stays
        ),
    ]


def test_imported_stays_are_a_population(database: Path, tmp_path: Path, demo_country: Country) -> None:
    site, _ = two_sites(demo_country)
    before = figure(database, "I-SUN1-LDL", site.finess, "denominator")
    path = write(tmp_path / "sejours.csv", *stay_lines(*(new_stay(demo_country, site) for _ in range(3))))

    assert "3 lignes valides" in accepted(run("stays", path, "--database", database, "--dry-run"))
    assert figure(database, "I-SUN1-LDL", site.finess, "denominator") == before
    for _ in range(2):
        assert "3 lignes importées" in accepted(run("stays", path, "--database", database))
    assert figure(database, "I-SUN1-LDL", site.finess, "denominator") == before + 3


def test_stays_with_a_fault_are_not_imported(database: Path, tmp_path: Path, demo_country: Country) -> None:
    site, _ = two_sites(demo_country)
    before = figure(database, "I-SUN1-LDL", site.finess, "denominator")
    lines = [*stay_lines(new_stay(demo_country, site)), "990000001;S1;2026-01-01;MCO;non;non;;"]

    done = run("stays", write(tmp_path / "s.csv", *lines), "--database", database, "--lang", "en")

    assert done.returncode == 1
    assert "line 3, finess: no such site in the FINESS table" in done.stdout
    assert figure(database, "I-SUN1-LDL", site.finess, "denominator") == before


def test_establishments_then_mailboxes(tmp_path: Path) -> None:
    database = tmp_path / "new.db"
    head = "finess;type;finess_juridique;nom;region;statut;ght"
    alone = write(tmp_path / "a.csv", head, "350000048;geographique;350000022;Site;53;public;")
    whole = write(
        tmp_path / "b.csv",
        head,
        "350000022;juridique;;CHU;53;public;",
        "350000048;geographique;350000022;Site;53;public;",
    )
    mailbox = write(tmp_path / "m.csv", "adresse;finess;type", "accueil@chu.mssante.fr;350000048;ORG")
    wrong = write(
        tmp_path / "w.csv", "adresse;finess;type", "x@example.org;350000048;", "1@patient.mssante.fr;350000048;",
        "y@chu.mssante.fr;990000001;", "z@chu.mssante.fr;350000048;BAL",
    )  # fmt: skip

    assert run("organizations", alone, "--database", database).returncode == 1
    assert run("mailboxes", mailbox, "--database", database).returncode == 1
    assert "2 lignes importées" in accepted(run("organizations", whole, "--database", database))
    assert "1 ligne importée" in accepted(run("mailboxes", mailbox, "--database", database))
    refused = run("mailboxes", wrong, "--database", database)
    assert [line.split(",")[0].strip() for line in refused.stdout.splitlines()[1:]] == [
        "ligne 2", "ligne 3", "ligne 4", "ligne 5",
    ]  # fmt: skip


def test_declared_figures_are_denominators(database: Path, tmp_path: Path, demo_country: Country) -> None:
    site, _ = two_sites(demo_country)
    year = today().year
    head = "finess;domaine;debut;fin;produits;source"
    line = f"{site.finess};biologie;{year - 1}-01-01;{year}-12-31;40;laboratoire"
    reports = write(tmp_path / "cr.csv", head, line)
    figures = write(
        tmp_path / "osis.csv", "finess;indicateur;debut;fin;numerateur;denominateur;source",
        f"{site.finess};I-SUN1-LDL;2026-01-01;2026-06-30;3;4;oSIS",
        f"{site.finess};I-NON;2026-01-01;2026-06-30;3;4;oSIS",
    )  # fmt: skip

    accepted(run("reports", reports, "--database", database))
    done = run("declared", figures, "--database", database, "--json")

    assert figure(database, "I-SUN1-BIO", site.finess, "denominator") == 40
    assert json.loads(done.stdout)["errors"] == ["ligne 3, indicateur : indicateur inconnu"]


def test_the_use_of_a_service_is_declared_by_its_own_name(
    database: Path, tmp_path: Path, demo_country: Country
) -> None:
    site, _ = two_sites(demo_country)
    year = today().year
    head = "finess;indicateur;debut;fin;numerateur;denominateur;source"
    span = f"{year - 1}-01-01;{year}-12-31"
    said = write(
        tmp_path / "socle.csv",
        head,
        f"{site.finess};I-CC-2:ROR;{span};1;1;ARS",
        f"{site.finess};I-CC-2:PACS;{span};0;1;ARS",
    )
    before = figure(database, "I-CC-2", site.finess) or 0

    accepted(run("declared", said, "--database", database))

    assert figure(database, "I-CC-2", site.finess) == before + 1
    assert figure(database, "I-CC-2", site.finess, "denominator") == 2
    wrong = write(tmp_path / "non.csv", head, f"{site.finess};I-CC-2:NON;{span};1;1;ARS")
    assert run("declared", wrong, "--database", database).returncode == 1


def test_the_forfait_follows_the_activity_that_was_imported(
    database: Path, tmp_path: Path, demo_country: Country
) -> None:
    site, _ = two_sites(demo_country)
    activity = write(
        tmp_path / "activite.csv", "finess;annee;activite_combinee;source", f"{site.finess};2019;4500;SAE 2019",
        f"{site.finess};2018;90000;SAE 2018",
    )  # fmt: skip
    parameters = write(
        tmp_path / "region.yaml", "id: region", "parameters:",
        '  - {name: tranche_bounds, value: [1000, 5000], mark: CONFIG, source: test}',
        '  - {name: "forfait_grid:documents_sortie:F4", value: ["18000", "60000", "90000"], mark: CONFIG, source: t}',
    )  # fmt: skip

    def advance() -> Any:
        done = segur("programmes", "situation", site.finess, "--window", "F4", "--parameters", parameters,
                     "--database", database, "--json")  # fmt: skip
        return json.loads(accepted(done))["amounts"]["advance"]["cents"]

    assert advance() == "parameter_missing:forfait:documents_sortie:F4"
    assert "2 lignes importées" in accepted(run("activity", activity, "--database", database))
    assert advance() == 1_800_000
    other = write(tmp_path / "autre.csv", "finess;annee;activite_combinee;source", f"{site.finess};2019;6000;PMSI 2019")
    accepted(run("activity", other, "--database", database))
    assert advance() == "parameter_missing:forfait:documents_sortie:F4"  # two sources that disagree decide nothing


def test_an_acknowledgement_turns_the_label(database: Path, tmp_path: Path, demo_country: Country) -> None:
    from fhir_server.store.database import open_engine
    from fhir_server.store.facts import fact_tables
    from tests.fhir_server.conftest import Desk
    from tests.support.synthetic import admit

    site, _ = two_sites(demo_country)
    stay = new_stay(demo_country, site)
    admit(database, stay)
    desk = Desk(database, demo_country)
    assert desk.send(letter(stay)).status == 200
    desk.close()
    unique = document_id(stay, "LDL")
    path = write(
        tmp_path / "accuses.csv", "identifiant_document;date_accuse;reference_dmp", f"{unique};{today()};DMP-1"
    )
    unknown = write(tmp_path / "x.csv", "identifiant_document;date_accuse;reference_dmp", f"9.9.9;{today()};")

    assert not any(fact_tables(str(database), names=["documents"])["documents"]["acknowledged"].to_pylist())
    assert "1 ligne importée" in accepted(run("acknowledgements", path, "--database", database))
    assert sum(fact_tables(str(database), names=["documents"])["documents"]["acknowledged"].to_pylist()) == 1
    assert run("acknowledgements", unknown, "--database", database).returncode == 1
    open_engine(str(database)).dispose()


def test_exported_facts_give_the_figures_of_the_database_before_and_after_a_new_key(
    database: Path, tmp_path: Path, demo_country: Country
) -> None:
    site, _ = two_sites(demo_country)
    accepted(run("mailboxes", boxes(tmp_path, demo_country), "--database", database))
    to = citizen(new_patient(demo_country, site).matricule)
    accepted(run("mssante", write(tmp_path / "j.csv", HEADER, row(demo_country, 1, to)), "--database", database))
    figures = write(
        tmp_path / "osis.csv", "finess;indicateur;debut;fin;numerateur;denominateur;source",
        f"{site.finess};I-ESMS-E6;{today().year}-01-01;{today().year}-12-31;7;;DUI",
    )  # fmt: skip
    accepted(run("declared", figures, "--database", database))

    before = everything("--database", database)
    assert {row["measure"] for row in before} >= {"I-ESMS-E6", "I-SUN2-CIT-OUT", "I-SUN2-INS", "I-SUN1-LDL"}
    for folder in ("before", "after"):
        done = segur("indicators", "export-facts", "--database", database, "--out", tmp_path / folder)
        assert done.returncode == 0, done.stderr
        assert everything("--facts", tmp_path / folder) == before
        assert "key 2" in accepted(segur("db", "rekey", "--database", database)) or folder == "after"
        assert everything("--database", database) == before


def everything(*source: str | Path) -> Any:
    year = today().year
    return json.loads(
        accepted(segur("indicators", "compute", *source, "--from", f"{year}-01-01", "--to", f"{year}-12-31"))
    )


@pytest.mark.parametrize(
    "kind", ["organizations", "mailboxes", "stays", "declared", "reports", "patients", "dui", "acknowledgements"]
)
def test_every_kind_has_its_template(tmp_path: Path, kind: str) -> None:
    text = accepted(run("template", kind))
    book = tmp_path / "modele.xlsx"
    accepted(run("template", kind, "--form", "xlsx", "--out", book))

    assert len(text.splitlines()) == 2
    assert book.read_bytes()[:2] == b"PK"


@pytest.mark.parametrize(
    "arguments",
    [
        ("stays", "absent.csv"),
        ("mssante", "absent.csv"),
        ("template", "nothing"),
        ("template", "mssante", "--form", "xlsx"),
    ],
)
def test_usage_errors_exit_2(database: Path, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).returncode == 2
