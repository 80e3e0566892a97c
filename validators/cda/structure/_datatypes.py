"""HL7 v3 data types, release 1, as CDA R2 (2005) uses them: lexical forms, then the types by family.

Every type comes after the one it is made from. Extensions add to a base, `narrows` takes away from it.
"""

from __future__ import annotations

from typing import Final

from validators.cda.structure._notation import Complex, Simple

SIMPLE_TYPES: Final = (
    Simple("bl", "xs:boolean", pattern="true|false"),
    Simple("bn", "bl"),
    Simple("bin", "xs:base64Binary"),
    Simple("cs", "xs:token", pattern=r"[^\s]+"),
    Simple("st", "xs:string", facets='<xs:minLength value="1"/>'),
    Simple("oid", "xs:string", pattern=r"[0-2](\.(0|[1-9][0-9]*))*"),
    Simple("uuid", "xs:string", pattern="[0-9a-zA-Z]{8}-[0-9a-zA-Z]{4}-[0-9a-zA-Z]{4}-[0-9a-zA-Z]{4}-[0-9a-zA-Z]{12}"),
    Simple("ruid", "xs:string", pattern=r"[A-Za-z][A-Za-z0-9\-]*"),
    Simple("uid", "", union=("oid", "uuid", "ruid")),
    Simple("url", "xs:anyURI"),
    Simple("ts", "xs:string", pattern=r"[0-9]{1,8}|([0-9]{9,14}|[0-9]{14,14}\.[0-9]+)([+\-][0-9]{1,4})?"),
    Simple("int", "xs:integer"),
    Simple("real", "", union=("xs:decimal", "xs:double")),
    Simple("probability", "xs:double", facets='<xs:minInclusive value="0"/><xs:maxInclusive value="1"/>'),
    Simple("list_int", "", item="int"),
    *(
        Simple(f"set_{name}", "", item=name)
        for name in ("TelecommunicationAddressUse", "PostalAddressUse", "EntityNameUse", "EntityNamePartQualifier")
    ),
)

_CODED: Final = "code:cs codeSystem:uid codeSystemName:st codeSystemVersion:st displayName:st"
_ADDRESS_PARTS: Final = {
    "delimiter": "DEL", "country": "CNT", "state": "STA", "county": "CPA", "city": "CTY", "postalCode": "ZIP",
    "streetAddressLine": "SAL", "houseNumber": "BNR", "houseNumberNumeric": "BNN", "direction": "DIR",
    "streetName": "STR", "streetNameBase": "STB", "streetNameType": "STTYP", "additionalLocator": "ADL",
    "unitID": "UNID", "unitType": "UNIT", "careOf": "CAR", "censusTract": "CEN", "deliveryAddressLine": "DAL",
    "deliveryInstallationType": "DINST", "deliveryInstallationArea": "DINSTA",
    "deliveryInstallationQualifier": "DINSTQ", "deliveryMode": "DMOD", "deliveryModeIdentifier": "DMODID",
    "buildingNumberSuffix": "BNS", "postBox": "POB", "precinct": "PRE",
}  # fmt: skip
_NAME_PARTS: Final = {"delimiter": "DEL", "family": "FAM", "given": "GIV", "prefix": "PFX", "suffix": "SFX"}


def _parts(family: str, names: tuple[str, ...]) -> str:
    return "(" + " | ".join(f"{name}:{family}.{name}" for name in names) + ")*"


def _interval(name: str, point: str, width: str) -> Complex:
    """IVL<T>: low then width or high, high alone, width then high, or center then width; or nothing but a value."""
    bound = f"IVXB_{point}"
    content = (
        f"((low:{bound} (width:{width} | high:{bound})?) | high:{bound} | (width:{width} high:{bound}?) "
        f"| (center:{point} width:{width}?))?"
    )
    return Complex(name, content, base=f"SXCM_{point}")


