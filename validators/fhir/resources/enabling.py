"""Whether a question of a form is enabled by the answers given: Questionnaire.item.enableWhen.

Source: FHIR R4, https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen.
"""

from __future__ import annotations

from typing import Final

from validators.fhir.context import Json
from validators.fhir.resources.nodes import choice, number, objects, text
from validators.fhir.resources.questionnaire import items

_EXPRESSIONS: Final = frozenset({
    "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression",
    "http://phr.kanta.fi/StructureDefinition/fiphr-ext-questionnaire-enablewhen",
})  # fmt: skip

Trail = tuple[tuple[Json, Json], ...]
"""The way from the response to an item: pairs of a Questionnaire item and the response item that answers it."""


class Form:
    """A Questionnaire and the response to it, ready to answer which questions are enabled."""

    def __init__(self, questionnaire: Json, response: Json) -> None:
        self.questionnaire = questionnaire
        self.response = response
        self.by_link: dict[str, Json] = {}
        self._members: dict[int, frozenset[int]] = {}
        self._answered: dict[int, dict[str, list[object]]] = {}
        for item, _ in items(questionnaire):
            self.by_link.setdefault(text(item, "linkId"), item)

    def enabled(self, item: Json, trail: Trail) -> bool | None:
        """Whether a question is enabled where `trail` leads; None when that cannot be told here."""
        if any(text(each, "url") in _EXPRESSIONS for each in objects(item, "extension")):
            return None
        conditions = objects(item, "enableWhen")
        results = [self._holds(condition, item, trail) for condition in conditions]
        if not results or None in results:
            return None if None in results else True
        return any(results) if len(results) == 1 or item.get("enableBehavior") == "any" else all(results)

    def _holds(self, condition: Json, item: Json, trail: Trail) -> bool | None:
        target = self.by_link.get(text(condition, "question"))
        if target is None:
            return None
        answers = self._answers(item, target, trail)
        expected = choice(condition, "answer")[1]
        operator = text(condition, "operator")
        if operator == "exists":
            return bool(answers) is expected if isinstance(expected, bool) else None
        results = [_compare(answer, operator, expected) for answer in answers]
        return None if None in results else any(results)

    def _answers(self, item: Json, target: Json, trail: Trail) -> list[object]:
        """The answers to `target` in the nearest group that holds both questions, or in the whole response."""
        link = text(target, "linkId")
        for question, answered in reversed(trail):
            if {id(target), id(item)} <= self._inside(question):
                return self._given(answered).get(link, [])
        return self._given(self.response).get(link, [])

    def _inside(self, question: Json) -> frozenset[int]:
        """The questions in a group, itself included, by identity."""
        known = self._members.get(id(question))
        if known is None:
            known = frozenset((id(question), *(id(each) for each, _ in items(question))))
            self._members[id(question)] = known
        return known

    def _given(self, node: Json) -> dict[str, list[object]]:
        """The answers on a response item and below it, by question; read once for each item that is asked about."""
        found = self._answered.get(id(node))
        if found is None:
            found = self._answered[id(node)] = {}
            waiting = [node]
            while waiting:
                current = waiting.pop()
                answers = objects(current, "answer")
                values = [choice(answer, "value") for answer in answers]
                found.setdefault(text(current, "linkId"), []).extend(value for key, value in values if key)
                waiting.extend(objects(current, "item"))
                waiting.extend(each for answer in answers for each in objects(answer, "item"))
        return found


def _compare(answer: object, operator: str, expected: object) -> bool | None:
    """An answer against the one a condition asks for; None when they cannot be compared."""
    if isinstance(expected, dict) and isinstance(answer, dict) and "value" in expected:
        answer, expected = number(answer.get("value")), number(expected.get("value"))
    elif isinstance(expected, dict) and isinstance(answer, dict):
        same = all(answer.get(key) == expected[key] for key in ("system", "code", "reference") if key in expected)
        return {"=": same, "!=": not same}.get(operator)
    elif number(expected) is not None and not isinstance(expected, str):
        answer, expected = number(answer), number(expected)
    if answer is None or expected is None:
        return None
    if operator in ("=", "!="):
        return (answer == expected) is (operator == "=")
    if type(answer) is not type(expected) or isinstance(answer, bool | dict | list):
        return None
    return _ordered(answer, operator, expected)


def _ordered(answer: object, operator: str, expected: object) -> bool | None:
    before, after = answer < expected, answer > expected  # type: ignore[operator]
    return {">": after, "<": before, ">=": not before, "<=": not after}.get(operator)
