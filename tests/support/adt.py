"""HL7 v2 ADT messages as admissions write them, and an MLLP client that sends them."""

from __future__ import annotations

import signal
import socket
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from testdata import PARIS, Establishment, Patient, Stay, ins_key
from tests.support.server import SEGUR, environment
from validators.ins import INS_TEST

_numbers = count(1)
LOCAL = "1.2.250.1.999.97"
"""The authority of the establishment's own numbers."""


def stamp(moment: datetime) -> str:
    """A DTM in Paris, without an offset, to the second."""
    return moment.astimezone(PARIS).strftime("%Y%m%d%H%M%S")


def cx(value: str, oid: str = LOCAL, kind: str = "PI") -> str:
    """One identifier."""
    return f"{value}^^^SIH&{oid}&ISO^{kind}"


def ins(matricule: str, oid: str = INS_TEST) -> str:
    """An INS as PAM France writes it."""
    return cx(matricule, oid, "INS")


def ids(person: Patient, site: Establishment) -> str:
    """The local number and the INS of somebody."""
    return "~".join((local(person, site), ins(person.matricule, person.oid)))


def local(person: Patient, site: Establishment) -> str:
    """The local number of somebody, as documents of the site name it."""
    return cx(person.ipp(site), site.ipp_root)


def adt(
    event: str,
    patient: str,
    *,
    number: str = "",
    site: str = "",
    at: datetime | None = None,
    control: str = "",
    admitted: datetime | None = None,
    ended: datetime | None = None,
    prior: str = "",
    second: str = "",
    visit_class: str = "I",
    charset: str = "UNICODE UTF-8",
    traits: str = "||",
    occurred: datetime | None = None,
) -> bytes:
    """One message; `patient`, `prior` (MRG-1) and `second` (another PID) are lists of identifiers."""
    control = control or f"M{next(_numbers)}"
    moment = stamp(at or datetime.now(PARIS))
    pv1 = [""] * 46
    pv1[0:4] = ["PV1", "1", visit_class, f"SERV^^^{site}" if site else ""]
    pv1[19] = cx(number, kind="VN") if number else ""
    pv1[44], pv1[45] = (stamp(t) if t else "" for t in (admitted, ended))
    lines = [
        rf"MSH|^~\&|GAM|SIH|SEGUR|SEGUR|{moment}||ADT^{event}|{control}|P|2.5|||||FRA|{charset}",
        f"EVN||{moment}||||{stamp(occurred) if occurred else ''}",
        f"PID|1||{patient}||{traits}",
    ]
    lines += [f"PID|2||{second}||||"] if second else []
    lines += [f"MRG|{prior}"] if prior else []
    lines += ["|".join(pv1).rstrip("|")] if number else []
    return ("\r".join(lines) + "\r").encode("utf-8" if "UTF" in charset else "latin-1")


def told(event: str, stay: Stay, *, at: datetime | None = None, **more: str) -> bytes:
    """An event of a stay of the synthetic country, written down when it happened unless said."""
    assert stay.discharged is not None
    left = event == "A03"
    moment = at or (stay.discharged if left else stay.admitted)
    return adt(
        event, more.pop("patient", ids(stay.patient, stay.establishment)), number=stay.id,
        site=stay.establishment.finess, at=moment, admitted=stay.admitted, ended=stay.discharged if left else None,
        **more,
    )  # fmt: skip


def nia(person: Patient) -> Patient:
    """The same person while it was waiting for its NIR."""
    first = ("8" if person.matricule[0] == "2" else "7") + person.matricule[1:13]
    return replace(person, matricule=first + ins_key(first))


def later(stay: Stay, minutes: int) -> datetime:
    """Some minutes after the stay ended."""
    assert stay.discharged is not None
    return stay.discharged + timedelta(minutes=minutes)


class MllpClient:
    """A sender: one connection, as many messages as one likes."""

    def __init__(self, port: int) -> None:
        self.port = port

    def send(self, *messages: bytes) -> list[str]:
        """The acknowledgements, in order."""
        answers = self.raw(b"".join(b"\x0b" + message + b"\x1c\r" for message in messages), len(messages))
        return [answer.removeprefix(b"\x0b").decode("utf-8") for answer in answers]

    def raw(self, data: bytes, expected: int = 1) -> list[bytes]:
        """Send bytes as they are; the blocks that come back, fewer when the other side hangs up."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(data)
            received = b""
            while received.count(b"\x1c\r") < expected:
                try:
                    more = connection.recv(65_536)
                except ConnectionResetError:
                    break
                if not more:
                    break
                received += more
        return received.split(b"\x1c\r")[:-1]


class Listener:
    """`segur mllp listen` as a child process, on a free port."""

    def __init__(self, origin: str, token: str, folder: Path) -> None:
        command = [*SEGUR, "mllp", "listen", "--to", origin, "--token", token, "--port", "0"]
        self._log = (folder / "mllp.err").open("a", encoding="utf-8")
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self._log, text=True, encoding="utf-8", env=environment()
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.startswith("mllp://127.0.0.1:"), line
        self.client = MllpClient(int(line.rpartition(":")[2]))

    def __enter__(self) -> MllpClient:
        return self.client

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            assert self._process.wait(20) == 0
        finally:
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._log.close()


def acknowledged(answer: str) -> tuple[str, str, list[str]]:
    """MSA-1, MSA-2 and the rule ids of the ERR segments."""
    rows = [line.split("|") for line in answer.split("\r")]
    msa = next(row for row in rows if row[0] == "MSA")
    return msa[1], msa[2], [row[5].split("^")[0] for row in rows if row[0] == "ERR"]
