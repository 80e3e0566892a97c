"""QuestionnaireResponse: its items and answers are those its Questionnaire asks for.

Source: FHIR R4, https://hl7.org/fhir/R4/questionnaireresponse.html; nothing is said when the Questionnaire is unknown.
"""

from __future__ import annotations

from typing import Final

from validators.fhir.context import Context, Json, shown
from validators.fhir.resources import answers
from validators.fhir.resources.enabling import Form, Trail
from validators.fhir.resources.nodes import EXTENSION, children, extension, objects, text

_FINISHED: Final = frozenset({"completed", "amended"})
_MIN: Final = EXTENSION + "questionnaire-minOccurs"
_MAX: Final = EXTENSION + "questionnaire-maxOccurs"


def questionnaire_response(node: Json, place: str, context: Context) -> None:
    """FHIR-QUESTIONNAIRERESPONSE-*: a response against its Questionnaire, contained or loaded."""
    canonical = text(node, "questionnaire")
    if not canonical:
        return
    form = context.lookup(canonical)
    if form is None or form.get("resourceType") != "Questionnaire":
        context.add("FHIR-QUESTIONNAIRERESPONSE-UNKNOWN", f"{place}.questionnaire", found=shown(canonical))
        return
    _Response(Form(form, node), context, finished=text(node, "status") in _FINISHED).level(node, form, place, ())


class _Response:
    """One response being read along its form. An unfinished one may leave required questions open."""

    def __init__(self, form: Form, context: Context, *, finished: bool) -> None:
        self._form = form
        self._context = context
        self._finished = finished

    def level(self, node: Json, asked: Json, place: str, trail: Trail) -> None:
        """The items of a response, a group or an answer, against the questions asked at that level."""
        questions = objects(asked, "item")
        positions = {text(question, "linkId"): index for index, question in reversed(list(enumerate(questions)))}
        given: dict[str, list[tuple[Json, str]]] = {}
        last = -1
        for item, where in children(node, "item", place):
            link = text(item, "linkId")
            position = positions.get(link)
            if position is None:
                self._stranger(item, link, where, place, trail)
                continue
            if position < last:
                self._context.add("FHIR-QUESTIONNAIRERESPONSE-ORDER", place, found=shown(link), element=link)
            last = position
            given.setdefault(link, []).append((item, where))
        for question in questions:
            self._question(question, given.get(text(question, "linkId"), []), place, trail)

    def _stranger(self, item: Json, link: str, where: str, place: str, trail: Trail) -> None:
        """An item not asked for here: of another level, which is read on, or of no level."""
        question = self._form.by_link.get(link) if link else None
        rule_id = "FHIR-QUESTIONNAIRERESPONSE-LINKID" if question is None else "FHIR-QUESTIONNAIRERESPONSE-PLACE"
        self._context.add(rule_id, place, found=shown(link or "—"), element=link)
        if question is not None:
            self._item(question, item, where, (*trail, (question, item)))

    def _question(self, question: Json, given: list[tuple[Json, str]], place: str, trail: Trail) -> None:
        """One question of a level: enabled when answered, answered when required, repeated when it may be."""
        enabled = self._form.enabled(question, trail)
        link = text(question, "linkId")
        if not given:
            if enabled and question.get("required") is True:
                self._missing(link, place)
            return
        if len(given) > 1 and question.get("repeats") is not True:
            self._context.add("FHIR-QUESTIONNAIRERESPONSE-REPEATS", place, element=link, found=len(given))
        if question.get("type") == "group":
            self._limits(question, len(given), place)
        for item, where in given:
            if enabled is False and ("answer" in item or "item" in item):
                self._context.add("FHIR-QUESTIONNAIRERESPONSE-DISABLED", where, element=link, found=shown(link))
            elif enabled and question.get("required") is True and question.get("type") != "group":
                self._answered(item, link, where)
            self._item(question, item, where, (*trail, (question, item)))

    def _answered(self, item: Json, link: str, place: str) -> None:
        if not objects(item, "answer"):
            self._missing(link, place)

    def _missing(self, link: str, place: str) -> None:
        rule_id = "FHIR-QUESTIONNAIRERESPONSE-MISSING"
        if not self._finished:
            rule_id = "FHIR-QUESTIONNAIRERESPONSE-MISSING-DRAFT"
        self._context.add(rule_id, place, element=link, found=0)

    def _item(self, question: Json, item: Json, place: str, trail: Trail) -> None:
        kind, link = text(question, "type"), text(question, "linkId")
        given = list(children(item, "answer", place))
        if text(item, "text") and item["text"] != question.get("text"):
            expected = shown(question.get("text") or "—")
            self._context.add(
                "FHIR-QUESTIONNAIRERESPONSE-TEXT", place, element=link, found=shown(item["text"]), expected=expected
            )
        if kind == "group":
            self._group(question, item, given, place, trail)
            return
        if kind in ("display", "question", "") and (given or kind != "display"):
            self._context.add("FHIR-QUESTIONNAIRERESPONSE-KIND", place, element=link, found=kind or "—")
        if objects(item, "item"):
            self._context.add("FHIR-QUESTIONNAIRERESPONSE-NESTING", place, element=link, found=kind)
        self._occurrences(question, len(given), place)
        for answer, where in given:
            answers.check(question, answer, where, len(given), self._form.questionnaire, self._context)
            self.level(answer, question, where, trail)

    def _group(self, question: Json, item: Json, given: list[tuple[Json, str]], place: str, trail: Trail) -> None:
        link = text(question, "linkId")
        if given:
            self._context.add("FHIR-QUESTIONNAIRERESPONSE-KIND", place, element=link, found="group")
        if question.get("required") is True and not objects(item, "item"):
            self._missing(link, place)
        self.level(item, question, place, trail)

    def _occurrences(self, question: Json, count: int, place: str) -> None:
        """How many answers: one, or as many as repeats, minOccurs and maxOccurs allow."""
        if count > 1 and question.get("repeats") is not True:
            link = text(question, "linkId")
            self._context.add("FHIR-QUESTIONNAIRERESPONSE-REPEATS", place, element=link, found=count)
        self._limits(question, count, place)

    def _limits(self, question: Json, count: int, place: str) -> None:
        """How many times at least and at most: the answers of a question, or the occurrences of a group."""
        link = text(question, "linkId")
        least, most = extension(question, _MIN), extension(question, _MAX)
        if type(least) is int and count < least:
            self._context.add(
                "FHIR-QUESTIONNAIRERESPONSE-COUNT", place, element=link, found=count, expected=f">= {least}"
            )
        if type(most) is int and count > most:
            self._context.add(
                "FHIR-QUESTIONNAIRERESPONSE-COUNT", place, element=link, found=count, expected=f"<= {most}"
            )
