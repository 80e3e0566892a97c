"""Archives made from headers: what the metadata say, and that every national example passes our own reader."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from fhir_server.checking import judge
from fhir_server.intake.level1 import level1_cda, read_metadata
from fhir_server.intake.xdm_build import BuildError, archive_of
from testdata import country, discharge_letter, level1
from tests.support.archives import DOCUMENT, METADATA, SUBSET, members
from tests.support.shared import shared
from validators.cda import check_cda
from validators.fhir import default_walker
from validators.mhd import Provided
from validators.report import Mode, Report
from validators.xdm import Terms, check_xdm
from validators.xds import Metadata, check_metadata, derived_uuid
from validators.xds import read_metadata as read_xds

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LAND = country(2026, date(2026, 11, 20))
STAY = next(stay for stay in LAND.stays if stay.discharged)


def metadata_of(archive: bytes) -> Metadata:
    report = Report()
    found = read_xds(members(archive)[METADATA], report)
    assert found is not None
    check_metadata(found, report)
    assert report.conformant
    return found


def opened(archive: bytes) -> list[Provided]:
    """The documents that our own reader finds in an archive."""
    check = partial(check_cda, mode=Mode.SANDBOX, now=NOW)
    found = check_xdm(archive, Terms(default_walker(), Mode.SANDBOX, NOW, check))
    assert found.bundle is not None
    return list(found.bundle.documents)


@pytest.fixture(scope="module")
def metadata() -> Metadata:
    return metadata_of(archive_of([discharge_letter(STAY, when=STAY.discharged)]))


class TestTheMetadata:
    def test_name_the_author_with_institution_and_specialty(self, metadata: Metadata) -> None:
        [document], found = metadata.documents, metadata.submission_set
        assert found is not None
        [author] = document.authors
        assert author.person is not None
        assert (author.person.kind, author.person.part(10)) == ("IDNPS", "D")
        [institution] = author.institutions
        assert (institution.name, institution.id) == (STAY.establishment.name, f"1{STAY.establishment.finess}")
        [specialty] = author.specialties
        assert specialty.count("^") == 2
        assert found.authors == document.authors

    def test_name_the_legal_authenticator_of_the_header(self, metadata: Metadata) -> None:
        signer = metadata.documents[0].legal_authenticator
        assert signer is not None
        assert signer.well_formed

    def test_name_patient_stay_and_file(self, metadata: Metadata) -> None:
        [document] = metadata.documents
        assert document.patient_id is not None
        assert document.source_patient_id is not None
        assert document.patient_id.text == f"{STAY.patient.matricule}^^^&1.2.250.1.213.1.4.10&ISO^NH"
        assert document.source_patient_id.id == STAY.patient.ipps[STAY.establishment.finess]
        assert [cx.id for cx in document.reference_ids] == [STAY.id]
        assert (document.uri, document.mime_type) == ("DOC0001.XML", "text/xml")
        assert document.id == derived_uuid(document.unique_id or "")

    def test_are_dated_in_utc(self, metadata: Metadata) -> None:
        assert STAY.discharged is not None
        expected = STAY.discharged.astimezone(UTC).strftime("%Y%m%d%H%M%S")
        assert metadata.documents[0].creation_time == expected
        assert metadata.sets[0].submission_time == expected

    def test_tie_a_replacement_to_the_derived_id_of_what_it_replaces(self) -> None:
        data = discharge_letter(STAY, when=STAY.discharged, version=2, replaces="1.2.250.1.999.5")
        found = metadata_of(archive_of([data]))
        [tie] = [a for a in found.associations if a.kind.endswith(":RPLC")]
        assert (tie.source, tie.target) == (found.documents[0].id, derived_uuid("1.2.250.1.999.5"))

    def test_of_several_documents_have_a_set_of_their_own(self) -> None:
        assert STAY.discharged is not None
        one = discharge_letter(STAY, when=STAY.discharged)
        other = level1(STAY, "CRO", when=STAY.discharged + timedelta(hours=1))
        alone, both = metadata_of(archive_of([one])), metadata_of(archive_of([one, other]))
        assert alone.sets[0].unique_id != both.sets[0].unique_id
        assert both.members(both.sets[0].id) == [document.id for document in both.documents]
        assert both.sets[0].submission_time == both.documents[1].creation_time
        assert archive_of([one, other]) == archive_of([one, other])
        assert archive_of([one, other]) != archive_of([other, one])


class TestAnArchive:
    def test_of_a_pdf_with_metadata(self) -> None:
        said = {
            "type": "34112-3", "title": "Compte rendu", "created": "2026-03-02T10:00:00+01:00",
            "unique_id": "1.2.250.1.999.8.1",
            "patient": {"family": "TEST", "given": ["JEAN"], "sex": "M", "birth_date": "1967-05-24",
                        "ipp": {"oid": "1.2.250.1.999.8.2", "value": "12"}},
            "author": {"id": "899700000013", "family": "DURANT", "given": "Romuald"},
            "establishment": {"finess": "959000084", "name": "CH"},
            "stay": {"oid": "1.2.250.1.999.8.3", "number": "7", "admitted": "2026-02-27T10:00:00+01:00"},
        }  # fmt: skip
        cda = level1_cda(b"%PDF-1.4\n%%EOF", read_metadata(json.dumps(said).encode()))
        archive = archive_of([cda])
        verdict = judge(archive, Mode.SANDBOX, NOW)
        assert verdict.report.conformant, [(i.rule, i.location) for i in verdict.report]
        assert metadata_of(archive).documents[0].format_code is not None

    @pytest.mark.parametrize("documents", [[b""], [b"<a/>"], [b"%PDF-"]])
    def test_of_what_cannot_be_read_is_none(self, documents: list[bytes]) -> None:
        with pytest.raises(BuildError):
            archive_of(documents)

    def test_of_a_document_without_id_is_none(self) -> None:
        data = discharge_letter(STAY, when=STAY.discharged)
        at = data.index(b"<id root=")
        with pytest.raises(BuildError, match="no id"):
            archive_of([data[:at] + b'<id nullFlavor="NI" x=' + data[at + 9 :]])

    def test_of_every_national_example_is_as_right_as_the_example(self) -> None:
        seen = 0
        for path in sorted(shared("cases/cda/documents").iterdir()):
            data = path.read_bytes()
            bare = check_cda(data, mode=Mode.SANDBOX, now=NOW)
            if bare.header is None:
                continue
            archive = archive_of([data])
            verdict = judge(archive, Mode.SANDBOX, NOW)
            assert members(archive)[DOCUMENT] == data, path.name
            assert verdict.report.conformant == bare.report.conformant, path.name
            assert [(d.data, hashlib.sha1(d.data or b"").hexdigest()) for d in opened(archive)] == [
                (data, metadata_of(archive).documents[0].hash)
            ], path.name
            own = [i for i in verdict.report if not i.location.startswith(f"{SUBSET}/DOC")]
            assert not [i.rule for i in own if i.severity in ("fatal", "error")], path.name
            seen += 1
        assert seen >= 50
