"""Single faults, by name: each takes a conformant document and breaks it in exactly one place, bytes to bytes.

`LETTER_FAULTS` need a structured letter, `LEVEL1_FAULTS` a level 1 document, `HEADER_FAULTS` take either. All expect
documents made by this package: they look for its spelling, and raise `ValueError` where the place is not found.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable

Fault = Callable[[bytes], bytes]

_INS = rb'<id root="1\.2\.250\.1\.213\.1\.4\.10" extension="(\w{15})"/>'
_SECTION_END = rb"(</section></component>)"
_REASON_SECTION = (
    rb'(\s*<component><section><templateId root="1\.3\.6\.1\.4\.1\.19376\.1\.5\.3\.1\.3\.1"/>.*?</section></component>)'
)
_PAYLOAD = rb'(<text mediaType="application/pdf" representation="B64">)([^<]*)(</text>)'


def apply(name: str, data: bytes) -> bytes:
    """`data` with the fault of this name."""
    return FAULTS[name](data)


def _swap(pattern: bytes, replacement: bytes | Callable[[re.Match[bytes]], bytes]) -> Fault:
    """Replaces the first match, and only it."""
    compiled = re.compile(pattern, re.DOTALL)

    def fault(data: bytes) -> bytes:
        broken, count = compiled.subn(replacement, data, count=1)
        if not count or broken == data:
            raise ValueError(f"nothing to break: {pattern!r}")
        return broken

    return fault


def _drop(pattern: bytes) -> Fault:
    return _swap(pattern, b"")


def _ins(change: Callable[[str], str]) -> Fault:
    """Another matricule under the same authority."""
    return _swap(_INS, lambda found: found[0].replace(found[1], change(found[1].decode()).encode()))


def _authority(oid: bytes) -> Fault:
    """The same matricule under another authority."""
    return _swap(rb'root="1\.2\.250\.1\.213\.1\.4\.10"', b'root="' + oid + b'"')


def _section(code: bytes) -> Fault:
    """A section removed, its `component` with it; sections of our letters are never nested."""
    opening = rb"<component><section>(?:(?!</section>).)*?"
    return _drop(opening + re.escape(b'<code code="' + code) + rb".*?</section></component>")


def _entry(code: bytes) -> Fault:
    return _drop(rb"<entry>(?:(?!</entry>).)*?" + re.escape(b'<code code="' + code) + rb".*?</entry>")


def _prolog(text: bytes) -> Fault:
    return _swap(rb"\?>\n", lambda found: found[0] + text)


def _payload(change: Callable[[bytes], bytes]) -> Fault:
    return _swap(_PAYLOAD, lambda found: found[1] + change(found[2]) + found[3])


def _wrong_key(matricule: str) -> str:
    return f"{matricule[:13]}{int(matricule[13:]) % 97 + 1:02d}"


HEADER_FAULTS: dict[str, Fault] = {
    # Identity
    "ins_absent": _drop(_INS),
    "ins_null": _swap(_INS, b'<id nullFlavor="UNK"/>'),
    "ins_wrong_key": _ins(_wrong_key),
    "ins_without_key": _ins(lambda matricule: matricule[:13]),
    "ins_letters": _ins(lambda matricule: "X" + matricule[1:]),
    "ins_spaces": _ins(lambda matricule: f"{matricule[0]} {matricule[1:]}"),
    "ins_unknown_oid": _authority(b"1.2.250.1.213.1.4.99"),
    "ins_c_oid": _authority(b"1.2.250.1.213.1.4.2"),
    "ins_nss_oid": _authority(b"1.2.250.1.213.1.4.13"),
    "ins_two_authorities": _swap(_INS, lambda m: m[0] + m[0].replace(b".4.10", b".4.9")),
    "sex_contradicts_ins": _swap(
        rb'(<administrativeGenderCode code=")([FM])', lambda m: m[1] + (b"M" if m[2] == b"F" else b"F")
    ),
    "sex_undetermined": _swap(rb'(<administrativeGenderCode code=")[FM]', rb"\1UN"),
    "birth_family_missing": _drop(rb'<family qualifier="BR">[^<]*</family>'),
    "birth_family_empty": _swap(rb'(<family qualifier="BR">)[^<]*', rb"\1"),
    "birth_givens_missing": _drop(rb"(?<=</family>)<given>[^<]*</given>(?=<given qualifier)"),
    "first_given_missing": _drop(rb'<given qualifier="BR">[^<]*</given>'),
    "birth_date_missing": _drop(rb"<birthTime [^>]*/>"),
    "birth_date_year_only": _swap(rb'(<birthTime value="\d{4})\d{4}', rb"\1"),
    "birth_date_future": _swap(rb'(<birthTime value=")\d{4}', rb"\g<1>2999"),
    "birth_month_contradicts_ins": _swap(
        rb'(<birthTime value="\d{4})(\d\d)', lambda m: m[1] + (b"02" if m[2] == b"01" else b"01")
    ),
    "birth_place_missing": _drop(rb"<birthplace>.*?</birthplace>"),
    "birth_place_name": _swap(rb"(<county>)[^<]*", rb"\1VILLE-FICTIVE"),
    # Header
    "type_id_wrong": _swap(rb"POCD_HD000040", b"POCD_HD000041"),
    "realm_wrong": _swap(rb'(<realmCode code=")FR', rb"\1US"),
    "ci_sis_template_missing": _drop(rb'<templateId root="1\.2\.250\.1\.213\.1\.1\.1\.1"/>'),
    "code_system_wrong": _swap(
        rb'(<code code="[\d-]+" codeSystem=")2\.16\.840\.1\.113883\.6\.1"', rb'\g<1>2.16.840.1.113883.6.96"'
    ),
    "title_missing": _drop(rb"<title>[^<]*</title>"),
    "time_without_zone": _swap(rb'(<effectiveTime value="\d{14})\+\d{4}', rb"\1"),
    "time_in_future": _swap(rb'(<effectiveTime value=")\d{4}', rb"\g<1>2999"),
    "time_invalid": _swap(rb'(<effectiveTime value="\d{4})\d{4}', rb"\g<1>0230"),
    "confidentiality_outside": _swap(rb'(<confidentialityCode code=")N', rb"\1L"),
    "version_zero": _swap(rb'(<versionNumber value=")\d+', rb"\g<1>0"),
    "author_missing": _drop(rb"<author>.*?</author>"),
    "custodian_without_value": _swap(rb'(<representedCustodianOrganization><id root="[\d.]+") extension="\d+"', rb"\1"),
    "custodian_finess_key": _swap(
        rb'(<representedCustodianOrganization><id root="[\d.]+" extension="\d{9})(\d)',
        lambda m: m[1] + b"%d" % ((int(m[2]) + 1) % 10),
    ),
    "signature_wrong": _swap(rb'(<signatureCode code=")S', rb"\1X"),
    "attending_missing": _drop(rb'<participant typeCode="INF">.*?</participant>'),
    "service_reversed": _swap(
        rb'(<serviceEvent>.*?<low value=")([^"]+)("/><high value=")([^"]+)', lambda m: m[1] + m[4] + m[3] + m[2]
    ),
    "service_code_missing": _drop(rb"(?<=<serviceEvent>)<code [^>]*/>"),
    "related_append": _swap(
        rb"(?=<componentOf>)",
        b'<relatedDocument typeCode="APND"><parentDocument><id root="1.2.250.1.999.1"/></parentDocument>'
        b"</relatedDocument>",
    ),
    "facility_unknown": _swap(rb'(<code code=")SA\d\d', rb"\1SA99"),
    # Bytes
    "truncated": lambda data: data[: len(data) * 2 // 3],
    "unclosed": _drop(rb"</componentOf>"),
    "dtd": _prolog(b'<!DOCTYPE ClinicalDocument [<!ENTITY e "x">]>\n'),
    "not_utf8": _swap(rb"(<family[^>]*>)", rb"\1" + b"\xe9"),
    "no_namespace": _drop(rb' xmlns="urn:hl7-org:v3"'),
}

LETTER_FAULTS: dict[str, Fault] = {
    "model_unknown": _swap(rb"1\.2\.250\.1\.213\.1\.1\.1\.29", b"1.2.250.1.213.1.1.1.999"),
    "model_version_missing": _drop(rb' extension="2022\.01"'),
    "model_version_unknown": _swap(rb'(extension=")2022\.01', rb"\g<1>1999.01"),
    "code_of_another_kind": _swap(rb'(<code code=")11490-0', rb"\g<1>34874-8"),
    "status_section_missing": _section(b"33557-0"),
    "reason_section_missing": _section(b"42349-1"),
    "summary_section_missing": _section(b"42545-4"),
    "treatments_section_missing": _section(b"10183-2"),
    # The end of the status section goes after the reason: still in the document, no longer where it must be.
    "reason_section_nested": _swap(_SECTION_END + _REASON_SECTION, rb"\2\1"),
    "reason_text_missing": _drop(rb"(?<=<title>Motif d'hospitalisation</title>)<text>.*?</text>"),
    "admission_entry_missing": _entry(b"ORG-070"),
    "discharge_entry_missing": _entry(b"ORG-074"),
    "summary_entry_missing": _entry(b"MED-142"),
    "search_entry_missing": _entry(b"MED-309"),
    "transfusion_entry_missing": _entry(b"MED-145"),
    "derivatives_entry_missing": _entry(b"MED-147"),
    "admission_outside_list": _swap(rb'(code="ORG-070".*?<value xsi:type="CE" code=")[^"]+', rb"\g<1>73211009"),
    "discharge_outside_list": _swap(rb'(code="ORG-074".*?<value xsi:type="CE" code=")[^"]+', rb"\g<1>73211009"),
    "entry_not_completed": _swap(rb'(code="MED-142".*?<statusCode code=")completed', rb"\1active"),
    "entry_template_missing": _drop(rb'<templateId root="1\.3\.6\.1\.4\.1\.19376\.1\.5\.3\.1\.4\.13"/>'),
    "reference_dangling": _swap(rb'(<reference value="#)synthese', rb"\1nulle-part"),
    "treatment_product_missing": _drop(rb"<consumable>.*?</consumable>"),
}

LEVEL1_FAULTS: dict[str, Fault] = {
    "payload_missing": _payload(lambda _: b""),
    "payload_not_base64": _payload(lambda payload: b"*" + payload[1:]),
    "payload_not_pdf": _payload(lambda _: b64encode(b"un texte, pas un PDF")),
    "payload_html": _swap(rb'mediaType="application/pdf"', b'mediaType="text/html"'),
    "payload_untyped": _drop(rb' mediaType="application/pdf"'),
    "template_level1_missing": _drop(rb'<templateId root="1\.3\.6\.1\.4\.1\.19376\.1\.2\.20"/>'),
    "code_unknown": _swap(rb'(<code code=")[\d-]+(?=" codeSystem="2\.16\.840\.1\.113883\.6\.1")', rb"\g<1>00000-0"),
}

FAULTS: dict[str, Fault] = {**HEADER_FAULTS, **LETTER_FAULTS, **LEVEL1_FAULTS}
