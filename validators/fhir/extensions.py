"""Extensions: where each may stand, what it may hold, and whether anybody defines it.

Source: FHIR R4, https://hl7.org/fhir/R4/extensibility.html and defining-extensions.html#context.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from validators.fhir.context import Context, Json, shown
from validators.fhir.shapes import Shape, Slot

if TYPE_CHECKING:
    from validators.fhir.overlay import Overlay
    from validators.fhir.profiles import Profile, ProfileSet

BASE: Final = "http://hl7.org/fhir/StructureDefinition/"

_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:").match
_STEP: Final = re.compile(r"\.ofType\(\w+\)|\[\d+\]")
LATER: Final = (
    "additional-", "alternate-", "annotationType", "artifact-", "artifactassessment-", "biologicallyderivedproduct-",
    "bodySite-", "bundle-", "capabilitystatement-", "characteristicExpression", "citation-", "condition-", "consent-",
    "coverage-", "cqf-", "datatype", "device-", "endpoint-", "event-", "extended-contact", "feature-assertion",
    "flag-priority", "individual-", "inherit-obligations", "location-communication", "namingsystem-", "note-type",
    "obligation", "observation-analysis-date", "observation-delta", "observation-structure-type", "operationoutcome-",
    "organization-brand", "organization-portal", "originalText", "package-source", "patient-born-status",
    "patient-contactPriority", "patient-fetalStatus", "patient-knownNonDuplicate", "patient-multipleBirthTotal",
    "patient-preferredPharmacy", "patient-sexParameter", "patient-unknownIdentity", "questionnaire-",
    "questionnaireresponse-", "resource-instance", "rendered-value", "requirements-", "satisfies-requirement",
    "specimen-", "structuredefinition-", "subscription-", "target", "tools-", "type-", "uncertainty", "usagecontext-",
    "valueset-", "codesystem-", "version-specific", "web-source", "workflow-",
)  # fmt: skip
"""Names of extensions that HL7 published after R4, by their beginning."""
_ERRATA: Final = {
    BASE + "structuredefinition-fhir-type": "ElementDefinition.type",
    BASE + "structuredefinition-normative-version": "Element",
    BASE + "structuredefinition-standards-status": "Element",
    BASE + "structuredefinition-fmm": "Element",
    BASE + "structuredefinition-wg": "Element",
    BASE + "regex": "ElementDefinition.type",
    BASE + "valueset-concept-comments": "CodeSystem.concept",
}
"""Places where the published R4 definitions themselves carry an extension, against its declared context."""
_ANY: Final = frozenset({"Element", "Resource", "DomainResource", "Any", "*"})


class Extensions:
    """The rules of extensions during one check."""

    __slots__ = ("_context", "_overlay", "_profiles")

    def __init__(self, context: Context, profiles: ProfileSet, overlay: Overlay) -> None:
        self._context = context
        self._profiles = profiles
        self._overlay = overlay

    def check(self, node: Json, shape: Shape, slot: Slot | None, place: str) -> None:
        """The extensions of one element; `slot` is where the element stands, None for a resource."""
        for key in ("extension", "modifierExtension"):
            values = node.get(key)
            for index, extension in enumerate(values if type(values) is list else ()):
                if type(extension) is dict:
                    where = f"{place}.{key}[{index}]"
                    self._content(extension, where)
                    self._one(extension, node, shape, slot, where, modifier=key != "extension")

    def _content(self, extension: Json, where: str) -> None:
        """ext-1: either extensions or a value, not both and not none."""
        has_value = False
        for key in extension:
            if key[:5] == "value" or key[:6] == "_value":
                has_value = True
        if has_value == ("extension" in extension):
            self._context.invariant("ext-1", where)

    def _one(
        self, extension: Json, parent: Json, shape: Shape, slot: Slot | None, where: str, *, modifier: bool
    ) -> None:
        url = extension.get("url")
        if type(url) is not str:
            return
        if not _ABSOLUTE(url):
            self._relative(url, parent, shape, where)
            return
        if "|" in url:
            self._context.add("FHIR-EXTENSION-URL", f"{where}.url", found=shown(url), expected=url.partition("|")[0])
        profile = self._profiles.extension(url)
        if profile is None:
            self._unknown(url, where)
            return
        if modifier != profile.is_modifier:
            expected = "modifierExtension" if profile.is_modifier else "extension"
            self._context.add("FHIR-EXTENSION-MODIFIER", where, found=shown(url), expected=expected)
        if profile.contexts and not self._allowed(profile, parent, shape, slot, where):
            expected = ", ".join(expression for _, expression in profile.contexts)
            self._context.add("FHIR-EXTENSION-CONTEXT", where, found=shown(url), expected=expected)
        self._overlay.apply(profile, extension, where)

    def _unknown(self, url: str, where: str) -> None:
        """Undefined in HL7's own name space is wrong; elsewhere, and in HL7's later packages, it is only not loaded."""
        name = url.removeprefix(BASE)
        if name != url and not name.startswith(LATER):
            self._context.add("FHIR-EXTENSION-UNDEFINED", where.rpartition(".")[0], found=shown(url), key=url)
        else:
            self._context.add("FHIR-EXTENSION-UNKNOWN", where, found=shown(url), key=url)

    def _relative(self, url: str, parent: Json, shape: Shape, where: str) -> None:
        """A url without scheme names a part of a complex extension, and nothing else."""
        if shape.name != "Extension":
            self._context.add("FHIR-EXTENSION-URL", f"{where}.url", found=shown(url), expected="https://…")
            return
        profile = self._profiles.extension(str(parent.get("url")))
        parts = profile.extension_parts if profile is not None else None
        if parts is not None and url not in parts:
            self._context.add("FHIR-EXTENSION-PART", where, found=shown(url), expected=", ".join(sorted(parts)) or "—")

    # -- contexts ------------------------------------------------------------------------------------------------------

    def _allowed(self, profile: Profile, parent: Json, shape: Shape, slot: Slot | None, where: str) -> bool:
        at = shape if slot is None else slot
        if at.standing is None:
            at.standing = frozenset(self._standing(shape, slot))
        standing = at.standing
        erratum = _ERRATA.get(profile.url)
        if erratum == "Element" or erratum in standing:
            return True
        for kind, expression in profile.contexts:
            if kind == "extension":
                if parent.get("url") == expression:
                    return True
            elif kind != "element" or expression in _ANY or expression in standing or self._unheard_of(expression):
                return True  # a context given as FHIRPath, or by a type of later versions, is not held against anybody
        path = _STEP.sub("", where).rpartition(".")[0].rpartition(".resource.")[2]
        return any(kind == "element" and path.endswith("." + e.partition(".")[2]) and "." in e
                   and e.partition(".")[0] == self._resource_type() for kind, e in profile.contexts)  # fmt: skip

    def _unheard_of(self, expression: str) -> bool:
        """Whether a context names a type that R4 does not have (`CanonicalResource`)."""
        return expression.partition(".")[0] not in self._context.definitions.structures

    def _resource_type(self) -> str:
        return str(self._context.container.get("resourceType"))

    def _standing(self, shape: Shape, slot: Slot | None) -> Iterator[str]:
        """Every name the element goes by: its path, its type, and the types that one derives from."""
        structures = self._context.definitions.structures
        yield shape.name
        name = shape.name
        if slot is not None:
            yield slot.path
            yield slot.path.removesuffix("[x]")
            name = slot.type
        while name in structures:
            yield name
            name = structures[name].base