def _set_and_bound(point: str) -> tuple[Complex, Complex]:
    """SXCM<T> (a component of a set) and IVXB<T> (a bound of an interval)."""
    return (
        Complex(f"SXCM_{point}", "", "operator:SetOperator", point),
        Complex(f"IVXB_{point}", "", "inclusive:bl", point),
    )


_FOUNDATION: Final = (
    Complex("ANY", "", "nullFlavor:NullFlavor", abstract=True),
    Complex("ANYNonNull", "", "nullFlavor-", "ANY", narrows=True),
    Complex("BL", "", "value:bl", "ANY"),
    Complex("BN", "", "value:bn", "ANYNonNull"),
    Complex("II", "", "root:uid extension:st assigningAuthorityName:st displayable:bl", "ANY"),
    Complex("QTY", "", "", "ANY", abstract=True),
    Complex("INT", "", "value:int", "QTY"),
    Complex("REAL", "", "value:real", "QTY"),
    Complex("TS", "", "value:ts", "QTY"),
    Complex("MO", "", "value:real currency:cs", "QTY"),
    Complex("PQ", "translation:PQR*", "value:real unit:cs", "QTY"),
    Complex("URL", "", "value:url", "ANY", abstract=True),
    Complex("TEL", "useablePeriod:SXCM_TS*", "use:set_TelecommunicationAddressUse", "URL"),
)

_TEXT: Final = (
    Complex("BIN", "", "representation:BinaryDataEncoding", "ANY", mixed=True, abstract=True),
    Complex(
        "ED", "reference:TEL? thumbnail:thumbnail? any?",
        "mediaType:cs language:cs compression:CompressionAlgorithm integrityCheck:bin "
        "integrityCheckAlgorithm:IntegrityCheckAlgorithm",
        "BIN", mixed=True,
    ),
    Complex("thumbnail", "reference:TEL?", "", "ED", narrows=True, mixed=True),
    Complex(
        "ST", "",
        "representation:BinaryDataEncoding=TXT mediaType=text/plain language:cs compression- integrityCheck- "
        "integrityCheckAlgorithm-",
        "ED", narrows=True, mixed=True,
    ),
    Complex("SC", "", _CODED, "ST", mixed=True),
)  # fmt: skip

_CODES: Final = (
    Complex(
        "CD", "originalText:ED? qualifier:CR* translation:CD*",
        f"{_CODED} sdtc/valueSet sdtc/valueSetVersion", "ANY",
    ),
    Complex("CE", "originalText:ED? translation:CD*", "", "CD", narrows=True),
    Complex("CV", "originalText:ED?", "", "CE", narrows=True),
    Complex("CS", "", "codeSystem- codeSystemName- codeSystemVersion- displayName-", "CV", narrows=True),
    Complex("CO", "", "", "CV"),
    Complex("CR", "name:CV? value:CD?", "inverted:bn", "ANY"),
    Complex("PQR", "", "value:real", "CV"),
    Complex(
        "EIVL.event", "",
        "code:TimingEvent codeSystem:uid=2.16.840.1.113883.5.139 codeSystemName:st=TimingEvent",
        "CE", narrows=True,
    ),
)  # fmt: skip

_NAMES: Final = (
    Complex("ADXP", "", "partType:AddressPartType", "ST", mixed=True),
    *(
        Complex(f"adxp.{name}", "", f"partType:AddressPartType={code}", "ADXP", narrows=True, mixed=True)
        for name, code in _ADDRESS_PARTS.items()
    ),
    Complex(
        "AD", f"{_parts('adxp', tuple(_ADDRESS_PARTS))} useablePeriod:SXCM_TS*",
        "use:set_PostalAddressUse isNotOrdered:bl", "ANY", mixed=True,
    ),
    Complex("ENXP", "", "partType:EntityNamePartType qualifier:set_EntityNamePartQualifier", "ST", mixed=True),
    *(
        Complex(f"en.{name}", "", f"partType:EntityNamePartType={code}", "ENXP", narrows=True, mixed=True)
        for name, code in _NAME_PARTS.items()
    ),
    Complex("EN", f"{_parts('en', tuple(_NAME_PARTS))} validTime:IVL_TS?", "use:set_EntityNameUse", "ANY", mixed=True),
    Complex("PN", "", "", "EN", mixed=True),
    Complex(
        "ON", f"{_parts('en', ('delimiter', 'prefix', 'suffix'))} validTime:IVL_TS?", "", "EN", narrows=True, mixed=True
    ),
    Complex("TN", "validTime:IVL_TS?", "", "EN", narrows=True, mixed=True),
)  # fmt: skip

