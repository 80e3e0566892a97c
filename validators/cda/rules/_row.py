"""A rule on the body as a row, and the words that its kind gives it: what was found, what is expected, how to fix it.

Tables write XPath 1.0 without prefixes (`entryRelationship/observation`); `T(oid)` stands for the `templateId` of that
root and `TYPE(CD)` for an xsi:type of that local name, whatever the prefix. See `_xpath` for the translation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from validators.report import Severity

MANY: Final = 10**6
LOINC: Final = "2.16.840.1.113883.6.1"
SNOMED: Final = "2.16.840.1.113883.6.96"
TA_ASIP: Final = "1.2.250.1.213.1.1.4.322"
DICOM: Final = "1.2.840.10008.2.16.4"
ACT_CODE: Final = "2.16.840.1.113883.5.4"
ROLE_CODE: Final = "2.16.840.1.113883.5.111"
IHE_ACT: Final = "1.3.6.1.4.1.19376.1.5.3.2"

PCC: Final = "1.3.6.1.4.1.19376.1.5.3.1"
"""Arc of the templates of IHE PCC."""
LAB: Final = "1.3.6.1.4.1.19376.1.3"
"""Arc of the templates of IHE PaLM (laboratory)."""
PHARM: Final = "1.3.6.1.4.1.19376.1.9.1"
"""Arc of the templates of IHE Pharmacy."""
CCD: Final = "2.16.840.1.113883.10.20.1"
"""Arc of the templates of HL7 CCD."""
SECTION: Final = "1.2.250.1.213.1.1.2"
"""Arc of the national sections."""
ENTRY: Final = "1.2.250.1.213.1.1.3"
"""Arc of the national entries."""
MODEL: Final = "1.2.250.1.213.1.1.1"
"""Arc of the national models."""


Models = tuple[tuple[str, tuple[str, ...]], ...]
"""National models, each with its root and the versions concerned (none: all of them)."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What one rule asks of its context. `holds` is true where it is kept; `at` is the place to point to, when there;
    `found` computes what may be quoted (a count, a code: never a text nor an identifier)."""

    key: str
    holds: str
    fr: str
    en: str
    at: str = ""
    found: str = ""
    code: str = "invariant"
    severity: Severity = Severity.ERROR

    def warns(self) -> Spec:
        """The same rule, said and not refused."""
        return replace(self, severity=Severity.WARNING)

    def named(self, key: str) -> Spec:
        """The same rule under another key, where two rows of a context would share one."""
        return replace(self, key=key)


@dataclass(frozen=True, slots=True)
class Member:
    """The codes at `path` belong to a value set (on code and code system); `nulls`: nullFlavors that are an answer."""

    key: str
    path: str
    name: str
    nulls: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR
    code_only: bool = False
    """The guide compares the code and not its code system."""
    words_only: bool = False
    """Only the display name is compared: another rule says whether the code is in the list."""


@dataclass(frozen=True, slots=True)
class Row:
    """A rule of the catalogue with the means to test it; `set_name` for the value-set kind, else `holds`."""

    id: str
    holds: str
    at: str
    found: str
    severity: Severity
    code: str
    fr: str
    en: str
    source: str
    set_name: str = ""
    nulls: tuple[str, ...] = ()
    code_only: bool = False
    words_only: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that share a context: the elements of `path` under each element that carries `template`.

    `models`: the national models (root, versions) the rows belong to; empty = wherever the template is found.
    """

    template: str
    path: str
    rows: tuple[Row, ...]
    models: Models = ()


def group(
    prefix: str,
    template: str,
    name: tuple[str, str],
    source: str,
    *specs: Spec | Member,
    path: str = "",
    models: Models = (),
) -> Group:
    """The rows of one context; `prefix` begins their ids, `name` (fr, en) their sentences."""
    where = f"{source} ({template})"
    rows = (_member(prefix, name, where, s) if isinstance(s, Member) else _row(prefix, name, where, s) for s in specs)
    return Group(template, path, tuple(rows), models)


def _row(prefix: str, name: tuple[str, str], source: str, spec: Spec) -> Row:
    return Row(
        f"{prefix}-{spec.key}", spec.holds, spec.at, spec.found, spec.severity, spec.code,
        f"{name[0]} : {spec.fr}", f"{name[1]}: {spec.en}", source,
    )  # fmt: skip


def _member(prefix: str, name: tuple[str, str], source: str, spec: Member) -> Row:
    if spec.words_only:
        return Row(
            f"{prefix}-{spec.key}", "", spec.path, "", Severity.WARNING, "code-invalid",
            f"{name[0]} : libellé différent de celui du jeu de valeurs JDV_{spec.name} pour le code « {{code}} » ; "
            "attendu « {expected} ».",
            f"{name[1]}: display name different from the value set JDV_{spec.name}'s for the code “{{code}}”; expected "
            "“{expected}”.",
            source, spec.name, spec.nulls, words_only=True,
        )  # fmt: skip
    nulls = f" (ou nullFlavor {', '.join(spec.nulls)})" if spec.nulls else ""
    nulls_en = f" (or nullFlavor {', '.join(spec.nulls)})" if spec.nulls else ""
    return Row(
        f"{prefix}-{spec.key}", "", spec.path, "", spec.severity, "code-invalid",
        f"{name[0]} : code « {{found}} » hors du jeu de valeurs JDV_{spec.name} ; attendu un code de ce jeu avec son "
        f"système de codage{nulls}.",
        f"{name[1]}: code “{{found}}” outside the value set JDV_{spec.name}; expected a code of that set with its code "
        f"system{nulls_en}.",
        source, spec.name, spec.nulls, spec.code_only,
    )  # fmt: skip
