"""What a mail says: sides, times, attachments, subject; each rule on the smallest mail that breaks it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.validators.mail.pieces import AT, DDM, XDM, B, attached, found, multipart, plain, read, written
from validators.mail import MailLimits, check_mail
from validators.messages import catalogue

LIMITS = MailLimits()


class TestMetadata:
    def test_are_what_the_header_says(self) -> None:
        later = AT + timedelta(minutes=1)
        mail = read(written(B, "C@X.mssante.fr", received=later)).mail
        assert mail is not None
        assert (mail.message_id, mail.sender, mail.recipients) == ("1@x", "a@x.mssante.fr", (B, "c@x.mssante.fr"))
        assert (mail.sent, mail.received, mail.attachments) == (AT, later, ())

    def test_hold_each_recipient_once_wherever_it_stands(self) -> None:
        result = check_mail(
            plain(b"Cc: B@x.mssante.fr, <c@x.mssante.fr>", b"Bcc: d@x.mssante.fr"), envelope=(B, "e@x.mssante.fr")
        )
        assert result.mail is not None
        assert [one[0] for one in result.mail.recipients] == ["b", "c", "d", "e"]

    def test_know_a_name_from_an_address(self) -> None:
        mail = read(plain(b'From: "b@x.mssante.fr" <a@x.mssante.fr>', without=b"From")).mail
        assert mail is not None
        assert mail.sender == "a@x.mssante.fr"

    def test_unfold_a_header(self) -> None:
        mail = read(plain(b"Message-ID:\r\n <h@x>", without=b"Message-ID")).mail
        assert mail is not None
        assert mail.message_id == "h@x"

    def test_count_an_unknown_place_as_utc(self) -> None:
        mail = read(plain(b"Date: Mon, 2 Nov 2026 10:00:00 -0000", without=b"Date")).mail
        assert mail is not None
        assert mail.sent == datetime(2026, 11, 2, 10, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("rule", "place", "mail"),
        [
            ("MAIL-ID", "Message-ID", plain(without=b"Message-ID")),
            ("MAIL-ID", "Message-ID", plain(b"Message-ID: <no at sign>", without=b"Message-ID")),
            ("MAIL-ID", "Message-ID", plain(b"Message-ID: <" + b"a" * 600 + b"@x>", without=b"Message-ID")),
            ("MAIL-SENDER", "From", plain(without=b"From")),
            ("MAIL-SENDER", "From", plain(b"From: " + b"a" * 400 + b"@x.mssante.fr", without=b"From")),
            ("MAIL-SENDER", "From", plain(b"From: a@example.org", without=b"From")),
            ("MAIL-RECIPIENT", "To", plain(without=b"To")),
            ("MAIL-RECIPIENT", "To", plain(b"To: undisclosed-recipients:;", without=b"To")),
            ("MAIL-RECIPIENT", "To", plain(b"To: " + b"(" * 60 + b" b@x.mssante.fr", without=b"To")),
            ("MAIL-OUTSIDE", "To", plain(b"Cc: x@example.org")),
            ("MAIL-DATE", "Date", plain(without=b"Date")),
            ("MAIL-DATE", "Date", plain(b"Date: Mon, 2 Nov 2026 10:00:00", without=b"Date")),
            ("MAIL-DATE", "Date", plain(b"Date: Mon, 99 Nov 2026 10:00:00 +0100", without=b"Date")),
            ("MAIL-TWICE", "Date", plain(b"Date: Mon, 2 Nov 2026 10:00:00 +0100")),
            ("MAIL-CHARSET", "Subject", plain(b"Subject: =?klingon?q?=41?=")),
            ("MAIL-CHARSET", "Subject", plain(b"Subject: =?utf-8?q?=E9?=")),
            ("MAIL-CHARSET", "Subject", plain(b"Subject: =?utf-8?b?A?=")),
        ],
    )
    def test_that_are_wrong_are_named(self, rule: str, place: str, mail: bytes) -> None:
        assert found(mail)[rule] == place

    def test_without_a_date_are_those_of_the_relay(self) -> None:
        result = check_mail(plain(b"Received: by r; Mon, 2 Nov 2026 10:00:00 +0100", without=b"Date"))
        assert (result.report.conformant, result.mail is not None) == (True, True)


class TestAttachments:
    def test_have_a_hash_and_a_place(self) -> None:
        result = read(written(enclosures=[("note.pdf", "application/pdf", b"%PDF-1"), XDM], subject=DDM))
        assert [(one.place, one.is_xdm) for one in result.attachments] == [("note.pdf", False), ("IHE_XDM.ZIP", True)]
        assert result.attachments[0].sha256 == hashlib.sha256(b"%PDF-1").digest()

    @pytest.mark.parametrize("name", ["Émile Dupont.pdf", "1234567890123.pdf", "a/b.pdf", "a!b.pdf", "x" * 60])
    def test_are_shown_by_number_when_their_name_may_say_who(self, name: str) -> None:
        [one] = read(written(enclosures=[(name, "application/pdf", b"x")])).attachments
        assert one.place == "part[2]"

    @pytest.mark.parametrize("encoding", [b"base64", b"BASE64", b"quoted-printable", b"7bit", b"8bit", b"binary"])
    def test_are_decoded(self, encoding: bytes) -> None:
        data = {b"base64": b"YcOp\r\nYQ==", b"BASE64": b"YcOpYQ==", b"quoted-printable": b"a=C3=A9a"}
        [one] = read(multipart(attached(data.get(encoding, "aéa".encode()), encoding))).attachments
        assert one.data == "aéa".encode()

    @pytest.mark.parametrize(
        ("encoding", "data"), [(b"base64", b"A"), (b"base64", b"AA*="), (b"base64", b"QQ==QQ=="), (b"x-rot13", b"A")]
    )
    def test_that_cannot_be_decoded_are_named_and_left_out(self, encoding: bytes, data: bytes) -> None:
        result = check_mail(multipart(attached(data, encoding), attached(b"QQ==")))
        assert {issue.rule: issue.location for issue in result.report} == {"MAIL-ENCODING": "a.bin"}
        assert [one.data for one in result.attachments] == [b"A"]
        assert result.mail is not None

    def test_too_large_are_named_and_left_out(self) -> None:
        limits = replace(LIMITS, max_attachment=1_000)
        result = check_mail(multipart(attached(b"A" * 2_000, b"7bit")), limits)
        assert (result.report.rules(), result.attachments) == ({"MAIL-ATTACHMENT"}, ())

    def test_words_are_none(self) -> None:
        assert (
            read(multipart(b"Content-Type: text/plain\r\n\r\nx", b"Content-Type: text/html\r\n\r\nx")).attachments == ()
        )

    def test_may_be_the_whole_message(self) -> None:
        [one] = read(plain(b"Content-Type: application/pdf", body=b"%PDF")).attachments
        assert one.place == "part[0]"

    def test_of_five_archives_are_too_many(self) -> None:
        assert "MAIL-LIMIT" in found(written(enclosures=[XDM] * 5, subject=DDM))


class TestSubject:
    @pytest.mark.parametrize(
        ("subject", "carries", "rules"),
        [
            (DDM, True, set()),
            ("Bonjour", False, set()),
            ("Bonjour", True, {"MAIL-DDM"}),
            (DDM, False, {"MAIL-DDM-WITHOUT"}),
            ("XDM/1.0/DDM", True, {"MAIL-DDM-FORM"}),
            ("XDM/1.0/DDM+Lettre DEMO Camille", True, {"MAIL-DDM-FORM"}),
            ("XDM/1.0/DDM+Lettre DEMO Éloïse 1980-01-01", True, set()),
            ("XDM/1.0/DDM+ " + " " * 30_000, True, {"MAIL-DDM-FORM"}),
        ],
    )
    def test_announces_what_is_there(self, subject: str, carries: bool, rules: set[str]) -> None:
        enclosures = [XDM] if carries else []
        if len(subject) > 1_000:
            mail = written(enclosures=enclosures, subject="S").replace(b"Subject: S", b"Subject: " + subject.encode())
        else:
            mail = written(enclosures=enclosures, subject=subject)
        assert check_mail(mail).report.rules() == rules

    def test_an_archive_has_its_name(self) -> None:
        assert found(written(enclosures=[("lot.zip", *XDM[1:])], subject=DDM)) == {"MAIL-XDM-NAME": "lot.zip"}
        assert found(written(enclosures=[("ihe_xdm.zip", *XDM[1:])], subject=DDM)) == {}


def test_no_sentence_has_a_place_for_an_address() -> None:
    rows = [row for row in catalogue().values() if row.id.startswith("MAIL-")]
    allowed = ("{reason}", "{limit}", "{found}", "{name}", "{count}", "{expected}")
    for row in rows:
        left = row.fr
        for word in allowed:
            left = left.replace(word, "")
        assert "{" not in left, row.id
