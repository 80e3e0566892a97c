"""MSSanté metadata: addresses, audiences, what is taken out before anything is said, and each rule."""

from __future__ import annotations

import re
import timeit
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.messages import attachment, message, recipient
from validators import mssante
from validators.fhir import default_walker
from validators.ins import control_key
from validators.mssante import (
    Audience,
    Direction,
    audience_of,
    check_message,
    in_trust_space,
    normalised,
    redacted,
    redacted_text,
    without_body,
)
from validators.report import Report

NUMBER = "2790351215900"
MATRICULE = NUMBER + control_key(NUMBER)
CORSICAN = "179032A215900" + control_key("179032A215900")
WRONG_KEY = NUMBER + ("01" if control_key(NUMBER) != "01" else "02")
CITIZEN = f"{MATRICULE}@patient.mssante.fr"
HERE, THERE = "accueil@ch-x.mssante.fr", "dr.y@cabinet.mssante.fr"
NOW = datetime.now(UTC)


def pseudonym(matricule: str) -> str:
    return f"ins-{len(matricule):032d}"


def checked(resource: dict[str, Any]) -> tuple[mssante.Message | None, list[str]]:
    report = Report()
    found = check_message(resource, report, now=NOW)
    return found, [issue.rule for issue in report]


# -- addresses -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("a@b.mssante.fr", "a@b.mssante.fr"), ("mailto:A@B.mssante.fr", "a@b.mssante.fr"),
        ("  a@b.mssante.fr. ", "a@b.mssante.fr"), ("", ""),
    ],
)  # fmt: skip
def test_an_address_is_compared_without_its_dress(written: str, compared: str) -> None:
    assert normalised(written) == compared
    assert normalised(compared) == compared


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        (HERE, True), ("a@interop-mssante.apicrypt.org", True), (CITIZEN, True), ("a@mssante.fr", False),
        ("a@example.org", False), ("a@b.mssante.fr.example.org", False), ("a b@c.mssante.fr", False),
        ("a@@c.mssante.fr", False), ("", False), ("patient.mssante.fr", False),
    ],
)  # fmt: skip
def test_the_trust_space(address: str, inside: bool) -> None:
    assert in_trust_space(address) is inside


@pytest.mark.parametrize(
    ("address", "mailbox", "reference", "audience"),
    [
        (CITIZEN, None, None, Audience.CITIZEN), (CITIZEN, "ORG", "Organization", Audience.CITIZEN),
        (HERE, None, None, Audience.PROFESSIONAL), (HERE, "PER", None, Audience.PROFESSIONAL),
        (HERE, "CAB", None, Audience.PROFESSIONAL), (HERE, "ORG", None, Audience.ORGANIZATION),
        (HERE, "APP", "Organization", Audience.APPLICATION), (HERE, None, "Organization", Audience.ORGANIZATION),
        (HERE, None, "Device", Audience.APPLICATION), (HERE, None, "PractitionerRole", Audience.PROFESSIONAL),
        (HERE, None, "Patient", Audience.PROFESSIONAL), (None, None, "Patient", Audience.CITIZEN),
        (HERE, "XYZ", None, Audience.PROFESSIONAL),
    ],
)  # fmt: skip
def test_who_reads_a_mailbox(address: str | None, mailbox: str | None, reference: str | None, audience: str) -> None:
    assert audience_of(address, mailbox, reference) is audience


# -- redaction -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        CITIZEN, MATRICULE, f"mailto:{CITIZEN}", f"<{CITIZEN}>", f"{CITIZEN},{CITIZEN}", CITIZEN.upper(),
        f"Patient?identifier=urn:oid:1.2.250.1.213.1.4.8|{MATRICULE}", f"{MATRICULE}%40patient.mssante.fr",
        f"NOM Prénom ({MATRICULE})", f'"{MATRICULE}"', f"{CORSICAN}@patient.mssante.fr", CORSICAN, CORSICAN.lower(),
        f"{WRONG_KEY}@patient.mssante.fr", "jean.dupont@patient.mssante.fr", f"{NUMBER}@PATIENT.mssante.fr",
    ],
)  # fmt: skip
def test_nothing_of_a_citizen_is_left(text: str) -> None:
    found = redacted_text(text, pseudonym)

    for secret in (MATRICULE, CORSICAN, CORSICAN.lower(), WRONG_KEY, NUMBER, "jean.dupont"):
        assert secret not in found
    assert "ins-" in found
    assert redacted_text(found, pseudonym) == found


@pytest.mark.parametrize(
    "text",
    [
        HERE, "", "2026-11-22T10:00:00+01:00", WRONG_KEY, f"1{MATRICULE}", f"{MATRICULE}9", "1.2.250.1.213.1.4.8",
        "urn:oid:1.2.250.1.999.1.1", "a" * 15, "0123456789abcdef" * 4,
    ],
)  # fmt: skip
def test_what_is_no_identity_stays(text: str) -> None:
    assert redacted_text(text, pseudonym) == text


