"""Message measures: distinct MSSanté messages of an establishment, or the distinct patients they reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from indicators.facts import yyyymm
from indicators.measures.counting import in_period
from indicators.measures.model import EVIDENCE, Facts, Grain, MeasureInfo, Scope, Window, shaped

if TYPE_CHECKING:
    import ibis

SENT, RECEIVED = "sent", "received"


@dataclass(frozen=True, slots=True)
class MessageMeasure:
    """Distinct delivered messages of one direction, to (or from) some audiences; no audience is any.

    `sdm_mr` keeps messages that carry an SDM-MR; `distinct` says what is counted once: the message or the patient.
    """

    info: MeasureInfo
    direction: str = SENT
    audiences: tuple[str, ...] = ()
    sdm_mr: bool = False
    distinct: str = "message"

    def count(self, facts: Facts, window: Window, grain: Grain) -> ibis.Table:
        """Distinct messages or patients, by month of sending."""
        messages = grain.of_site(self._candidates(facts, window))
        messages = messages.filter(
            messages.delivered, messages.organization.notnull(), messages[self.distinct].notnull()
        )
        once = messages.select(*grain.keys, self.distinct).distinct()
        return once.group_by(*grain.keys).agg(numerator=once.count())

    def evidence(self, facts: Facts, window: Window, scope: Scope) -> ibis.Table:
        """Every such message of the period, once, with the reason why it counts or not."""
        import ibis

        rows = scope.with_lost(self._candidates(facts, window))
        far = ibis.cases(
            (rows.organization.isnull(), 3), (~rows.delivered, 2), (rows[self.distinct].isnull(), 1), else_=0
        )
        rows = rows.mutate(distance=far)
        rows = rows.mutate(place=_place(rows, "message")).filter(lambda t: t.place == 0)
        first = _place(rows, self.distinct) == 0
        rows = rows.mutate(again=(rows.distance == 0) & ~first)
        reason = ibis.cases(
            (rows.distance == 3, "MAILBOX_UNKNOWN"),
            (rows.distance == 2, "NOT_DELIVERED"),
            (rows.distance == 1, "PATIENT_UNKNOWN"),
            (rows.again, "PATIENT_ALREADY_COUNTED"),
            else_="COUNTED",
        )
        return shaped(rows.mutate(counted=(rows.distance == 0) & ~rows.again, reason=reason), EVIDENCE)

    def _candidates(self, facts: Facts, window: Window) -> ibis.Table:
        messages = facts.messages
        months = messages.month.between(yyyymm(window.period_start), yyyymm(window.period_end))
        filters = [messages.direction == self.direction, in_period(messages.sent, window), months]
        if self.audiences:
            filters.append(messages.audience.isin(self.audiences))
        if self.sdm_mr:
            filters.append(messages.sdm_mr)
        return messages.filter(*filters)


def _place(rows: ibis.Table, key: str) -> ibis.Value:
    """The place of a row among those of the same establishment and key, what counts and what is earliest first."""
    import ibis

    order = [rows.distance, rows.sent, rows.message, rows.audience]
    return ibis.row_number().over(ibis.window(group_by=["organization", key], order_by=order))


_BY_SENDING = "messages.sent, messages.organization"
_ID = "Message-ID"
_BOUNCED = "messages not delivered, received messages"
_SUN2 = "SUN-ES volet 2 (draft instruction, summer 2021)"


def _info(measure: str, source: str, words: tuple[str, str, str, str], **more: str) -> MeasureInfo:
    """The words of a message count; what most of them share is said once."""
    title_fr, title_en, definition_fr, definition_en = words
    shared = {"unit": "message", "key": _ID, "attributed_by": _BY_SENDING, "excluded": _BOUNCED}
    return MeasureInfo(
        id=measure, title_fr=title_fr, title_en=title_en, definition_fr=definition_fr, definition_en=definition_en,
        kind="count", source=source, subject="Communication", **{**shared, **more},  # type: ignore[arg-type]
    )  # fmt: skip


CIT_OUT = MessageMeasure(
    _info(
        "I-SUN2-CIT-OUT",
        _SUN2,
        (
            "Messages envoyés à des usagers",
            "Messages sent to citizens",
            "Nombre de messages distincts envoyés et remis dans la période à une messagerie citoyenne de Mon espace "
            "santé. Un message compte une fois, quels que soient ses destinataires, au mois de son envoi.",
            "Number of distinct messages sent and delivered in the period to a citizen mailbox. A message counts once "
            "whatever its recipients, in the month it was sent.",
        ),
        convention="the audience of a mailbox is decided by address rules when the message is filed",
    ),
    audiences=("citizen",),
)

CIT_IN = MessageMeasure(
    _info(
        "I-SUN2-CIT-IN",
        _SUN2,
        (
            "Messages reçus d'usagers",
            "Messages received from citizens",
            "Nombre de messages distincts reçus dans la période d'une messagerie citoyenne de Mon espace santé, au "
            "mois de leur réception.",
            "Number of distinct messages received in the period from a citizen mailbox, in the month of receipt.",
        ),
        excluded="messages not delivered, sent messages",
    ),
    direction=RECEIVED,
    audiences=("citizen",),
)

PRO = MessageMeasure(
    _info(
        "I-SUN2-PRO",
        _SUN2,
        (
            "Messages envoyés à des professionnels ou organisations",
            "Messages sent to professionals or organisations",
            "Nombre de messages distincts envoyés et remis dans la période à une boîte professionnelle ou "
            "organisationnelle de l'espace de confiance MSSanté, au mois de leur envoi. Un message adressé aussi à un "
            "usager compte une fois ici et une fois parmi les messages aux usagers.",
            "Number of distinct messages sent and delivered in the period to a professional or organisation mailbox "
            "of the MSSanté trust space, in the month they were sent. A message that also goes to a citizen counts "
            "once here and once among the messages to citizens.",
        ),
        excluded="messages not delivered, received messages, citizen and application recipients",
    ),
    audiences=("professional", "organization"),
)

SUN2_INS = MessageMeasure(
    _info(
        "I-SUN2-INS",
        _SUN2,
        (
            "Patients joints par messagerie citoyenne",
            "Patients reached by citizen messaging",
            "Nombre de patients distincts (clés pseudonymes) à qui un message a été envoyé et remis dans la période "
            "dans leur messagerie citoyenne. Un patient compte une fois sur la période, et une fois par mois dans le "
            "détail mensuel.",
            "Number of distinct patients (pseudonymous keys) to whose citizen mailbox a message was sent and "
            "delivered in the period. A patient counts once over the period, and once a month in monthly figures.",
        ),
        unit="patient",
        key="pseudonym of the INS",
        excluded="messages not delivered, received messages, messages whose patient is not known",
    ),
    audiences=("citizen",),
    distinct="patient",
)

MR_1 = MessageMeasure(
    _info(
        "I-MR-1",
        "Rare-disease call, note DGOS/PF5/2019/193",
        (
            "SDM-MR envoyés par MSSanté",
            "Rare-disease minimum data sets sent by MSSanté",
            "Nombre de messages MSSanté distincts envoyés et remis dans la période qui portent un SDM-MR reconnu, au "
            "mois de leur envoi.",
            "Number of distinct MSSanté messages sent and delivered in the period that carry a recognised SDM-MR, in "
            "the month they were sent.",
        ),
        excluded="messages not delivered, received messages, other channels",
        convention="reported with I-MR-2 and I-MR-3, the official target form being unknown (CFG-MR-01)",
    ),
    sdm_mr=True,
)

ESMS_E4 = MessageMeasure(
    _info(
        "I-ESMS-E4",
        "ESMS numérique, CNSA technical instruction of 12 November 2020, annexe 2",
        (
            "Messages MSSanté émis",
            "MSSanté messages sent",
            "Nombre de messages MSSanté distincts envoyés et remis dans la période, quels que soient leurs "
            "destinataires, au mois de leur envoi.",
            "Number of distinct MSSanté messages sent and delivered in the period, whatever their recipients, in the "
            "month they were sent.",
        ),
        convention="sent, not exchanged (X-08)",
    ),
)

MESSAGE_MEASURES = (CIT_IN, CIT_OUT, ESMS_E4, MR_1, PRO, SUN2_INS)
