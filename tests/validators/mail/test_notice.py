"""Notices: which message they are about and what they say of each recipient."""

from __future__ import annotations

import pytest

from testdata.mail import bounce, failed_integration, reading_notice
from tests.validators.mail.pieces import AT, DDM, XDM, A, B, found, read, written
from validators.mail import Notice, check_mail
from validators.mssante import Delivery

TIMES = {"at": AT, "message_id": "<notice@x>"}


def notice(data: bytes) -> Notice:
    told = read(data).notice
    assert told is not None
    return told


class TestReading:
    @pytest.mark.parametrize("disposition", ["displayed", "processed", "deleted", "dispatched"])
    def test_says_that_it_arrived(self, disposition: str) -> None:
        told = notice(reading_notice(B, A, "<1@x>", disposition=disposition, **TIMES))
        assert (told.kind, told.original, told.states) == ("mdn", "1@x", ((B, Delivery.CONFIRMED),))

    def test_prefers_the_address_it_was_sent_to(self) -> None:
        mail = reading_notice("moved@y.mssante.fr", A, "<1@x>", **TIMES)
        mail = mail.replace(b"Final-Recipient:", b"Original-Recipient: rfc822;" + B.encode() + b"\r\nFinal-Recipient:")
        assert notice(mail).states == ((B, Delivery.CONFIRMED),)

    def test_of_an_error_tells_its_code_and_no_label(self) -> None:
        result = check_mail(reading_notice(
            B, A, "<1@x>", disposition="processed/Error: 902^Patient DUPONT inconnu", **TIMES))  # fmt: skip
        [issue] = result.report
        assert (issue.rule, issue.params["found"], issue.location) == ("MAIL-NOTICE-KO", "902", "part[2]")

    def test_finds_its_message_by_what_it_answers_to(self) -> None:
        mail = reading_notice(B, A, "", **TIMES)
        assert found(mail) == {"MAIL-NOTICE-ORIGINAL": ""}
        told = notice(mail.replace(b"Subject:", b"In-Reply-To: <1@x>\r\nSubject:", 1))
        assert told.original == "1@x"

    def test_without_its_disposition_is_named(self) -> None:
        mail = reading_notice(B, A, "<1@x>", **TIMES).replace(b"Disposition:", b"X-Nothing:")
        assert set(found(mail)) == {"MAIL-NOTICE", "MAIL-NOTICE-ORIGINAL"}


class TestDelivery:
    def test_says_it_of_each_recipient(self) -> None:
        told = notice(bounce(A, "<1@x>", B, "c@x.mssante.fr", **TIMES))
        assert (told.kind, told.original) == ("dsn", "1@x")
        assert told.states == ((B, Delivery.BOUNCED), ("c@x.mssante.fr", Delivery.BOUNCED))

    def test_may_say_that_it_arrived(self) -> None:
        assert notice(bounce(A, "<1@x>", B, action="delivered", **TIMES)).states == ((B, Delivery.CONFIRMED),)

    @pytest.mark.parametrize("action", ["delayed", "relayed", "expanded", "perhaps"])
    def test_that_is_not_final_says_nothing(self, action: str) -> None:
        mail = bounce(A, "<1@x>", B, action=action, **TIMES)
        assert (notice(mail).states, found(mail)) == ((), {"MAIL-NOTICE-NOT-FINAL": "part[2]"})

    @pytest.mark.parametrize("kind", [b"message/rfc822", b"message/global-headers"])
    def test_finds_its_message_in_what_is_returned(self, kind: bytes) -> None:
        assert notice(bounce(A, "<1@x>", B, **TIMES).replace(b"text/rfc822-headers", kind)).original == "1@x"

    def test_finds_its_message_where_relays_write_it(self) -> None:
        mail = bounce(A, "<1@x>", B, **TIMES).replace(b"text/rfc822-headers", b"text/plain")
        assert check_mail(mail).report.rules() == {"MAIL-NOTICE-ORIGINAL"}
        assert (
            notice(mail.replace(b"Reporting-MTA", b"X-Original-Message-ID: <1@x>\r\nReporting-MTA")).original == "1@x"
        )

    def test_without_an_action_is_named(self) -> None:
        mail = bounce(A, "<1@x>", B, **TIMES).replace(b"Action:", b"X-Nothing:")
        assert "MAIL-NOTICE" in found(mail)


class TestFailedIntegration:
    @pytest.mark.parametrize("start", ["[KO Intégration système !][902] ", "[Erreur d'intégration !] ", "[KO x]"])
    def test_is_known_by_its_subject(self, start: str) -> None:
        told = notice(written(subject=f"{start}{DDM}", answers="<1@x>", enclosures=[XDM]))
        assert (told.kind, told.original, told.states) == ("ko", "1@x", (("", Delivery.CONFIRMED),))

    def test_returns_no_document(self) -> None:
        assert read(failed_integration(B, A, "<1@x>", enclosures=[XDM], **TIMES)).attachments == ()

    def test_about_nothing_is_refused(self) -> None:
        assert "MAIL-NOTICE-ORIGINAL" in found(written(subject=f"[KO x]{DDM}"))
