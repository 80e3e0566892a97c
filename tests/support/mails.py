"""Mails of the tests: a letter in an archive in a mail, and the rare-disease data set as a level 1 document."""

from __future__ import annotations

import signal
import subprocess
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any

from fhir_server.intake.xdm_build import archive_of
from testdata import PARIS, Stay
from testdata.cda import LETTER_TITLE
from testdata.mail import SUBJECT, Enclosure, mail
from tests.support.server import PATIENCE, SEGUR, environment
from tests.support.synthetic import letter
from tests.validators.cda.rules.bodies import RARE

_numbers = count(1)


def new_id() -> str:
    """A Message-ID nobody else uses."""
    return f"<courriel{next(_numbers)}@test.mssante.fr>"


def an_hour_ago() -> datetime:
    """In Paris, to the second."""
    return datetime.now(PARIS).replace(microsecond=0) - timedelta(hours=1)


def enclosed(*documents: bytes, name: str = "IHE_XDM.ZIP") -> Enclosure:
    """Documents in an archive."""
    return name, "application/zip", archive_of(documents)


def written(sender: str, *to: str, **more: Any) -> bytes:
    """A mail of an hour ago; any argument of `testdata.mail.mail` may be given."""
    subject = SUBJECT if more.get("enclosures") else "Message de test"
    return mail(sender, *to, **{"at": an_hour_ago(), "message_id": new_id(), "subject": subject, **more})


_AS_RARE = (
    ('xmlns="urn:hl7-org:v3"', 'xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc"'),
    ('root="1.2.250.1.213.1.1.1.29" extension="2022.01"', 'root="1.2.250.1.213.1.1.1.30" extension="2022.01"'),
    ('code="11490-0"', 'code="34133-9"'),
    (f"<title>{LETTER_TITLE}</title>", "<title>Set de données maladies rares</title>"),
    ('<serviceEvent><code code="IMP" codeSystem="2.16.840.1.113883.5.4"',
     '<serviceEvent><code code="11429006" codeSystem="2.16.840.1.113883.6.96"'),
    ("<participant><", '<participant typeCode="SBJ"><'),
    ("<act><", '<act classCode="ACT" moodCode="EVN"><'),
)  # fmt: skip


def rare(stay: Stay) -> bytes:
    """The rare-disease minimum data set (SDM-MR) of a stay's patient: the header of a letter, the body of the model."""
    head, _, rest = letter(stay).decode().partition("<structuredBody")
    text = f"{head}<structuredBody>{RARE}</structuredBody>{rest.partition('</structuredBody>')[2]}"
    for old, new in _AS_RARE:
        assert old in text, old
        text = text.replace(old, new)
    return text.encode()


class Listener:
    """`segur mail listen` as a child process on a free port; `with` starts and stops it."""

    def __init__(self, origin: str, token: str, folder: Path, *options: str) -> None:
        self._command = [*SEGUR, "mail", "listen", "--to", origin, "--port", "0", *options]
        self._token, self._log = token, folder / "listener.stderr"
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    def __enter__(self) -> Listener:
        with self._log.open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                self._command, stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8",
                env=environment(SEGUR_TOKEN=self._token),
            )  # fmt: skip
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert "mtp://" in line, f"the listener did not start: {line!r} {self.stderr}"
        self.port = int(line.partition(" -> ")[0].rpartition(":")[2])
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        assert self.stop() == 0

    @property
    def stderr(self) -> str:
        """Everything it has written to its log."""
        return self._log.read_text(encoding="utf-8")

    def stop(self) -> int:
        """End it as an operator would; its exit code."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(PATIENCE)
        finally:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()
