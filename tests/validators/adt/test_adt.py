"""ADT messages: what they say, what is wrong with them and where, and that nothing makes the reader raise."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testdata import PARIS, ins_key
from tests.support.adt import LOCAL, adt, cx, ins
from validators.adt import EVENTS, Admission, Effect, check_adt, ins_of, locals_of, pairs, person_of, waiting, within
from validators.adt._read import MAX_PARTS
from validators.adt._time import read_time
from validators.ins import INS_NIA, INS_TEST, Matricule
from validators.report import Mode, Report

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def matricule(first: str) -> str:
    return first + ins_key(first)


NIR = matricule("2790375990912")
OTHER_NIR = matricule("1790375990913")
NIA = matricule("8790375990914")


def read(data: bytes, mode: Mode = Mode.SANDBOX) -> tuple[Admission | None, Report]:
    report = Report()
    return check_adt(data, report, mode=mode, now=NOW)[1], report


def found(data: bytes, mode: Mode = Mode.SANDBOX) -> list[tuple[str, str]]:
    return [(i.rule, i.location) for i in read(data, mode)[1] if i.rule != "INS-TEST"]


def stay(event: str = "A01", **more: str) -> bytes:
    said = {"number": "S-1", "site": "970490363"} | more
    return adt(event, said.pop("patient", cx("7") + "~" + ins(NIR)), at=NOW, **said)  # type: ignore[arg-type]


# -- what a message says -------------------------------------------------------------------------------------------


def test_an_admission() -> None:
    admission, report = read(
        adt(
            "A01", cx("7") + "~" + ins(NIR), number=" S-1", site="SIH&970490363&L", at=NOW, admitted=NOW, control="42",
            traits="DUPONT^Jeanne^Jeanne Marie^^^^L||19790304|F",
        )
    )  # fmt: skip

    assert report.rules() == {"INS-TEST"}
    assert admission is not None
    assert admission.visit is not None
    header, identity, visit = admission.header, admission.identity, admission.visit
    assert (header.control, header.event, header.sender) == ("42", "A01", ("GAM", "SIH"))
    assert admission.effect is Effect.OPEN
    assert admission.recorded == NOW
    assert [(i.oid, i.value, i.location) for i in identity.identifiers] == [
        (LOCAL, "7", "PID-3[1]"), (INS_TEST, NIR, "PID-3[2]"),
    ]  # fmt: skip
    assert (identity.birth_family, identity.birth_given_first, identity.birth_given_list) == (
        "DUPONT", "Jeanne", "Jeanne Marie",
    )  # fmt: skip
    assert (identity.birth_date, identity.sex) == ("19790304", "female")
    assert (visit.number, visit.authority, visit.sites) == ("S-1", LOCAL, ("970490363",))
    assert visit.admitted == NOW
    assert "DUPONT" not in repr(admission)


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_every_event_is_read(event: str) -> None:
    data = adt(event, cx("7"), number="S-1", at=NOW, ended=NOW, prior=cx("8"), second=cx("9"))

    admission, report = read(data)

    assert report.conformant, list(report)
    assert admission is not None
    assert admission.effect is EVENTS[event]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("202607011030", datetime(2026, 7, 1, 10, 30, tzinfo=PARIS)),
        ("2026010110", datetime(2026, 1, 1, 10, tzinfo=PARIS)),
        ("20260101100102.25", datetime(2026, 1, 1, 10, 1, 2, tzinfo=PARIS)),
        ("202601011000+0000", datetime(2026, 1, 1, 10, tzinfo=UTC)),
        ("202601010500-0500", datetime(2026, 1, 1, 10, tzinfo=UTC)),
        ("20260101", date(2026, 1, 1)),
        *((text, None) for text in ("", "2026", "202613", "20260230", "202601012500", "2026010110+9999", "x")),
    ],
)
def test_times(text: str, expected: object) -> None:
    assert read_time(text) == expected


def test_a_discharge_is_when_it_happened_where_the_visit_does_not_say() -> None:
    admission, _ = read(adt("A03", cx("7"), number="S", at=NOW, occurred=datetime(2026, 11, 20, 8, tzinfo=UTC)))

    assert admission is not None
    assert admission.visit is not None
    assert admission.visit.ended == datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("charset", "codec"),
    [("UNICODE UTF-8", "utf-8"), ("8859/1", "latin-1"), ("8859/15", "iso8859-15"), ("", "utf-8"), ("ASCII", "utf-8")],
)
def test_character_sets(charset: str, codec: str) -> None:
    text = stay(charset=charset).decode("utf-8" if "UTF" in charset else "latin-1").replace("||||", "||NOËL||", 1)

    assert found(text.encode(codec)) == []


def test_escapes_are_resolved() -> None:
    admission, _ = read(stay(traits=r"A\T\B\S\C\X41\\.br\D\E\^||"))

    assert admission is not None
    assert admission.identity.birth_family == r"A&B^CAD" + "\\"


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_segments_end_as_they_like(end: bytes) -> None:
    assert found(stay().replace(b"\r", end)) == []


# -- what is wrong, and where --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "rule", "place"),
    [
        (b"", "ADT-PARSE", "MSH"),
        (b"MSH", "ADT-PARSE", "MSH"),
        (b"MSH|^^^^|", "ADT-PARSE", "MSH"),
        (b"MSH|^~\\&", "ADT-TYPE", "MSH-9.1"),
        (b"<ClinicalDocument/>", "ADT-PARSE", "MSH"),
        (stay().replace(b"ADT^A01", b"ORU^R01"), "ADT-TYPE", "MSH-9.1"),
        (stay("A09"), "ADT-EVENT", "MSH-9.2"),
        (stay(control=" "), "ADT-REQUIRED", "MSH-10"),
        (stay().replace(b"|2.5|", b"|2.3.1|"), "ADT-VERSION", "MSH-12"),
        (stay().replace(b"UNICODE UTF-8", b"KLINGON"), "ADT-ENCODING", "MSH-18"),
        (stay().replace(b"SERV", b"SERV\xe9"), "ADT-ENCODING", "MSH-18"),
        (stay(number=""), "ADT-REQUIRED", "PV1-19"),
        (stay(patient=""), "ADT-REQUIRED", "PID-3"),
        (stay("A03"), "ADT-REQUIRED", "PV1-45"),
        (stay(patient="7^^^SIH^PI"), "ADT-AUTHORITY", "PID-3[1].4"),
        (stay(patient=ins("12345")), "INS-FORMAT", "PID-3[1]"),
        (stay(traits="||19790304|M"), "INS-SEX", "PID-8"),
        (stay(visit_class="E"), "ADT-CLASS", "PV1-2"),
        (adt("A40", cx("7")), "ADT-REQUIRED", "MRG-1"),
        (adt("A24", cx("7")), "ADT-REQUIRED", "PID[2]-3"),
        (adt("A40", cx("7"), prior=cx("7")), "ADT-MERGE-NOTHING", "MRG-1"),
        (adt("A40", ins(NIR), prior=ins(OTHER_NIR)), "ADT-MERGE-INS", "MRG-1[1]"),
        (adt("A24", ins(NIR), second=cx("8") + "~" + ins(OTHER_NIR)), "ADT-MERGE-INS", "PID[2]-3[2]"),
        (stay().replace(b"EVN||2026", b"EVN||20x6"), "ADT-TIME", "EVN-2"),
        (stay(patient="~".join(cx(str(n)) for n in range(MAX_PARTS))), "ADT-LIMIT", "MSH"),
        (stay() + b"NTE|" + b"x" * 200_000, "ADT-LIMIT", "MSH"),
    ],
)
def test_each_rule_and_its_place(data: bytes, rule: str, place: str) -> None:
    assert (rule, place) in found(data)


def test_a_training_message_has_no_place_in_production() -> None:
    data = stay(patient=cx("7")).replace(b"|P|2.5", b"|T|2.5")

    assert found(data) == []
    assert found(data, Mode.PRODUCTION) == [("ADT-PROCESSING", "MSH-11")]


def test_the_header_is_read_whatever_is_wrong_behind_it() -> None:
    report = Report()
    header, admission = check_adt(stay(number="", control="42"), report, mode=Mode.SANDBOX, now=NOW)

    assert admission is None
    assert header is not None
    assert header.control == "42"


# -- identities ----------------------------------------------------------------------------------------------------


def merged(into: str, prior: str) -> list[tuple[str | None, str | None]]:
    admission, _ = read(adt("A40", into, prior=prior))
    assert admission is not None
    assert admission.other is not None
    return [(one.value, other.value) for one, other in pairs(admission.identity, admission.other)]


@pytest.mark.parametrize(
    ("into", "prior", "expected"),
    [
        (cx("B"), cx("A"), [("A", "B")]),
        (cx("B") + "~" + ins(NIR), cx("A") + "~" + ins(NIR), [("A", "B")]),
        (cx("B") + "~" + ins(NIR), cx("A") + "~" + ins(NIA), [(NIA, NIR), ("A", "B")]),
        (cx("B") + "~" + ins(NIA), cx("A") + "~" + ins(NIR), [(NIA, NIR), ("A", "B")]),
        (cx("B"), cx("A") + "~" + ins(NIR), [("A", "B")]),
        (ins(NIR), cx("A"), [("A", NIR)]),
        (cx("B", "1.2.3") + "~" + cx("C"), cx("A"), [("A", "C")]),
        (cx("B", "1.2.3"), cx("A"), [("A", "B")]),
    ],
)
def test_which_identifier_follows_which(into: str, prior: str, expected: list[tuple[str, str]]) -> None:
    assert merged(into, prior) == expected


def test_a_waiting_number_beside_its_nir() -> None:
    admission, _ = read(stay(patient="~".join((cx("7"), ins(NIA), ins(NIR)))))

    assert admission is not None
    assert [(a.value, b.value) for a, b in within(admission.identity)] == [(NIA, NIR)]
    assert [i.value for i in ins_of(admission.identity)] == [NIR, NIA]
    assert [i.value for i in locals_of(admission.identity)] == ["7"]
    person = person_of(admission.identity)
    assert person is not None
    assert person.value == NIR


def test_a_waiting_number_is_one_by_its_authority_or_its_first_digit() -> None:
    admission, _ = read(stay(patient=ins(NIA)))
    assert admission is not None
    (identifier,) = admission.identity.identifiers

    assert waiting(identifier)
    assert identifier.oid != INS_NIA
    assert within(admission.identity) == ()
    assert Matricule.parse(NIA) is not None


# -- nothing makes it raise ----------------------------------------------------------------------------------------

MESSAGES = [
    stay(),
    stay("A03", patient=ins(NIR)),
    adt("A40", cx("1"), prior=cx("2")),
    adt("A37", cx("1"), second=cx("2")),
]


MARKS = [b"|", b"^", b"~", b"\\", b"&", b"\r", b"\x00", b"\xff", b"9"]
CHANGES = st.lists(st.tuples(st.integers(0, 400), st.sampled_from(MARKS), st.booleans()), max_size=8)


@given(st.sampled_from(MESSAGES), CHANGES)
def test_a_mutated_message_is_read_or_refused(message: bytes, changes: list[tuple[int, bytes, bool]]) -> None:
    data = bytearray(message)
    for place, byte, insert in changes:
        data[place : place + (0 if insert else 1)] = byte
    admission, report = read(bytes(data))

    assert (admission is None) == (not report.conformant)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    assert read(data)[0] is None
    assert not read(b"MSH|^~\\&|" + data)[1].conformant


@given(st.text(alphabet='MSHPIDEVNRG|^~\\&0123456789\r"ADT', max_size=300))
def test_any_segments_are_read_or_refused(text: str) -> None:
    admission, report = read(stay() + text.encode())

    assert (admission is None) == (not report.conformant)
