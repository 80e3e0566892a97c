"""What a worker has at hand: settings, database, the way to the writer, pseudonyms, the pipeline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from fhir_server.intake.adt import Admissions
from fhir_server.intake.checks import Checks, checks_of
from fhir_server.intake.exchange import Exchange
from fhir_server.intake.mail import MailRoom
from fhir_server.intake.pipeline import Pipeline, PlanWriter
from fhir_server.settings import Settings
from fhir_server.store.database import open_engine
from fhir_server.store.reading import pseudonyms


def _nobody() -> None:
    """Where no process notifies: commands and tests."""


class Services:
    """Made once in each process, after the fork: no connection crosses one.

    Attributes:
        stopping: the server is about to end: who waits for something is to stop waiting.
        subscribed: told when there is a subscription to serve; whoever runs the process that notifies sets it.
    """

    def __init__(self, settings: Settings, writer: PlanWriter, checks: Checks | None = None) -> None:
        self.settings = settings
        self.stopping = False
        self.subscribed: Callable[[], None] = _nobody
        self.engine = open_engine(settings.database, read_only=True)
        with self.reading() as connection:
            self.keys = pseudonyms(connection)
        self.checks = checks or checks_of(settings)
        self.writer = writer
        self.pipeline = Pipeline(settings, writer, self.reading, self.keys, self.checks)
        self.exchange = Exchange(settings, writer, self.reading, self.keys, self.checks)
        self.admissions = Admissions(writer, self.reading, self.keys, self.checks)
        self.mail = MailRoom(self.pipeline, writer, self.reading, self.keys, self.checks)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A consistent view of the database."""
        with self.engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()
