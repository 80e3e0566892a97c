"""Mails judged as files: the archive and its documents are parts, and every place leads through them."""

from __future__ import annotations

from fhir_server.checking import judge
from testdata import Country
from testdata.mail import mailbox_file
from tests.conftest import two_sites
from tests.support.mails import enclosed, written
from tests.support.synthetic import letter, new_stay
from validators.report import Mode


def test_the_documents_of_a_message_are_its_parts(demo_country: Country) -> None:
    site, _ = two_sites(demo_country)
    document = letter(new_stay(demo_country, site), without_ins=True)
    verdict = judge(written("a@x.mssante.fr", "b@x.mssante.fr", enclosures=[enclosed(document)]), Mode.SANDBOX)
    [(name, archive)] = verdict.parts
    [(path, part)] = archive.parts
    assert (verdict.kind, name, archive.kind, path, part.kind) == (
        "eml", "IHE_XDM.ZIP", "xdm", "IHE_XDM/SUBSET01/DOC0001.XML", "cda",
    )  # fmt: skip
    assert (verdict.report.conformant, verdict.countable, verdict.valid) == (True, False, False)
    absent = next(i for i in verdict.report if i.rule == "INS-ABSENT")
    assert absent.location.startswith("IHE_XDM.ZIP!/IHE_XDM/SUBSET01/DOC0001.XML!/")


def test_a_mailbox_file_is_its_messages() -> None:
    right, wrong = written("a@x.mssante.fr", "b@x.mssante.fr"), b"From: a@x.mssante.fr\n\nx"
    verdict = judge(mailbox_file([right, wrong]), Mode.SANDBOX)
    assert [(name, part.valid) for name, part in verdict.parts] == [("message[1]", True), ("message[2]", False)]
    assert "message[2]!/Message-ID" in {issue.location for issue in verdict.report}
    assert not verdict.valid
