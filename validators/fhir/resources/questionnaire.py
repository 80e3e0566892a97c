"""Questionnaire: conditions point to questions that come before, derived forms keep what they derive from.

Source: FHIR R4, https://hl7.org/fhir/R4/questionnaire.html.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from validators.fhir.context import Context, Json, shown
from validators.fhir.resources.nodes import EXTENSION, children, choice, extension, objects, text, texts

_DERIVATION: Final = EXTENSION + "questionnaire-derivationType"


def items(node: Json, place: str = "") -> Iterator[tuple[Json, str]]:
    """Every item of a Questionnaire at any depth, each with its place, in document order."""
    waiting = list(children(node, "item", place))[::-1]
    while waiting:
        item, where = waiting.pop()
        yield item, where
        waiting.extend(list(children(item, "item", where))[::-1])


def questionnaire(node: Json, place: str, context: Context) -> None:
    """FHIR-QUESTIONNAIRE-*: targets of enableWhen, and fidelity to the Questionnaires it derives from."""
    listed = list(items(node, place))
    order: dict[str, int] = {}
    for index, (item, _) in enumerate(listed):
        order.setdefault(text(item, "linkId"), index)
    ends = _ends(listed)
    for index, (item, where) in enumerate(listed):
        for condition in objects(item, "enableWhen"):
            target = order.get(text(condition, "question"))
            _condition(condition, item, target, range(index, ends[index]), where, context)
    for base, loose in _bases(node, context):
        _derived(listed, base, loose=loose, context=context)


def _ends(listed: list[tuple[Json, str]]) -> list[int]:
    """For each item in document order, the position after its last descendant."""
    depths = [where.count(".item[") for _, where in listed]
    ends = [len(listed)] * len(listed)
    opened: list[int] = []
    for index, depth in enumerate(depths):
        while opened and depths[opened[-1]] >= depth:
            ends[opened.pop()] = index
        opened.append(index)
    return ends


def _condition(condition: Json, item: Json, target: int | None, own: range, place: str, context: Context) -> None:
    """One enableWhen: its question exists, is neither the item nor inside it (`own`), and should come before."""
    question = text(condition, "question")
    if not question:
        return
    if target is None:
        context.add("FHIR-QUESTIONNAIRE-ENABLEWHEN", place, found=shown(question), element=text(item, "linkId"))
    elif target in own:
        context.add("FHIR-QUESTIONNAIRE-ENABLEWHEN-INSIDE", place, found=shown(question), element=text(item, "linkId"))
    elif target > own.start:
        context.add("FHIR-QUESTIONNAIRE-ENABLEWHEN-ORDER", place, found=shown(question), element=text(item, "linkId"))


# -- derivation --------------------------------------------------------------------------------------------------------


def _bases(node: Json, context: Context) -> Iterator[tuple[Json, bool]]:
    """The known Questionnaires that bind a form, and whether it may add items; inspiration binds nothing."""
    beside = node.get("_derivedFrom")
    for index, url in enumerate(texts(node, "derivedFrom")):
        base = context.lookup(url)
        extra = beside[index] if type(beside) is list and index < len(beside) else None
        mode = _mode(extension(extra, _DERIVATION))
        if base is not None and base.get("resourceType") == "Questionnaire" and mode in ("extends", "compliesWith"):
            yield base, mode == "extends"


def _mode(value: object) -> str:
    return value if type(value) is str else text(value, "code")


def _derived(listed: list[tuple[Json, str]], base: Json, *, loose: bool, context: Context) -> None:
    known = {text(item, "linkId"): item for item, _ in items(base)}
    url = text(base, "url")
    for item, where in listed:
        original = known.get(text(item, "linkId"))
        if original is not None:
            for element, found, expected in _departures(item, original):
                context.add(
                    "FHIR-QUESTIONNAIRE-DERIVED", where, element=element, found=found, expected=expected, profile=url
                )
        elif not loose:
            context.add(
                "FHIR-QUESTIONNAIRE-DERIVED", where, element="linkId", found=shown(text(item, "linkId")), expected="—",
                profile=url,
            )  # fmt: skip


def _departures(item: Json, original: Json) -> Iterator[tuple[str, str, str]]:
    """What an item changes of the one it derives from: element, what it says, what it should say."""
    if "type" in original and "type" in item and item["type"] != original["type"]:
        yield "type", shown(item["type"]), shown(original["type"])
    if not original.get("repeats") and item.get("repeats") is True:
        yield "repeats", "true", "false"
    if original.get("required") is True and item.get("required") is False:
        yield "required", "false", "true"
    longest, given = original.get("maxLength"), item.get("maxLength")
    if type(longest) is int and (type(given) is not int or given > longest):
        yield "maxLength", shown(given or "—"), f"<= {longest}"
    yield from _answer_departures(item, original)


def _answer_departures(item: Json, original: Json) -> Iterator[tuple[str, str, str]]:
    options = [choice(each, "value")[1] for each in objects(original, "answerOption")]
    if options and "answerValueSet" in item:
        yield "answerValueSet", shown(item["answerValueSet"]), "answerOption"
    elif options and not objects(item, "answerOption"):
        yield "answerOption", "0", str(len(options))
    elif options:
        for each in objects(item, "answerOption"):
            value = choice(each, "value")[1]
            if not any(same_answer(value, option) for option in options):
                yield "answerOption", shown(value), ", ".join(shown(option) for option in options)
    elif "answerValueSet" in original and "answerOption" in item:
        yield "answerOption", "answerOption", shown(original["answerValueSet"])


def same_answer(one: object, other: object) -> bool:
    """Whether two answers are the same: by system and code for codings, by reference, else by value."""
    if isinstance(one, dict) and isinstance(other, dict):
        return all(one.get(key) == other.get(key) for key in ("system", "code", "reference"))
    return type(one) is type(other) and one == other
