"""Bindings of the base definitions: a coded value against the value sets of its element.

Source: FHIR R4, https://hl7.org/fhir/R4/terminologies.html#strength.
"""

from __future__ import annotations

from validators.fhir.context import Context, Json, described, shown
from validators.fhir.shapes import Slot


def check_bindings(slot: Slot, value: Json, place: str, context: Context) -> None:
    """FHIR-BINDING, FHIR-BINDING-EXTENSIBLE, FHIR-BINDING-UNDECIDED: required, extensible and maximum value sets."""
    only_extended = "extension" in value and "coding" not in value
    if slot.codes is not None and not only_extended:
        answer = context.member(value, slot.codes.url, slot.codes)
        if answer is not True:
            rule_id = "FHIR-BINDING" if answer is False else "FHIR-BINDING-UNDECIDED"
            context.add(rule_id, place, found=shown(value), expected=described(slot.codes))
    elif slot.soft is not None and slot.soft.misses(value) and not _is_defined(value, context):
        context.add("FHIR-BINDING-EXTENSIBLE", place, found=shown(value), expected=described(slot.soft))
    if slot.most is not None and not only_extended and slot.most.misses(value):
        context.add("FHIR-BINDING", place, found=shown(value), expected=described(slot.most))


def _is_defined(value: Json, context: Context) -> bool:
    """Whether a code stands in its own complete code system: another code of that system is what extensible means.

    Whether one of the value set would have done as well, no machine can tell.
    """
    codings = [c for c in value.get("coding", [value]) if type(c) is dict and type(c.get("code")) is str]
    systems = ((c["code"], context.definitions.code_system(str(c.get("system", "")))) for c in codings)
    return any(known is not None and code in known for code, known in systems)
