"""Reading without trust: limits are kept, what is malformed is named, and nothing that is read raises."""

from __future__ import annotations

import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testdata.mail import bounce, failed_integration, mailbox_file, nested, reading_notice
from tests.validators.mail.pieces import AT, DDM, HEAD, XDM, A, B, attached, found, multipart, plain, written
from validators.mail import MailLimits, check_mail, is_mail, is_mbox, listed, split_mbox

SEEDS = (
    written(B, "c@x.mssante.fr", enclosures=[XDM, ("é.pdf", "application/pdf", b"x")], subject=DDM, received=AT),
    bounce(A, "<1@x>", B, at=AT, message_id="<2@x>"),
    reading_notice(B, A, "<1@x>", at=AT, message_id="<3@x>", disposition="processed/Error", error="902^x"),
    failed_integration(B, A, "<1@x>", at=AT, message_id="<4@x>", enclosures=[XDM]),
    nested(6),
)


class TestLimits:
    @pytest.mark.parametrize(
        ("limit", "reason", "mail"),
        [
            ({"max_bytes": 10}, "bytes", plain()),
            ({"max_header": 100}, "header", plain()),
            ({"max_field": 30}, "field", plain()),
            ({"max_field": 60}, "field", plain(b"X: a" + b"\r\n a" * 30)),
            ({"max_fields": 3}, "fields", plain()),
            ({"max_parts": 3}, "parts", multipart(b"\r\na", b"\r\nb", b"\r\nc")),
            ({"max_depth": 3}, "levels", nested(4)),
            ({"max_recipients": 1}, "recipients", plain(b"Cc: c@x.mssante.fr")),
        ],
    )
    def test_are_kept_and_named(self, limit: dict[str, int], reason: str, mail: bytes) -> None:
        result = check_mail(mail, replace(MailLimits(), **limit))
        over = [issue.params["reason"] for issue in result.report if issue.rule == "MAIL-LIMIT"]
        assert (over, result.mail) == ([reason], None)

    def test_of_levels_hold_for_a_bomb(self) -> None:
        assert found(nested(20_000)) == {"MAIL-LIMIT": ""}

    @pytest.mark.parametrize(
        "field",
        [
            b"To: " + b"(" * 30_000, b"To: " + b"<" * 30_000, b"To: " + b"a:;" * 10_000, b"To: " + b'"\\' * 15_000,
            b"Content-Type: multipart/mixed; " + b'a=";' * 8_000,
            b"Content-Type: text/plain; x*" + b"9" * 6_000 + b"*=a",
            b"Subject: " + b"=?utf-8?q?" * 3_000, b"References: " + b"<a@" * 10_000, b"Date: " + b"1 " * 15_000,
            b"Subject: [KO x]" + b" " * 30_000,
        ],
    )  # fmt: skip
    def test_leave_nothing_that_takes_long(self, field: bytes) -> None:
        check_mail(plain(field))


class TestStructure:
    @pytest.mark.parametrize(
        ("rule", "place", "mail"),
        [
            ("MAIL-HEADER", "", b"no field\r\n\r\n"),
            ("MAIL-HEADER", "", b" folded: first\r\n\r\n"),
            ("MAIL-HEADER", "part[1]", multipart(b"no field\r\n\r\nx")),
            ("MAIL-BOUNDARY", "", HEAD + b"Content-Type: multipart/mixed\r\n\r\nx"),
            ("MAIL-BOUNDARY", "", multipart(b"\r\nx", boundary=b"y" * 201)),
            ("MAIL-BOUNDARY", "", plain(b"Content-Type: multipart/mixed; boundary=absent")),
            ("MAIL-BOUNDARY-END", "", multipart(b"\r\nx", end=b"")),
        ],
    )
    def test_that_is_wrong_is_named_where_it_is(self, rule: str, place: str, mail: bytes) -> None:
        assert found(mail)[rule] == place

    def test_of_a_part_may_lack_a_header(self) -> None:
        assert found(multipart(b"\r\nonly text")) == {}

    def test_is_read_with_either_end_of_line(self) -> None:
        mail = multipart(attached(b"QQ=="))
        assert check_mail(mail.replace(b"\r\n", b"\n")).attachments[0].data == b"A"

    def test_of_an_empty_mail_is_no_mail(self) -> None:
        assert check_mail(b"").mail is None
        assert check_mail(b"\r\n\r\n").mail is None


class TestAnything:
    @given(st.data())
    def test_mutated_is_read_without_an_exception(self, data: st.DataObject) -> None:
        mail = bytearray(data.draw(st.sampled_from(SEEDS)))
        for _ in range(data.draw(st.integers(1, 8))):
            at = data.draw(st.integers(0, len(mail)))
            change = data.draw(st.sampled_from(["cut", "insert", "repeat"]))
            if change == "cut":
                del mail[at : at + data.draw(st.integers(1, 30))]
            elif change == "insert":
                mail[at:at] = data.draw(st.binary(min_size=1, max_size=20))
            else:
                mail[at:at] = mail[at : at + 50] * 2
        result = check_mail(bytes(mail))
        assert result.mail is not None or result.notice is not None or result.report.issues

    @given(st.binary(max_size=400))
    def test_random_is_read_without_an_exception(self, noise: bytes) -> None:
        check_mail(noise)
        check_mail(HEAD + noise)
        assert all(isinstance(one, bytes) for one in split_mbox(noise))

    @given(st.text(alphabet=string.printable + "éß\ud800", max_size=80))
    def test_written_as_an_address_list_is_read_without_an_exception(self, text: str) -> None:
        assert all("@" in address for address in listed(text))


class TestMailboxFiles:
    def test_give_their_messages_back(self) -> None:
        mails = [written(message_id=f"<{n}@x>") for n in range(3)]
        box = mailbox_file(mails)
        assert is_mbox(box)
        found_ids = [result.mail.message_id for one in split_mbox(box) if (result := check_mail(one)).mail]
        assert found_ids == ["0@x", "1@x", "2@x"]

    def test_are_not_cut_at_a_word_of_the_text(self) -> None:
        box = mailbox_file([written(text="Bonjour\nFrom here on")])
        assert len(list(split_mbox(box))) == 1

    @pytest.mark.parametrize("data", [b"", b"From here on", b"From a b\nnot a field\n", b"Subject: x\n\nFrom a\nTo: b"])
    def test_begin_with_their_separator(self, data: bytes) -> None:
        assert not is_mbox(data)

    @pytest.mark.parametrize(
        ("data", "mail"), [(b"Received: by x", True), (b"X-Spam: no", True), (b"Note: x", False), (b"{}", False)]
    )
    def test_and_messages_are_known_by_their_beginning(self, data: bytes, mail: bool) -> None:
        assert is_mail(data) is mail
