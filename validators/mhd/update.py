"""What may change in a DocumentReference that was filed: status, securityLabel, isArchived (PDSm, flux 03 and 04).

Source: PDSm 3.1.1, mise à jour des métadonnées; PDSM4DMP, TD3.3 a to d (fhir-france A9, B1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from validators.fhir import Walker
from validators.messages import rule
from validators.mhd.bundle import IS_ARCHIVED, dicts
from validators.mhd.codes import MASKING, is_known_label
from validators.report import REFUSING, Report

VISIBLE: Final = "N"
"""The label of what everybody may see."""
_CHANGEABLE: Final = ("status", "securityLabel", "extension")
_SHOWN: Final = 60


def check_update(before: Mapping[str, Any], after: Mapping[str, Any], walker: Walker, report: Report) -> None:
    """Judge a DocumentReference as a patch left it. Rules `MHD-UPDATE-*`.

    Args:
        before: the reference as it is filed.
        after: the same after the patch.
        walker: of the FHIR structure.
        report: takes the findings; what else may be wrong with the reference is none of the patch's.
    """
    for element in unchangeable(before, after):
        report.add(rule("MHD-UPDATE-ELEMENT"), f"DocumentReference.{element}", element=element)
    _check_status(before.get("status"), after.get("status"), report)
    _check_labels(before.get("securityLabel"), after.get("securityLabel"), report)
    _check_archived(after.get("extension"), report)
    if report.conformant:
        found = Report()
        walker.check(dict(after), found)
        places = tuple(f"DocumentReference.{name}" for name in _CHANGEABLE)
        report.issues += [i for i in found if i.severity in REFUSING and i.location.startswith(places)]


def unchangeable(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """The elements that differ and may not; an extension counts as one unless it is isArchived."""
    for name in sorted({*before, *after}):
        one, other = before.get(name), after.get(name)
        if name == "extension":
            one, other = _others(one), _others(other)
        if one != other and (name not in _CHANGEABLE or name == "extension"):
            yield name


def _others(extensions: Any) -> list[Any]:
    """All but what is, or was meant as, the mark of an archived document."""
    found = extensions if isinstance(extensions, list) else [] if extensions is None else [extensions]
    return [one for one in found if not (isinstance(one, dict) and is_archived_url(one.get("url")))]


def is_archived_url(url: object) -> bool:
    """Whether a URL is that of isArchived, or one it is mistaken for (A9: that of the SearchParameter)."""
    return isinstance(url, str) and (url == IS_ARCHIVED or url.lower().replace("-", "").endswith("isarchived"))


def _check_status(before: Any, after: Any, report: Report) -> None:
    """Deleted is superseded with nothing in its place: MHD has no entered-in-error (A3, B1)."""
    if before == after or after in ("current", "superseded"):
        return
    if after == "entered-in-error":
        report.add(rule("MHD-UPDATE-DELETE"), "DocumentReference.status")
    else:
        report.add(rule("MHD-UPDATE-STATUS"), "DocumentReference.status", found=_shown(after))


def _check_labels(before: Any, after: Any, report: Report) -> None:
    """What is not a code of the set hides nothing from anybody: an error here, though it is but said when filing."""
    known, place = before if isinstance(before, list) else [], "DocumentReference.securityLabel"
    if after is None or after == []:
        if known:
            report.add(rule("MHD-UPDATE-LABEL"), place, found="—")
        return
    for index, label in enumerate(after if isinstance(after, list) else [after]):
        if label not in known and not (isinstance(label, dict) and is_known_label(label)):
            where = f"{place}[{index}]" if isinstance(after, list) else place
            report.add(rule("MHD-UPDATE-LABEL"), where, found=_shown(label))


def _check_archived(extensions: Any, report: Report) -> None:
    found = [
        (index, one) for index, one in enumerate(extensions if isinstance(extensions, list) else ())
        if isinstance(one, dict) and is_archived_url(one.get("url"))
    ]  # fmt: skip
    for number, (index, one) in enumerate(found):
        value = one.get("valueBoolean")
        if one["url"] != IS_ARCHIVED or not isinstance(value, bool) or number:
            shown = one["url"] if one["url"] != IS_ARCHIVED else _shown(value)
            where = f"DocumentReference.extension[{index}]"
            report.add(rule("MHD-UPDATE-ARCHIVED"), where, found=shown, expected=IS_ARCHIVED)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(str(coding.get("code")) for coding in dicts(value.get("coding"))) or "—"
    return repr(value)[:_SHOWN] if value is not None else "—"


# -- masks -----------------------------------------------------------------------------------------------------------


def label_codes(label: Any) -> frozenset[str]:
    """The codes of one label."""
    codings = dicts(label.get("coding")) if isinstance(label, Mapping) else []
    return frozenset(code for coding in codings if isinstance(code := coding.get("code"), str))


def is_mask(label: Any) -> bool:
    """Whether a label hides the document from somebody."""
    return bool(label_codes(label) & set(MASKING))


def relabelled(labels: list[Any], index: int | None, label: Any) -> list[Any] | None:
    """The labels after one is put at `index` (None: at the end), by what it means and not by where it goes.

    A mask is added beside the others, and visible-to-all goes. Visible-to-all takes away the mask it is put over, or
    the only one; None when there are several and none is meant.
    """
    if is_mask(label):
        kept = [one for one in labels if VISIBLE not in label_codes(one) and label_codes(one) != label_codes(label)]
        return [*kept, label]
    masks = [one for one in labels if is_mask(one)]
    over = labels[index] if index is not None and index < len(labels) else None
    lifted = over if is_mask(over) else masks[0] if len(masks) == 1 else None
    if lifted is None:
        return None
    rest = [one for one in labels if one is not lifted]
    return rest or [label]
