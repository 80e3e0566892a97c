"""The profiles a resource must keep without naming them: vital signs, by the code of an Observation.

Source: FHIR R4, https://hl7.org/fhir/R4/observation-vitalsigns.html: when a vital sign is sent, its profile applies.
Codes beyond the table are those of LOINC and SNOMED CT that name the same sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from validators.fhir.context import Json
from validators.fhir.resources.nodes import EXTENSION, child, objects

_LOINC: Final = "http://loinc.org"
_SNOMED: Final = "http://snomed.info/sct"
_SIGNS: Final = (
    ("vitalspanel", _LOINC, "85353-1"),
    ("resprate", _LOINC, "9279-1 76170-0 76172-6 76171-8 19840-8 33438-3 76270-8 11291-2"),
    ("heartrate", _LOINC, "8867-4 60978-4 73795-7 73799-9 76476-1 76477-9 8889-8 8890-6 8891-4 8892-2 8893-0 40443-4 "
     "55425-3 68999-2 11328-2 69000-8 8886-4"),
    ("oxygensat", _LOINC, "2708-6 19224-5 20564-1 2709-4 2710-2 2713-6 51733-4 59408-5 59417-6 89276-0 97549-0"),
    ("bodytemp", _LOINC, "8310-5 60834-9 60835-6 60836-4 60838-0 60955-2 61009-7 75539-7 75987-8 76010-8 76011-6 "
     "76278-1 8309-7 8328-7 8329-5 8330-3 8331-1 8332-9 8333-7 8334-5 91371-5 98657-0 98663-8"),
    ("bodyheight", _LOINC, "8302-2 3137-7 3138-5 8306-3 8308-9"),
    ("headcircum", _LOINC, "9843-4 8287-5"),
    ("bodyweight", _LOINC, "29463-7 3141-9 3142-7 75292-3 79348-9 8350-1 8351-9"),
    ("bmi", _LOINC, "39156-5 59574-4 89270-3"),
    ("bp", _LOINC, "85354-9 35094-2 8459-0 76534-7 55284-4 8480-6"),
    ("vitalspanel", _SNOMED, "46680005"),
    ("bp", _SNOMED, "86290005 271625008 271306003"),
    ("heartrate", _SNOMED, "249043002 444981005 399017001 251670001 429525003 429614003"),
    ("oxygensat", _SNOMED, "103228002 442349007 442476006 442440005 431314004 442734002 713194001"),
    ("bodytemp", _SNOMED, "386725007 276885007 300076005 1222808002 364246006 307047009 708499008 431598003 698831002 "
     "698832009 415882003 415974002 415929009 415945006"),
    ("bodyheight", _SNOMED, "1153637007 1162419008 50373000 1162418000 1230278008 1162392001 1162417005"),
    ("headcircum", _SNOMED, "363812007 169876006 1269262007 363811000"),
    ("bodyweight", _SNOMED, "60621009 735395000 425024002 424927000 784399000 1162416001 1162415002"),
    ("bp", _SNOMED, "251076008 163033001 163035008 386534000 386536003 271649006 271650006 407556006 407554009 "
     "716579001 399304008"),
)  # fmt: skip
"""Profile, code system and codes, in the order in which they are tried."""

PROFILES: Final[Mapping[tuple[str, str], tuple[int, str]]] = {
    (system, code): (rank, EXTENSION + profile)
    for rank, (profile, system, codes) in reversed(list(enumerate(_SIGNS)))
    for code in codes.split()
}
"""By system and code: the profile that applies, with its rank among those a concept's codings may call for."""


def implied_profiles(resource: Json) -> tuple[str, ...]:
    """The canonicals of the profiles that apply to a resource by its content; at most one today."""
    if resource.get("resourceType") != "Observation":
        return ()
    codings = objects(child(resource, "code"), "coding")
    found = [PROFILES[key] for each in codings if (key := (str(each.get("system")), str(each.get("code")))) in PROFILES]
    return (min(found)[1],) if found else ()
