"""A request written by hand, as French software writes them, and values for properties."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from validators.report import Report
from validators.xds import (
    HAS_MEMBER,
    Association,
    Author,
    Code,
    Cx,
    DocumentEntry,
    Folder,
    Metadata,
    PatientField,
    Slot,
    SubmissionSet,
    Xcn,
    Xon,
    check_metadata,
    read_metadata,
)

NIR = "1.2.250.1.213.1.4.8"
PS = "1.2.250.1.71.4.2.1"
OWN = "1.2.250.1.999.1"
MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
PATIENT = f"124018852493334^^^&amp;{NIR}&amp;ISO^NH"

_AUTHOR = f"""<rim:Slot name="authorInstitution"><rim:ValueList>
        <rim:Value>CH TEST^^^^^&amp;1.2.250.1.71.4.2.2&amp;ISO^IDNST^^^1750100125</rim:Value></rim:ValueList></rim:Slot>
      <rim:Slot name="authorPerson"><rim:ValueList>
        <rim:Value>801234567890^DURANT^Romuald^^^^^^&amp;{PS}&amp;ISO^D^^^IDNPS</rim:Value></rim:ValueList></rim:Slot>
      <rim:Slot name="authorRole"><rim:ValueList><rim:Value>Médecin traitant</rim:Value></rim:ValueList></rim:Slot>
      <rim:Slot name="authorSpecialty"><rim:ValueList>
        <rim:Value>G15_10/SM26^Qualifié en médecine générale^1.2.250.1.213.1.1.4.5</rim:Value>
      </rim:ValueList></rim:Slot>"""


def slot(name: str, *values: str) -> str:
    """A slot."""
    listed = "".join(f"<rim:Value>{value}</rim:Value>" for value in values)
    return f'<rim:Slot name="{name}"><rim:ValueList>{listed}</rim:ValueList></rim:Slot>'


def code(scheme: str, value: str, system: str, words: str = "") -> str:
    """A coded attribute of Document01."""
    name = f'<rim:Name><rim:LocalizedString value="{words}"/></rim:Name>' if words else ""
    return (
        f'<rim:Classification classificationScheme="urn:uuid:{scheme}" classifiedObject="Document01" id="c{scheme[:6]}"'
        f' nodeRepresentation="{value}">{slot("codingScheme", system)}{name}</rim:Classification>'
    )


def external(scheme: str, value: str, owner: str = "Document01") -> str:
    """An external identifier."""
    return (
        f'<rim:ExternalIdentifier identificationScheme="urn:uuid:{scheme}" registryObject="{owner}" '
        f'id="e{scheme[:6]}" value="{value}"/>'
    )


DOCUMENT = f"""
  <rim:ExtrinsicObject id="Document01" mimeType="text/xml" objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
    status="urn:oasis:names:tc:ebxml-regrep:StatusType:Approved">
    {slot("creationTime", "20260302090500")}
    {slot("hash", "da39a3ee5e6b4b0d3255bfef95601890afd80709")}
    {slot("size", "4711")}
    {slot("URI", "DOC0001.XML")}
    {slot("languageCode", "fr-FR")}
    {slot("legalAuthenticator", f"801234567890^DURANT^Romuald^^^^^^&amp;{PS}&amp;ISO^D^^^IDNPS")}
    {slot("repositoryUniqueId", "1.2.250.1.999.7")}
    {slot("serviceStartTime", "202602281000")}
    {slot("serviceStopTime", "20260302")}
    {slot("sourcePatientId", f"4711^^^&amp;{OWN}&amp;ISO^PI")}
    {
    slot(
        "sourcePatientInfo",
        f"PID-3|{PATIENT}~4711^^^&amp;{OWN}&amp;ISO^PI",
        "PID-5|MARTIN^Jean^Jean Marie^^^^L",
        "PID-7|19240105",
        "PID-8|M",
        "PID-11|^^^^^^BDL^^75113",
    )
}
    {
    slot(
        "urn:ihe:iti:xds:2013:referenceIdList",
        f"S12^^^&amp;{OWN}.3&amp;ISO^urn:ihe:iti:xds:2015:encounterId",
        "1.2.3.4^^^^urn:ihe:iti:xds:2016:studyInstanceUID",
    )
}
    {slot("urn:projet:2026:couleur", "bleu", "vert")}
    <rim:Name><rim:LocalizedString xml:lang="fr-FR" charset="UTF-8" value="Lettre de liaison"/></rim:Name>
    <rim:Description><rim:LocalizedString value="À relire"/></rim:Description>
    <rim:Classification classificationScheme="urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
      classifiedObject="Document01" id="a1" nodeRepresentation="">{_AUTHOR}</rim:Classification>
    {code("41a5887f-8865-4c09-adf7-e362475b143a", "10", "1.2.250.1.213.1.1.4.1", "Compte rendu")}
    {code("f0306f51-975f-434e-a61c-c59651d33983", "11490-0", "2.16.840.1.113883.6.1", "Lettre de liaison")}
    {code("a09d5840-386c-46f2-b5ad-9c3699a4309d", "urn:asip:ci-sis:ldl-ses:2017", "1.2.250.1.213.1.1.4.2.282")}
    {code("f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1", "SA01", "1.2.250.1.71.4.2.4", "Établissement public")}
    {code("cccf5598-8b07-4b77-a05e-ae952c785ead", "ETABLISSEMENT", "1.2.250.1.213.1.1.4.9")}
    {code("f4f85eac-e6cb-4883-b524-f2705394840f", "N", "2.16.840.1.113883.5.25", "Normal")}
    {code("f4f85eac-e6cb-4883-b524-f2705394840f", "INVISIBLE_PATIENT", "1.2.250.1.213.1.1.4.13")}
    {code("2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4", "DEQP003", "1.2.250.1.213.2.5", "Électrocardiographie")}
    {external("58a6f841-87b3-4a3e-92fd-a8ffeff98427", PATIENT)}
    {external("2e82c1f6-a085-4c72-9da3-8640a32e42ab", "1.2.250.1.999.1.3^LDL1")}
  </rim:ExtrinsicObject>"""

SET = f"""
  <rim:RegistryPackage id="SubmissionSet01">
    {slot("submissionTime", "20260302091000")}
    {slot("intendedRecipient", "|801234567891^MARTIN")}
    <rim:Classification classificationScheme="urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d"
      classifiedObject="SubmissionSet01" id="a2" nodeRepresentation="">{_AUTHOR}</rim:Classification>
    <rim:Classification classificationScheme="urn:uuid:aa543740-bdda-424e-8c96-df4873be8500" id="ct"
      classifiedObject="SubmissionSet01" nodeRepresentation="04">{slot("codingScheme", "1.2.250.1.213.2.2")}
      <rim:Name><rim:LocalizedString value="Hospitalisation"/></rim:Name></rim:Classification>
    {external("96fdda7c-d067-4183-912e-bf5ee74998a8", "1.2.250.1.999.1.9.1", "SubmissionSet01")}
    {external("554ac39e-e3fe-47fe-b233-965d2a147832", "1.2.250.1.999.1.9", "SubmissionSet01")}
    {external("6b5aea1a-874d-4603-a4bc-96a0a7b38446", PATIENT, "SubmissionSet01")}
  </rim:RegistryPackage>
  <rim:Classification id="node" classifiedObject="SubmissionSet01"
    classificationNode="urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"/>"""

MEMBERSHIP = f"""
  <rim:Association id="as1" associationType="{MEMBER}" sourceObject="SubmissionSet01" targetObject="Document01">
    {slot("SubmissionSetStatus", "Original")}
  </rim:Association>"""


def request(*objects: str) -> bytes:
    """A SubmitObjectsRequest around some objects; the usual ones by default."""
    body = "".join(objects or (SET, DOCUMENT, MEMBERSHIP))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<lcm:SubmitObjectsRequest xmlns:lcm="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0" '
        f'xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"><rim:RegistryObjectList>{body}\n'
        "</rim:RegistryObjectList></lcm:SubmitObjectsRequest>"
    ).encode()


def without(text: str, pattern: str) -> str:
    """A part less: the pattern is that of what goes."""
    left = re.sub(pattern, "", text, count=1, flags=re.DOTALL)
    assert left != text, pattern
    return left


def changed(text: str, old: str, new: str) -> str:
    """A part changed."""
    assert old in text, old
    return text.replace(old, new, 1)


def checked(data: bytes) -> Report:
    """What reading and checking find."""
    report = Report()
    metadata = read_metadata(data, report)
    if metadata is not None:
        check_metadata(metadata, report)
    return report


def read(data: bytes) -> Metadata:
    """What is read, without a word said."""
    report = Report()
    metadata = read_metadata(data, report)
    assert metadata is not None
    assert not report.issues, [issue.rule for issue in report]
    return metadata


# -- any metadata --------------------------------------------------------------------------------------------------

_LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Z"), exclude_characters="\ufffe\uffff")
WORDS = st.text(_LETTERS, min_size=1, max_size=12)
OIDS = st.lists(st.integers(0, 9999), min_size=1, max_size=5).map(lambda arcs: "1.2." + ".".join(map(str, arcs)))
DTMS = st.datetimes().filter(lambda d: d.year >= 1000).map(lambda d: d.strftime("%Y%m%d%H%M%S"))
PRECISIONS = st.builds(lambda text, n: text[:n], DTMS, st.sampled_from((4, 6, 8, 10, 12, 14)))
UUIDS = st.uuids().map(lambda value: f"urn:uuid:{value}")
IDS = st.one_of(UUIDS, WORDS)


def maybe(values: st.SearchStrategy) -> st.SearchStrategy:
    """A value or none."""
    return st.none() | values


CXS = st.builds(Cx.make, WORDS, OIDS, st.sampled_from(("NH", "PI", "MR")))
XCNS = st.builds(
    Xcn.make, WORDS, OIDS, WORDS, maybe(WORDS), st.sampled_from(("IDNPS", "EI", "RI", "NH", "PI", None)),
    st.sampled_from(("D", "U", "L", None)),
)  # fmt: skip
XONS = st.builds(Xon.make, WORDS, WORDS, OIDS, st.sampled_from(("IDNST", "SIREN", None)))
CODES = st.builds(Code, WORDS, st.one_of(OIDS, st.just("2.16.840.1.113883.6.1"), WORDS), maybe(WORDS))
SLOTS = st.builds(Slot, WORDS.map("urn:x:".__add__), st.lists(WORDS, min_size=1, max_size=2).map(tuple))
AUTHORS = st.builds(
    Author, maybe(XCNS), st.lists(XONS, max_size=2).map(tuple), st.lists(WORDS, max_size=2).map(tuple),
    st.lists(WORDS, max_size=2).map(tuple), st.lists(WORDS, max_size=1).map(tuple),
)  # fmt: skip
FIELDS = st.builds(
    PatientField, st.sampled_from(("PID-3", "PID-5", "PID-7", "PID-8", "PID-11", "PID-13")),
    st.one_of(WORDS, CXS.map(lambda cx: cx.text), DTMS),
)  # fmt: skip
_STATES = st.sampled_from((
    "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved", "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated",
    "urn:asip:ci-sis:2010:StatusType:Archived", "urn:asip:ci-sis:2010:StatusType:Deleted",
))  # fmt: skip


def _common() -> dict[str, st.SearchStrategy]:
    return {
        "logical_id": maybe(UUIDS), "home": maybe(OIDS), "status": _STATES, "version": maybe(st.just("2")),
        "title": maybe(WORDS), "comments": maybe(WORDS), "patient_id": maybe(CXS),
        "unique_id": maybe(st.one_of(OIDS, st.builds("{}^{}".format, OIDS, WORDS))),
        "slots": st.lists(SLOTS, max_size=2, unique_by=lambda s: s.name).map(tuple),
    }  # fmt: skip


def several(values: st.SearchStrategy, most: int = 2) -> st.SearchStrategy:
    """Up to a few values."""
    return st.lists(values, max_size=most).map(tuple)


DOCUMENTS = st.builds(
    DocumentEntry, id=IDS, **_common(), mime_type=maybe(st.sampled_from(("text/xml", "application/pdf"))),
    creation_time=maybe(PRECISIONS), hash=maybe(st.binary(min_size=20, max_size=20).map(bytes.hex) | WORDS),
    size=maybe(st.integers(0, 10**11).map(str)), uri=maybe(WORDS), language=maybe(st.just("fr-FR")),
    legal_authenticator=maybe(XCNS), service_start=maybe(PRECISIONS), service_stop=maybe(PRECISIONS | WORDS),
    source_patient_id=maybe(CXS), source_patient=several(FIELDS, 4), repository=maybe(OIDS),
    availability=maybe(st.just("Online")), reference_ids=several(CXS), authors=several(AUTHORS),
    class_code=maybe(CODES), type_code=maybe(CODES), format_code=maybe(CODES), facility=maybe(CODES),
    setting=maybe(CODES), confidentiality=several(CODES), events=several(CODES),
)  # fmt: skip
SETS = st.builds(
    SubmissionSet, id=IDS, **_common(), submission_time=maybe(PRECISIONS), recipients=several(WORDS),
    authors=several(AUTHORS), content_type=maybe(CODES), source_id=maybe(OIDS),
)  # fmt: skip
FOLDERS = st.builds(Folder, id=IDS, **_common(), last_update=maybe(PRECISIONS), codes=several(CODES))


def _tied(metadata: Metadata, draw: st.DrawFn) -> tuple[Association, ...]:
    """Every object in the set, documents in folders, and a replacement of each kind now and then."""
    found = metadata.submission_set
    assert found is not None
    original = (Slot("SubmissionSetStatus", ("Original",)),)
    ties = [
        Association(kind=HAS_MEMBER, source=found.id, target=thing.id, slots=original)
        for thing in (*metadata.documents, *metadata.folders)
    ]
    for folder in metadata.folders:
        ties += [Association(kind=HAS_MEMBER, source=folder.id, target=d.id) for d in metadata.documents]
    for document in metadata.documents:
        kind = draw(st.sampled_from((None, "RPLC", "APND", "XFRM", "XFRM_RPLC", "signs")))
        if kind is not None:
            uri = f"urn:ihe:iti:2007:AssociationType:{kind}"
            more = draw(st.sampled_from(((), (Slot("urn:x:why", ("so",)),))))
            ties.append(
                Association(
                    kind=uri, source=document.id, target=draw(UUIDS), documentation=draw(maybe(CODES)), slots=more
                )
            )
    return tuple(ties)


@st.composite
def any_metadata(draw: st.DrawFn) -> Metadata:
    """A request with one set, one or two documents, sometimes a folder."""
    documents = draw(st.lists(DOCUMENTS, min_size=1, max_size=2))
    folders = draw(st.lists(FOLDERS, max_size=1))
    found = draw(SETS)
    things = [found, *documents, *folders]
    names = draw(st.lists(IDS, min_size=len(things), max_size=len(things), unique=True))
    from dataclasses import replace

    found, *rest = [replace(thing, id=name) for thing, name in zip(things, names, strict=True)]
    documents, folders = rest[: len(documents)], rest[len(documents) :]
    metadata = Metadata((found,), tuple(documents), tuple(folders))
    return replace(metadata, associations=_tied(metadata, draw))
