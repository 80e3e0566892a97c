"""Which package a canonical belongs to, told from its form: guides name their canonicals after themselves."""

from __future__ import annotations

import re

_FORMS = (
    (re.compile(r"https?://interop\.esante\.gouv\.fr/ig/fhir/([a-z0-9-]+)/"), "ans.fhir.fr.{0}"),
    (re.compile(r"https?://(?:hl7\.fr/ig/fhir|interopsante\.org/fhir)/"), "hl7.fhir.fr.core"),
    (re.compile(r"https?://profiles\.ihe\.net/([A-Z]+)/([A-Za-z0-9-]+)/"), "ihe.{0}.{1}"),
    (re.compile(r"https?://hl7\.org/fhir/([a-z]{2})/([a-z0-9-]+)/"), "hl7.fhir.{0}.{1}"),
)  # fmt: skip


def package_of(canonical: str) -> str:
    """The package that carries a definition, or the root of its canonical where the form tells nothing.

    >>> package_of("https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/pdsm-simplified-publish")
    'ans.fhir.fr.pdsm'
    """
    for form, name in _FORMS:
        found = form.match(canonical)
        if found is not None:
            return name.format(*found.groups()).lower()
    return canonical.partition("/StructureDefinition/")[0]