_REPEATED: Final = "alignment:cs institutionSpecified:bl"

_TIMES: Final = (
    *_set_and_bound("TS"),
    _interval("IVL_TS", "TS", "PQ"),
    Complex("PIVL_TS", "phase:IVL_TS? period:PQ?", _REPEATED, "SXCM_TS"),
    Complex("EIVL_TS", "event:EIVL.event? offset:IVL_PQ?", "", "SXCM_TS"),
    Complex("SXPR_TS", "comp:SXCM_TS comp:SXCM_TS+", "", "SXCM_TS"),
    Complex("UVP_TS", "", "probability:probability", "TS"),
    Complex("PPD_TS", "standardDeviation:PQ?", "distributionType:ProbabilityDistributionType", "TS"),
    *_set_and_bound("PPD_TS"),
    _interval("IVL_PPD_TS", "PPD_TS", "PPD_PQ"),
    Complex("PIVL_PPD_TS", "phase:IVL_PPD_TS? period:PPD_PQ?", _REPEATED, "SXCM_PPD_TS"),
    Complex("EIVL_PPD_TS", "event:EIVL.event? offset:IVL_PPD_PQ?", "", "SXCM_PPD_TS"),
)

_QUANTITIES: Final = (
    *_set_and_bound("PQ"),
    _interval("IVL_PQ", "PQ", "PQ"),
    Complex("PPD_PQ", "standardDeviation:PQ?", "distributionType:ProbabilityDistributionType", "PQ"),
    *_set_and_bound("PPD_PQ"),
    _interval("IVL_PPD_PQ", "PPD_PQ", "PPD_PQ"),
    *_set_and_bound("INT"),
    _interval("IVL_INT", "INT", "INT"),
    *_set_and_bound("REAL"),
    _interval("IVL_REAL", "REAL", "REAL"),
    *_set_and_bound("MO"),
    _interval("IVL_MO", "MO", "MO"),
    Complex("SXCM_CD", "", "operator:SetOperator", "CD"),
    Complex("RTO_QTY_QTY", "numerator:QTY denominator:QTY", "", "QTY"),
    Complex("RTO", "", "", "RTO_QTY_QTY"),
    Complex("RTO_PQ_PQ", "numerator:PQ denominator:PQ", "", "QTY"),
    Complex("RTO_MO_PQ", "numerator:MO denominator:PQ", "", "QTY"),
)

_COLLECTIONS: Final = (
    Complex("HXIT_PQ", "validTime:IVL_TS?", "", "PQ"),
    Complex("HXIT_CE", "validTime:IVL_TS?", "", "CE"),
    Complex("BXIT_CD", "", "qty:int", "CD"),
    Complex("BXIT_IVL_PQ", "", "qty:int", "IVL_PQ"),
    Complex("SLIST_PQ", "origin:PQ scale:PQ digits:list_int", "", "ANY"),
    Complex("SLIST_TS", "origin:TS scale:PQ digits:list_int", "", "ANY"),
    Complex("GLIST_PQ", "head:PQ increment:PQ", "period:int denominator:int", "ANY"),
    Complex("GLIST_TS", "head:TS increment:PQ", "period:int denominator:int", "ANY"),
)

DATA_TYPES: Final[tuple[Complex, ...]] = (
    *_FOUNDATION, *_TEXT, *_CODES, *_NAMES, *_TIMES, *_QUANTITIES, *_COLLECTIONS,
)  # fmt: skip
"""Every data type, in the order of the families above."""
