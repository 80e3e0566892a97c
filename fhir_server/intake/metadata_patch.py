"""A patch of the metadata of a document: read in its format, with the tolerances of PDSm, applied and judged.

Published samples write the pseudo path `/extension[url:…]`, and `/securityLabel/0` as if there were one label: the
first means the extension with that URL, the second is taken by what the label says (fhir-france A9, B1).
"""

from __future__ import annotations

import re
from typing import Any, Final

from fhir_server.fhir.interactions import fhirpath_patch, json_patch
from fhir_server.fhir.interactions.errors import PatchError
from fhir_server.intake import formats
from fhir_server.intake.submission import Received
from validators.fhir import Walker
from validators.messages import rule
from validators.mhd.bundle import dicts
from validators.mhd.update import VISIBLE, check_update, is_archived_url, is_mask, label_codes, relabelled
from validators.report import Report

JSON_PATCH: Final = "application/json-patch+json"
CONTENT_TYPES: Final = (JSON_PATCH, *formats.CONTENT_TYPES)
_CHANGEABLE: Final = ("status", "securityLabel", "extension")
_PSEUDO: Final = re.compile(r"/extension\[\s*url\s*[:=]\s*['\"]?(?P<url>[^\]'\"]+?)['\"]?\s*\](?P<rest>/.*)?")
_LABEL: Final = re.compile(r"/securityLabel/(?P<index>0|[1-9][0-9]*|-)")
_PATH: Final = re.compile(r"\s*DocumentReference\s*\.\s*(?P<element>[A-Za-z]+)")

Json = dict[str, Any]


def patched(resource: Json, received: Received, walker: Walker, report: Report) -> Json:
    """The DocumentReference after the patch; what is wrong with either goes to the report.

    Raises:
        PatchError: 400 it is no patch, 422 it does not fit the reference.
    """
    if received.content_type.partition(";")[0].strip().lower() == JSON_PATCH:
        operations = json_patch.parse(received.body)
        named = [(f"[{n}].path", _first(op)) for n, op in enumerate(operations)]
        made = resource
        if not _refused(named, report):
            for number, operation in enumerate(operations):
                made = _applied(made, operation, number)
    else:
        parameters = formats.read_resource(received, report)
        if not isinstance(parameters, dict) or not report.conformant:
            raise PatchError("PATCH-FORM", "", 400, found="—", expected="Parameters")
        made = resource
        if not _refused(_named(parameters), report):
            made = fhirpath_patch.apply(resource, parameters)
    if report.conformant:
        check_update(resource, made, walker, report)
    return made


def _refused(named: list[tuple[str, str | None]], report: Report) -> bool:
    """An element that never changes is said before a path that does not fit it."""
    for place, element in named:
        if element is not None and element not in _CHANGEABLE:
            report.add(rule("MHD-UPDATE-ELEMENT"), place, element=element)
    return not report.conformant


# -- JSON Patch ------------------------------------------------------------------------------------------------------


def _first(operation: Any) -> str | None:
    """The element that an operation changes; None when it changes none, or is not one."""
    path = operation.get("path") if isinstance(operation, dict) else None
    if not isinstance(path, str) or operation.get("op") == "test" or not path.startswith("/"):
        return None
    return path[1:].partition("/")[0].partition("[")[0]


def _applied(resource: Json, operation: Any, number: int) -> Json:
    try:
        return json_patch.apply(resource, [_understood(resource, operation, number)])
    except PatchError as error:
        where = error.location.replace("[0]", f"[{number}]", 1)
        raise PatchError(error.rule_id, where, error.status, **error.params) from None


def _understood(resource: Json, operation: Any, number: int) -> Any:
    """An operation as it is meant."""
    path = operation.get("path") if isinstance(operation, dict) else None
    if not isinstance(path, str):
        return operation
    pseudo, label = _PSEUDO.fullmatch(path), _LABEL.fullmatch(path)
    if pseudo is not None:
        return _extension(resource, operation, pseudo["url"].strip(), pseudo["rest"] or "")
    if label is not None and operation.get("op") in ("add", "replace"):
        return _labelled(resource, operation, label["index"], number)
    return operation


def _extension(resource: Json, operation: Json, url: str, rest: str) -> Json:
    """The extension with that URL, by its index; one that is not there yet is made."""
    for index, one in enumerate(dicts(resource.get("extension"))):
        if one.get("url") == url:
            return {**operation, "path": f"/extension/{index}{rest}"}
    if operation.get("op") not in ("add", "replace") or not is_archived_url(url) or rest not in ("/valueBoolean", ""):
        raise PatchError("PATCH-PATH", "[0].path", path=operation["path"], found=0, expected=1)
    value = {"url": url, "valueBoolean": operation.get("value")} if rest else operation.get("value")
    if "extension" in resource:
        return {"op": "add", "path": "/extension/-", "value": value}
    return {"op": "add", "path": "/extension", "value": [value]}


def _labelled(resource: Json, operation: Json, index: str, number: int) -> Json:
    """A mask is added, or lifted, among the labels there are; any other label goes where it says."""
    labels, value = resource.get("securityLabel"), operation.get("value")
    codes = label_codes(value)
    if not isinstance(labels, list) or not (is_mask(value) or (VISIBLE in codes and any(map(is_mask, labels)))):
        return operation
    made = relabelled(labels, None if index == "-" else int(index), value)
    if made is None:
        masks = ", ".join(sorted(code for one in labels if is_mask(one) for code in label_codes(one)))
        raise PatchError("MHD-UPDATE-MASKS", f"[{number}].value", found=masks)
    return {"op": "replace", "path": "/securityLabel", "value": made}


# -- FHIRPath Patch --------------------------------------------------------------------------------------------------


def _named(parameters: Json) -> list[tuple[str, str | None]]:
    """The element that each operation changes, with its place."""
    found = []
    for number, operation in enumerate(dicts(parameters.get("parameter"))):
        parts = {part.get("name"): part for part in dicts(operation.get("part"))}
        path = parts.get("path", {}).get("valueString")
        if not isinstance(path, str):
            continue
        within = _PATH.match(path)
        name = parts.get("name", {}).get("valueString") if path.strip() == "DocumentReference" else None
        element = within["element"] if within is not None else name
        found.append((f"Parameters.parameter[{number}]", element if isinstance(element, str) else None))
    return found
