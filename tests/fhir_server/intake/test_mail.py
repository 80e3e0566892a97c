"""Mails in this process: what becomes of a message, its documents, and what is told of it later, in any order."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from fhir_server.intake.mail import Envelope
from fhir_server.security.caller import Caller, Role
from fhir_server.store import tables
from fhir_server.store.filing import Filer
from fhir_server.store.mail_tables import message_notice
from testdata import Patient
from testdata.mail import bounce, failed_integration, reading_notice
from tests.fhir_server.conftest import Desk
from tests.fhir_server.exchange import ExchangeDesk
from tests.fhir_server.mails import MailDesk, entries, said
from tests.support.mails import an_hour_ago, enclosed, new_id, written
from tests.support.messages import address, citizen, know, message, recipient
from tests.support.synthetic import letter, new_patient, new_stay
from validators.mssante import Direction

A, B = "confrere@exemple.mssante.fr", "autre@exemple.mssante.fr"


@pytest.fixture
def room(desk: Desk) -> MailDesk:
    """Where mails are handed in; the site's mailbox is known."""
    know(desk.database, desk.site, desk.stranger)
    return MailDesk(desk)


@pytest.fixture
def here(desk: Desk) -> str:
    return address(desk.site)


@pytest.fixture
def person(desk: Desk) -> Patient:
    return new_patient(desk.land, desk.site)


def facts(desk: Desk) -> list[tuple[str, str, bool]]:
    return sorted((row.direction, row.audience, row.delivered) for row in desk.rows(tables.messages))


def communication(desk: Desk) -> Any:
    (row,) = desk.rows(tables.resource, tables.resource.c.type == "Communication")
    return row