def test_the_names_of_elements_are_looked_at_too() -> None:
    found = redacted({MATRICULE: [{"a": CITIZEN}, 1, None, True]}, pseudonym)

    assert MATRICULE not in str(found)
    assert next(iter(found.values()))[1:] == [1, None, True]


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_citizen_is_found_in_any_text(before: str, after: str) -> None:
    text = f"{before} {CITIZEN} {after}"

    found = redacted_text(text, pseudonym)
    assert MATRICULE not in found.replace(before, "").replace(after, "")
    assert redacted_text(found, pseudonym) == found


HOME = "patient.mssante.fr"
PIECES = ("27", "a", "%40", "%", "40", "@", ".", "-", " ", "x@y", f"@{HOME}", f"%40{HOME}", "ins-")


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_no_local_part_stands_before_the_citizens_domain(pieces: list[str]) -> None:
    found = redacted_text("".join(pieces), pseudonym)
    for home in re.finditer(rf"(?:@|%40)(?={re.escape(HOME)})", found):
        local = re.split(r"[\s@]|%40", found[: home.start()])[-1]
        assert local == "" or re.fullmatch(r"ins-[0-9a-f]{32}", local), found


def test_a_long_run_costs_what_its_length_says() -> None:
    def cost(length: int) -> float:
        return min(timeit.repeat(lambda: redacted_text("a" * length, pseudonym), number=3, repeat=5))

    assert cost(40_000) < 30 * cost(4_000)


# -- bodies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extra", "place"),
    [
        ({"note": [{"text": "secret"}]}, "Communication.note"),
        ({"text": {"div": "secret"}}, "Communication.text"),
        ({"contained": [{"resourceType": "Patient", "name": "secret"}]}, "Communication.contained"),
        ({"topic": {"text": "secret"}}, "Communication.topic"),
        ({"payload": [{"contentString": "secret"}]}, "Communication.payload[0].contentString"),
        ({"payload": [{"contentReference": {"display": "secret"}}]}, "Communication.payload[0].contentReference"),
        (
            {"payload": [{"contentAttachment": {"data": "secret"}}]},
            "Communication.payload[0].contentAttachment.data",
        ),
        (
            {"payload": [{"contentAttachment": {"title": "secret"}}]},
            "Communication.payload[0].contentAttachment.title",
        ),
        ({"payload": [{"contentAttachment": {"url": "secret"}}]}, "Communication.payload[0].contentAttachment.url"),
    ],
)
def test_a_body_is_named_and_left_out(extra: dict[str, Any], place: str) -> None:
    report = Report()

    kept = without_body(message(HERE, THERE) | extra, report, "Communication")

    assert [(issue.rule, issue.location) for issue in report] == [("MSS-BODY", place)]
    assert "secret" not in str(kept)
    assert "secret" not in "".join(str(issue.params) for issue in report)


def test_attachments_without_content_stay_as_they_are() -> None:
    sent = message(HERE, THERE, payload=[attachment(b"\0" * 32, "LDL"), "no payload"])
    report = Report()

    assert without_body(sent, report, "Communication") == sent
    assert not report.issues


# -- rules ---------------------------------------------------------------------------------------------------------


def test_a_message_is_read_whole() -> None:
    at = (NOW - timedelta(hours=2)).replace(microsecond=0)
    subject = {"identifier": {"system": "urn:oid:1.2.250.1.213.1.4.8", "value": MATRICULE}}
    sent = message(
        f"mailto:{HERE}", THERE, recipient(CITIZEN, delivery="bounced"), at=at, message_id="<1@x>", subject=subject,
        payload=[attachment(b"\1" * 32, "SDM-MR"), attachment()],
    )  # fmt: skip

    found, rules = checked(sent)

    assert rules == []
    assert found is not None
    assert (found.message_id, found.direction, found.at, found.delivered) == ("1@x", Direction.SENT, at, True)
    assert found.sender.address == HERE
    assert [(p.audience, p.delivered) for p in found.recipients] == [
        (Audience.PROFESSIONAL, True), (Audience.CITIZEN, False),
    ]  # fmt: skip
    assert found.recipients[1].matricule == MATRICULE
    assert found.patient == ("1.2.250.1.213.1.4.8", MATRICULE)
    assert [(a.kind, a.sha256) for a in found.attachments] == [("SDM-MR", b"\1" * 32), (None, None)]
    assert (found.own, found.others) == ((found.sender,), found.recipients)


