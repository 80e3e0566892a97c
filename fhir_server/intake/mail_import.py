"""Mails in files (.eml, mbox, a folder of them) go into the database as if each had come to `POST /mail`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from fhir_server.intake.checks import checks_of
from fhir_server.intake.mail import Envelope, MailRoom
from fhir_server.intake.mail_answer import MailAnswer
from fhir_server.intake.pipeline import Pipeline
from fhir_server.intake.submission import received
from fhir_server.relay.routes import Routes
from fhir_server.security.caller import Caller, Role
from fhir_server.settings import Settings
from fhir_server.store import organizations
from fhir_server.store.database import open_engine
from fhir_server.store.reading import pseudonyms
from fhir_server.store.writer import DirectWriter
from validators.mail import is_mail, is_mbox, split_mbox


@dataclass(slots=True)
class MailImport:
    """What became of the mails: how many were accepted, were there already, were refused, and what was said of each."""

    accepted: int = 0
    already: int = 0
    refused: int = 0
    archives: int = 0
    issues: list[dict[str, str]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {"accepted": self.accepted, "already": self.already, "refused": self.refused,
                "archives": self.archives, "issues": self.issues}  # fmt: skip

    def lines(self, lang: str) -> Iterator[str]:
        """For people: the counts, then each finding with its mail and place."""
        words = ("acceptés", "déjà classés", "refusés", "archives XDM") if lang != "en" else (
            "accepted", "already filed", "refused", "XDM archives")  # fmt: skip
        counts = (self.accepted, self.already, self.refused, self.archives)
        yield ", ".join(f"{count} {word}" for count, word in zip(counts, words, strict=True))
        for issue in self.issues:
            yield f"  {issue['mail']} {issue['location']} : {issue['rule']} : {issue['text']}".replace("  :", " :")


def is_legal_entity(settings: Settings, finess: str) -> bool:
    """Whether the database knows a legal entity of this FINESS."""
    engine = open_engine(settings.database, read_only=True)
    try:
        with engine.connect() as connection:
            found = organizations.get(connection, finess)
            return found is not None and found.kind == "legal"
    finally:
        engine.dispose()


def mails_of(path: Path) -> Iterator[tuple[str, bytes]]:
    """Each mail of a file, or of the files of a folder and those below, with its name; other files there are left."""
    files = sorted(found for found in path.rglob("*") if found.is_file()) if path.is_dir() else [path]
    for file in files:
        data = file.read_bytes()
        if is_mbox(data):
            yield from ((f"{file}[{number}]", one) for number, one in enumerate(split_mbox(data), 1))
        elif is_mail(data) or not path.is_dir():
            yield str(file), data


def import_mails(
    settings: Settings, mails: Iterable[tuple[str, bytes]], legal_entity: str, envelope: Envelope, lang: str
) -> MailImport:
    """File mails one by one; a mail that is there already changes nothing, one that is refused stops no other."""
    return asyncio.run(_import(settings, mails, legal_entity, envelope, lang))


async def _import(
    settings: Settings, mails: Iterable[tuple[str, bytes]], legal_entity: str, envelope: Envelope, lang: str
) -> MailImport:
    engine, reader = open_engine(settings.database), open_engine(settings.database, read_only=True)
    writer, checks, result = DirectWriter(engine), checks_of(settings), MailImport()
    try:
        with reader.connect() as connection:
            keys = pseudonyms(connection)
        pipeline = Pipeline(settings, writer, reader.connect, keys, checks, Routes())  # mails of the past stay here
        room = MailRoom(pipeline, writer, reader.connect, keys, checks)
        for name, data in mails:
            arrived = received("mail", data, Caller(Role.ESTABLISHMENT, legal_entity), datetime.now(UTC))
            _tell(result, name, await room.receive(arrived, envelope, lang))
    finally:
        writer.close()
        engine.dispose()
        reader.dispose()
    return result


def _tell(result: MailImport, name: str, answer: MailAnswer) -> None:
    if answer.status != 200:
        result.refused += 1
    elif answer.again:
        result.already += 1
    else:
        result.accepted += 1
    result.archives += len(answer.archives)
    body = orjson.loads(answer.body)
    outcomes = [body] if body["resourceType"] == "OperationOutcome" else [
        entry["response"]["outcome"] for entry in body["entry"] if "outcome" in entry["response"]
    ]  # fmt: skip
    for issue in (issue for outcome in outcomes for issue in outcome["issue"] if "coding" in issue["details"]):
        where = next(iter(issue.get("expression", ())), "")
        result.issues.append({"mail": name, "location": where, "rule": issue["details"]["coding"][0]["code"],
                              "severity": issue["severity"], "text": issue["details"]["text"]})  # fmt: skip