class TestAMessage:
    def test_that_is_sent_counts_by_its_audiences(self, desk: Desk, room: MailDesk, here: str, person: Patient) -> None:
        answer = room.send(written(here, A, citizen(person.matricule)))
        assert (answer.status, entries(answer), said(answer)) == (200, ["201 Created"], [])
        assert facts(desk) == [("sent", "citizen", True), ("sent", "professional", True)]
        assert {row.organization for row in desk.rows(tables.messages)} == {desk.site.finess}

    def test_that_a_citizen_sends_is_received(self, desk: Desk, room: MailDesk, here: str, person: Patient) -> None:
        assert room.send(written(citizen(person.matricule), here, received=an_hour_ago())).status == 200
        (row,) = desk.rows(tables.messages)
        assert (row.direction, row.audience) == ("received", "citizen")
        assert row.patient == desk.keys.number("patient", person.oid, person.matricule)

    def test_within_a_legal_entity_is_sent_and_received(self, desk: Desk, room: MailDesk, here: str) -> None:
        assert entries(room.send(written(here, here))) == ["201 Created"] * 2
        assert facts(desk) == [("received", "organization", True), ("sent", "organization", True)]

    def test_of_another_legal_entity_is_received(self, desk: Desk, room: MailDesk) -> None:
        answer = room.send(written(address(desk.stranger), "nouveau@exemple.mssante.fr"))
        assert said(answer) == ["MAILBOX_UNKNOWN"]
        assert [row.direction for row in desk.rows(tables.messages)] == ["received"]

    def test_of_nobody_known_is_taken_as_sent_and_says_so(self, desk: Desk, room: MailDesk) -> None:
        answer = room.send(written(A, B))
        assert said(answer) == ["MAIL-DIRECTION", "MAILBOX_UNKNOWN"]
        assert [(row.direction, row.organization) for row in desk.rows(tables.messages)] == [("sent", None)]

    def test_takes_the_direction_it_is_given(self, desk: Desk, room: MailDesk, here: str) -> None:
        assert room.send(written(A, here), envelope=Envelope(direction=Direction.RECEIVED)).status == 200
        other = room.send(written(A, address(desk.stranger)), envelope=Envelope(direction=Direction.RECEIVED))
        assert (other.status, said(other)) == (403, ["MAILBOX-FORBIDDEN"])

    def test_goes_to_the_recipients_of_its_envelope_too(self, desk: Desk, room: MailDesk, here: str) -> None:
        envelope = Envelope(("journal@localhost", f"<{B}>"))
        room.send(written(here, A), envelope=envelope)
        told = json.loads(communication(desk).body)["recipient"]
        assert [node["identifier"]["value"] for node in told] == [A, B]

    def test_twice_counts_once(self, desk: Desk, room: MailDesk, here: str) -> None:
        mail = written(here, A, received=an_hour_ago())
        first, again = room.send(mail), room.send(mail)
        assert (again.body, again.submission) == (first.body, first.submission)
        other = mail.replace(b"Received:", b"Received: from b; Mon, 2 Nov 2026 10:00:00 +0100\r\nReceived:", 1)
        assert room.send(other).status == 200
        assert len(desk.rows(tables.messages)) == 1

    def test_by_another_route_is_received_once(self, desk: Desk, room: MailDesk, here: str) -> None:
        mail = written(A, here, received=an_hour_ago())
        later = mail.replace(b"Received:", b"Received: from b; Mon, 2 Nov 2037 10:00:00 +0100\r\nReceived:", 1)
        assert [room.send(one).status for one in (mail, later)] == [200, 200]
        assert len(desk.rows(tables.messages)) == 1

    def test_and_a_posted_communication_are_one(self, desk: Desk, room: MailDesk, here: str) -> None:
        number, at = new_id(), an_hour_ago()
        ExchangeDesk(desk).post(message(here, A, message_id=number, at=at))
        assert room.send(written(here, A, message_id=number, at=at)).status == 200
        assert len(desk.rows(tables.messages)) == 1

    def test_with_other_metadata_is_a_conflict(self, desk: Desk, room: MailDesk, here: str) -> None:
        number = new_id()
        room.send(written(here, A, message_id=number))
        answer = room.send(
            written(here, B, message_id=number, enclosures=[enclosed(letter(new_stay(desk.land, desk.site)))])
        )
        assert answer.status == 409
        assert "MSS-CONFLICT" in said(answer)
        assert desk.facts() == []

    def test_of_an_editor_counts_nowhere(self, desk: Desk, room: MailDesk) -> None:
        assert room.send(written(A, B), caller=Caller(Role.EDITOR, "Éditeur")).status == 200
        assert desk.rows(tables.messages) == []

    def test_that_says_nothing_is_refused_and_its_hash_kept(self, desk: Desk, room: MailDesk) -> None:
        answer = room.send(b"From: a@x.mssante.fr\r\n\r\nx")
        assert answer.status == 422
        assert set(said(answer)) == {"MAIL-ID", "MAIL-RECIPIENT", "MAIL-DATE"}
        (row,) = desk.rows(tables.submission)
        assert (row.decision, row.envelope, row.size) == ("refused", None, 25)

    def test_that_is_no_mail_is_malformed(self, room: MailDesk) -> None:
        answer = room.send(b"\x00\x01\x02 no header at all\r\n\r\nx")
        assert (answer.status, said(answer)) == (400, ["MAIL-HEADER"])

    def test_leaves_its_hash_and_nothing_of_its_text(self, desk: Desk, room: MailDesk, here: str) -> None:
        mail = written(here, A, text="une phrase très secrète")
        room.send(mail)
        (row,) = desk.rows(tables.submission)
        assert (row.sha256, row.size, row.envelope) == (hashlib.sha256(mail).digest(), len(mail), None)

    def test_with_a_citizen_leaves_a_hash_that_does_not_tell_the_ins(
        self, desk: Desk, room: MailDesk, here: str, person: Patient
    ) -> None:
        mail = written(here, citizen(person.matricule))
        room.send(mail)
        (row,) = desk.rows(tables.submission)
        assert row.sha256 != hashlib.sha256(mail).digest()