def test_a_received_message_is_seen_from_the_other_side() -> None:
    found, rules = checked(message(CITIZEN, HERE, direction="received"))

    assert rules == []
    assert found is not None
    assert found.others == (found.sender,)
    assert found.own == found.recipients


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"identifier": []}, ["MSS-ID"]),
        ({"identifier": "x"}, ["MSS-ID"]),
        ({"identifier": [{"system": mssante.MESSAGE_ID, "value": "no at sign"}]}, ["MSS-ID"]),
        ({"identifier": [{"system": "other", "value": "<a@b>"}]}, ["MSS-ID"]),
        ({"status": "in-progress"}, ["MSS-DELIVERY"]),
        ({"status": None}, ["MSS-DELIVERY"]),
        ({"category": []}, ["MSS-DIRECTION"]),
        ({"category": [{"coding": [{"system": mssante.DIRECTION_SYSTEM, "code": "aside"}]}]}, ["MSS-DIRECTION"]),
        ({"sender": None}, ["MSS-ADDRESS"]),
        ({"sender": recipient("a@example.org")}, ["MSS-ADDRESS"]),
        ({"sender": recipient(CITIZEN)}, ["MSS-DIRECTION"]),
        ({"recipient": [recipient(THERE), {"reference": "Practitioner/1"}]}, ["MSS-ADDRESS"]),
        ({"sent": "2026-11-01"}, ["MSS-TIME"]),
        ({"sent": "2026-11-01T10:00:00"}, ["MSS-TIME"]),
        ({"sent": "hier T"}, ["MSS-TIME"]),
        ({"sent": None}, ["MSS-TIME"]),
        ({"received": "2001-01-01T00:00:00Z"}, ["MSS-TIME-ORDER"]),
        ({"payload": [attachment(b"\1")]}, ["MSS-HASH"]),
    ],
)  # fmt: skip
def test_what_refuses(change: dict[str, Any], expected: list[str]) -> None:
    found, rules = checked(message(HERE, THERE) | change)

    assert found is None
    assert rules == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"recipient": [recipient(f"{WRONG_KEY}@patient.mssante.fr")]}, ["MSS-CITIZEN-ADDRESS"]),
        ({"recipient": [{"type": "Patient"}]}, []),
        ({"sent": (NOW + timedelta(days=1)).isoformat()}, ["MSS-TIME-FUTURE"]),
        ({"extension": [{"url": mssante.DESTINATION, "valueCode": "DESTMSSANTEPAT"}]}, ["MSS-AUDIENCE"]),
        ({"extension": [{"url": mssante.DESTINATION, "valueCode": "DESTMSSANTEPS"}]}, []),
        ({"recipient": [recipient(CITIZEN), recipient(f"{CORSICAN}@patient.mssante.fr")]}, ["MSS-PATIENTS"]),
        ({"payload": [attachment(kind="Lettre")]}, ["MSS-KIND"]),
        (
            {
                "recipient": [recipient(CITIZEN)],
                "subject": {"identifier": {"system": "urn:oid:1.2.250.1.213.1.4.8", "value": CORSICAN}},
            },
            ["MSS-PATIENT"],
        ),
    ],
)
def test_what_is_said_and_taken(change: dict[str, Any], expected: list[str]) -> None:
    found, rules = checked(message(HERE, THERE) | change)

    assert found is not None
    assert rules == expected


def test_no_finding_quotes_an_address() -> None:
    report = Report()
    for to in (CITIZEN, f"{WRONG_KEY}@patient.mssante.fr", "moi@example.org"):
        for change in ({}, {"status": to}, {"identifier": [{"value": to}]}, {"sent": to}, {"category": to}):
            check_message(message(HERE, to) | change, report, now=NOW)

    said = " ".join(f"{issue.location} {issue.params}" for issue in report)
    assert "@" not in said
    assert report.issues


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=8,
    ),
    st.sampled_from(["identifier", "status", "category", "sender", "recipient", "sent", "payload", "subject", "note"]),
)
def test_no_content_makes_it_fail(value: Any, name: str) -> None:
    sent = message(HERE, THERE) | {name: value}

    kept = without_body(sent, Report(), "Communication")
    check_message(kept, Report(), now=NOW)


# -- profile -------------------------------------------------------------------------------------------------------


def test_a_right_message_is_right_by_our_profile() -> None:
    sent = message(
        recipient(HERE, kind="ORG")["identifier"]["value"], recipient(THERE, kind="PER", delivery="delivered"),
        extension=[{"url": mssante.DESTINATION, "valueCode": "DESTMSSANTEPS"}], payload=[attachment(b"\1" * 32, "LDL")],
    )  # fmt: skip
    report = Report()

    default_walker().check(sent, report, profiles=[mssante.PROFILE])
    assert [(issue.rule, issue.location) for issue in report] == []


@pytest.mark.parametrize(
    ("change", "rule", "place"),
    [
        ({"recipient": []}, "FHIR-", "Communication"),
        ({"sender": {"display": "Dr Y"} | recipient(HERE)}, "FHIR-MAX", "Communication.sender.display"),
        ({"subject": {"reference": "Patient/1"}}, "FHIR-MAX", "Communication.subject.reference"),
        ({"reasonCode": [{"text": "x"}]}, "FHIR-MAX", "Communication.reasonCode"),
        (
            {"extension": [{"url": mssante.DESTINATION, "valueCode": "DESTDMP"}]},
            "FHIR-",
            "Communication.extension[0]",
        ),
    ],
)
def test_the_profile_refuses(change: dict[str, Any], rule: str, place: str) -> None:
    report = Report()

    default_walker().check(message(HERE, THERE) | change, report, profiles=[mssante.PROFILE])
    assert any(i.rule.startswith(rule) and i.location.startswith(place) and i.severity == "error" for i in report)
