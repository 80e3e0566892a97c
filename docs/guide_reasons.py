"""Why our own profiles differ from those of the guides where they do: what docs/guides.py writes beside each.

A form is a regular expression over what the table names; the first that fits gives the reason.
"""

from __future__ import annotations

from dataclasses import dataclass

ABOUT = (
    "# The guides and our own profiles", "",
    "A guide is judged by its own package where that is loaded: with [`--package`](../how-to/packages.md) on the",
    "command line, with `SEGUR_PACKAGE` on a server. Where it is not, profiles of ours stand for the national ones:",
    "they carry the facts of the guides in our words, and leave to rules what rules say better. This page holds every",
    "difference between the two, with its reason. It is made from the compiled profiles and from verdicts, and a test",
    "fails when a difference comes or goes.", "",
    "The packages compared are PDSm 3.1.1, MHD 4.2.3, Annuaire Santé 1.1.0, TDDUI 1.1.0-ballot and a reconstruction of",
    "FR Core from the pages of 2.2.0-ballot-2; PDSm asks for FR Core 2.1.0. Of the annuaire nothing of ours stands in:",
    "a profile of it that is declared and not loaded is a warning",
    "([FHIR-PROFILE-UNKNOWN](rules/fhir.md#fhir-profile-unknown)).",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """A form of what differs, and why."""

    form: str
    why: str


_HAND = "By rules, which name the fault: [MHD-SLICE, MHD-SLICE-COUNT, MHD-REQUEST](rules/mhd.md)."
_TRAITS = (
    "The traits of the metadata are optional: the header of the document decides, and a document without traits is "
    "accepted and not counted."
)
_DIRECTORY = (
    "The annuaire judges its own entries. The form of a number is a warning here, and to judge every person and place "
    "of a submission by it makes one several times dearer."
)
_COMMUNE = (
    "The value set is reconstructed, and the annuaire's own examples code the municipality in TRE_R13-Commune: ours "
    "wants a system and a code."
)
_AGES = "A national terminology grows: only a copy that the operator loads refuses a code it does not have."
_EXTENSIBLE = "Extensible: a warning at most."
_TWICE = "A profile that is declared twice is applied once, and breaks nothing."
_SAME = "The same, in our words."
_NSS = "Its system is that of the INS-NIR: what a number of that system is, the rules of identity say."
_ASSUMED = "The members of that value set are assumed in the reconstruction."

EXAMPLES = (
    Reason(
        r"^ihe\.iti\.mhd/",
        "It declares MHD and not PDSm. With the package it is judged by that guide, without as every transaction of "
        "documents: by PDSm.",
    ),
    Reason(r"^ans\.fhir\.fr\.annuaire/PractitionerRole", "A profile of the annuaire: not judged without its package."),
    Reason(r"^ans\.fhir\.fr\.annuaire/", _COMMUNE),
)  # fmt: skip

CHANGES = (
    Reason(r"\.contained\.identifier.* FHIR-REFERENCE-PROFILE", _DIRECTORY),
    Reason(r"\.contained\.name\..* FHIR-REFERENCE-PROFILE", _TRAITS),
    Reason(r" FHIR-CODING-CODE", _AGES),
    Reason(r"\.meta\.profile", _TWICE),
)

CONSTRAINTS = (
    Reason(r"insee-code Extension\.value\[x\](\.\w+)? (binding|min)", _COMMUNE),
    Reason(r"Extension(\.extension:\w+)?\.value\[x\] min", "What `ext-1` asks of an extension that has no parts."),
    Reason(r"email-type Extension max", "The profiles that use it say how often."),
    Reason(r"(email-type Extension|reliability).*binding", _EXTENSIBLE),
    Reason(r"fr-core-patient(-ins)? \S*(prefix|identifier\.type) binding", _EXTENSIBLE),
    Reason(r"fr-core-patient(-ins)? \S*identifier:nss", _NSS),
    Reason(r"fr-core-patient(-ins)? \S*identifier:pi\.use binding", _ASSUMED),
    Reason(r"identifier:ins\w+\.use binding", "In FR Core 2.1.0 a NIA is temporary (`temp`): taken too."),
    Reason(r"validationmode\.url value", "It tells the part apart; the published one leaves that to the extension."),
    Reason(r"meta\.profile", _TWICE),
    Reason(r"(managingOrganization|generalPractitioner) targets", "What R4 itself asks."),
    Reason(r"managingOrganization target profiles", _DIRECTORY),
    Reason(r"(extension|officialname\.extension) min", "Its slices ask as many."),
    Reason(r"masterIdentifier constraint|uniqueid constraint|UniqueIdIdentifier Identifier constraint",
           "An identifier of `urn:ietf:rfc:3986` is an absolute URI (R4, Identifier.value)."),
    Reason(r"constraint", _SAME),
    Reason(r"intendedRecipient Extension\.value\[x\] targets", "A person in a role is taken as a recipient too."),
    Reason(r"context\.related slices",
           "The guide tells the slice apart by an element it says nothing of, so that it holds of no value; ours by "
           "the one it constrains."),
    Reason(r"(subject|sourcePatientInfo) target profiles", _TRAITS),
    Reason(r"entry\.item target profiles", "Each entry is judged by the profile of its slice, once."),
    Reason(r"target profiles", _DIRECTORY),
    Reason(r"List\.code",
           "By a rule, which takes the system with http too: [MHD-CODE-SYSTEM](rules/mhd.md#mhd-code-system)."),
    Reason(r"provide-document-bundle Bundle\.entry", _HAND),
    Reason(r"tddui-bundle Bundle\.entry", "By rules of the transfer: [TDDUI](rules/tddui.md)."),
)  # fmt: skip