class TestDocuments:
    def test_are_filed_as_by_mssante_and_not_by_the_dmp(self, desk: Desk, room: MailDesk, here: str) -> None:
        document = letter(new_stay(desk.land, desk.site))
        answer = room.send(written(here, A, enclosures=[enclosed(document)]))
        assert answer.status == 200
        assert entries(answer)[:2] == ["201 Created", "201 Created"]
        (fact,) = desk.facts()
        assert (fact.mssante, fact.dmp, fact.kind) == (True, False, "LDL")
        (row,) = desk.rows(tables.messages)
        assert row.patient == fact.patient

    @pytest.mark.parametrize("first", ["mail", "cda"])
    def test_by_two_channels_are_one_document(self, desk: Desk, room: MailDesk, here: str, first: str) -> None:
        document = letter(new_stay(desk.land, desk.site))
        mail = written(here, A, enclosures=[enclosed(document)])
        for door in ("mail", "cda") if first == "mail" else ("cda", "mail"):
            assert (room.send(mail).status if door == "mail" else desk.send(document).status) == 200
        (fact,) = desk.facts()
        assert (fact.mssante, fact.dmp) == (True, True)

    def test_that_are_refused_do_not_lose_the_message(self, desk: Desk, room: MailDesk, here: str) -> None:
        document = letter(new_stay(desk.land, desk.site)).replace(b"<typeId ", b'<typeId x="1" ', 1)
        answer = room.send(written(here, A, enclosures=[enclosed(document)]))
        assert entries(answer) == ["201 Created", "422 Unprocessable Entity"]
        outcome = json.loads(answer.body)["entry"][1]["response"]["outcome"]
        assert outcome["issue"][0]["expression"][0].startswith("IHE_XDM.ZIP!/IHE_XDM/SUBSET01/DOC0001.XML!/")
        assert (desk.facts(), facts(desk)) == ([], [("sent", "professional", True)])

    def test_of_a_broken_archive_do_not_lose_the_message(self, desk: Desk, room: MailDesk, here: str) -> None:
        answer = room.send(written(here, A, enclosures=[("IHE_XDM.ZIP", "application/zip", b"PK\x03\x04broken")]))
        assert entries(answer) == ["201 Created", "400 Bad Request"]

    def test_of_one_version_by_mail_keep_the_channel(self, desk: Desk, room: MailDesk, here: str) -> None:
        stay = new_stay(desk.land, desk.site)
        room.send(written(here, A, enclosures=[enclosed(letter(stay))]))
        assert desk.send(letter(stay, version=2)).status == 200
        (fact,) = desk.facts()
        assert (fact.mssante, fact.dmp) == (True, True)

    def test_of_a_message_that_bounced_did_not_come_by_mssante(self, desk: Desk, room: MailDesk, here: str) -> None:
        number, stay = new_id(), new_stay(desk.land, desk.site)
        room.send(written(here, A, message_id=number, enclosures=[enclosed(letter(stay))]))
        room.send(bounce(here, number, A, at=an_hour_ago(), message_id=new_id()))
        assert [fact.mssante for fact in desk.facts()] == [False]
        room.send(written(here, B, enclosures=[enclosed(letter(stay))]))
        assert [fact.mssante for fact in desk.facts()] == [True]

    def test_and_their_message_are_one_write(
        self, desk: Desk, room: MailDesk, here: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What goes wrong with a document undoes the message too; the sender tries again."""
        mail = written(here, A, enclosures=[enclosed(letter(new_stay(desk.land, desk.site)))])

        def full(*_: object) -> None:
            raise OSError("disk full")

        with monkeypatch.context() as patch:
            patch.setattr(Filer, "_document", full)
            with pytest.raises(OSError, match="full"):
                room.send(mail)
        assert (desk.facts(), facts(desk), desk.rows(tables.submission)) == ([], [], [])
        assert room.send(mail).status == 200
        assert [(fact.mssante, fact.dmp) for fact in desk.facts()] == [(True, False)]
        assert len(desk.rows(tables.messages)) == 1

    def test_are_left_out_when_the_message_is_refused_by_the_write(self, desk: Desk, room: MailDesk, here: str) -> None:
        number = new_id()
        room.send(written(here, A, message_id=number))
        other = written(here, B, message_id=number, enclosures=[enclosed(letter(new_stay(desk.land, desk.site)))])
        assert room.send(other).status == 409
        assert desk.facts() == []


class TestNotices:
    def told(self, here: str, number: str, kind: str, who: str = A) -> bytes:
        at = an_hour_ago()
        if kind == "bounce":
            return bounce(here, number, who, at=at, message_id=new_id())
        return reading_notice(who, here, number, at=at, message_id=new_id())

    def test_of_a_bounce_undo_the_delivery_with_history(self, desk: Desk, room: MailDesk, here: str) -> None:
        number = new_id()
        room.send(written(here, A, message_id=number))
        answer = room.send(self.told(here, number, "bounce"))
        assert entries(answer) == ["200 OK"]
        assert facts(desk) == [("sent", "professional", False)]
        now = communication(desk)
        assert (now.version, json.loads(now.body)["status"]) == (2, "not-done")
        (old,) = desk.rows(tables.resource_history)
        assert (old.version, json.loads(old.body)["status"]) == (1, "completed")
        index = tables.search_index
        rows = desk.rows(index, index.c.type == "Communication", index.c.param == "status")
        assert [row.value for row in rows] == ["not-done"]

    def test_of_one_recipient_leave_the_others(self, desk: Desk, room: MailDesk, here: str, person: Patient) -> None:
        number, to = new_id(), citizen(person.matricule)
        room.send(written(here, A, B, to, message_id=number))
        room.send(self.told(here, number, "bounce", to))
        room.send(self.told(here, number, "bounce", A))
        assert facts(desk) == [("sent", "citizen", False), ("sent", "professional", True)]
        assert json.loads(communication(desk).body)["status"] == "completed"

    @pytest.mark.parametrize("order", list(permutations(["mail", "bounce", "read"])))
    def test_end_the_same_in_any_order(self, desk: Desk, room: MailDesk, here: str, order: tuple[str, ...]) -> None:
        """A reading outweighs a bounce, whichever comes first."""
        number = new_id()
        for kind in order:
            mail = written(here, A, message_id=number) if kind == "mail" else self.told(here, number, kind)
            assert room.send(mail).status == 200
        assert facts(desk) == [("sent", "professional", True)]
        (node,) = json.loads(communication(desk).body)["recipient"]
        assert [e["valueCode"] for e in node["extension"]] == ["delivered"]
        assert desk.rows(message_notice) == []

    def test_before_their_message_wait_for_it(self, desk: Desk, room: MailDesk, here: str) -> None:
        number = new_id()
        notice = self.told(here, number, "bounce")
        for _ in range(2):
            answer = room.send(notice)
            assert (entries(answer), said(answer)) == (["202 Accepted"], ["MAIL-NOTICE-PENDING"])
        assert len(desk.rows(message_notice)) == 1
        assert entries(room.send(written(here, A, message_id=number))) == ["201 Created"]
        assert facts(desk) == [("sent", "professional", False)]
        assert communication(desk).version == 2

    def test_again_change_nothing(self, desk: Desk, room: MailDesk, here: str) -> None:
        number = new_id()
        room.send(written(here, A, message_id=number))
        notice = self.told(here, number, "bounce")
        for _ in range(3):
            assert entries(room.send(notice)) == ["200 OK"]
        assert communication(desk).version == 2

    def test_of_a_forwarded_address_are_those_of_the_only_recipient(
        self, desk: Desk, room: MailDesk, here: str
    ) -> None:
        number = new_id()
        room.send(written(here, A, message_id=number))
        room.send(self.told(here, number, "bounce", "ailleurs@exemple.mssante.fr"))
        assert facts(desk) == [("sent", "professional", False)]

    def test_of_nobody_it_went_to_say_so(self, desk: Desk, room: MailDesk, here: str) -> None:
        number = new_id()
        room.send(written(here, A, B, message_id=number))
        answer = room.send(self.told(here, number, "bounce", "ailleurs@exemple.mssante.fr"))
        assert said(answer) == ["MAIL-NOTICE-RECIPIENT"]
        assert communication(desk).version == 1

    def test_of_the_establishment_itself_change_nothing(self, desk: Desk, room: MailDesk, here: str) -> None:
        answer = room.send(reading_notice(here, A, new_id(), at=an_hour_ago(), message_id=new_id()))
        assert said(answer) == ["MAIL-NOTICE-OWN"]
        assert desk.rows(message_notice) == []

    def test_that_are_not_final_change_nothing(self, desk: Desk, room: MailDesk, here: str) -> None:
        number = new_id()
        room.send(written(here, A, message_id=number))
        answer = room.send(bounce(here, number, A, at=an_hour_ago(), message_id=new_id(), action="delayed"))
        assert said(answer) == ["MAIL-NOTICE-NOT-FINAL"]
        assert facts(desk) == [("sent", "professional", True)]

    def test_of_failed_integration_confirm_and_file_nothing_they_return(
        self, desk: Desk, room: MailDesk, here: str
    ) -> None:
        number, document = new_id(), enclosed(letter(new_stay(desk.land, desk.site)))
        room.send(written(here, A, message_id=number))
        answer = room.send(failed_integration(
            A, here, number, at=an_hour_ago(), message_id=new_id(), enclosures=[document]))  # fmt: skip
        assert said(answer) == ["MAIL-NOTICE-KO"]
        assert (desk.facts(), facts(desk)) == ([], [("sent", "professional", True)])

    def test_of_another_legal_entity_touch_nothing(self, desk: Desk, room: MailDesk, here: str) -> None:
        number = new_id()
        room.send(written(here, A, message_id=number))
        room.send(self.told(here, number, "bounce"), caller=Caller(Role.ESTABLISHMENT, desk.stranger.legal_entity))
        assert facts(desk) == [("sent", "professional", True)]

    def test_without_their_message_are_refused(self, room: MailDesk, here: str) -> None:
        notice = reading_notice(A, here, "", at=an_hour_ago(), message_id=new_id())
        answer = room.send(notice)
        assert (answer.status, said(answer)) == (422, ["MAIL-NOTICE-ORIGINAL"])


class TestPostedUpdates:
    def test_change_the_delivery_alone(self, desk: Desk, room: MailDesk, here: str) -> None:
        posts, sent = ExchangeDesk(desk), message(here, A)
        first = posts.post(sent)
        second = posts.post(sent | {"status": "not-done"})
        assert (first.status, second.status, second.version) == (201, 200, 2)
        assert second.location is not None
        assert second.location.startswith(str(first.location).partition("/_history")[0])
        assert facts(desk) == [("sent", "professional", False)]

    def test_that_go_back_change_nothing(self, desk: Desk, room: MailDesk, here: str) -> None:
        """A journal that is read again knows less than a bounce that came later."""
        posts, sent = ExchangeDesk(desk), message(here, A)
        for status in ("completed", "not-done", "completed", "not-done"):
            assert posts.post(sent | {"status": status}).status in (200, 201)
        assert facts(desk) == [("sent", "professional", False)]
        assert communication(desk).version == 2

    def test_that_confirm_a_recipient_outweigh_a_bounce(self, desk: Desk, room: MailDesk, here: str) -> None:
        posts, sent = ExchangeDesk(desk), message(here, A, status="not-done")
        posts.post(sent)
        posts.post(sent | {"recipient": [recipient(A, delivery="delivered")]})
        assert facts(desk) == [("sent", "professional", True)]

    def test_of_anything_else_are_a_conflict(self, desk: Desk, room: MailDesk, here: str) -> None:
        posts, sent = ExchangeDesk(desk), message(here, A)
        posts.post(sent)
        for change in ({"recipient": [recipient(B)]}, {"sent": datetime(2026, 1, 1, tzinfo=UTC).isoformat()}):
            assert posts.post(sent | change | {"status": "not-done"}).status == 409

    def test_of_a_received_message_are_a_conflict(self, desk: Desk, room: MailDesk, here: str) -> None:
        posts, sent = ExchangeDesk(desk), message(A, here, direction="received")
        posts.post(sent)
        assert posts.post(sent | {"status": "not-done"}).status == 409
