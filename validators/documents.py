"""The registry of documents: type codes, national models and the kinds that a funding programme looks at.

Reads `profiles/document-kinds.yaml`; knows nothing of what is inside a document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

_FILE: Final = "document-kinds.yaml"


@dataclass(frozen=True, slots=True)
class TypeCode:
    """A document type of JDV_J07; `class_code` (TRE_A03) is empty where ASS_X04 gives none."""

    code: str
    system: str
    class_code: str
    name_fr: str


@dataclass(frozen=True, slots=True)
class Model:
    """A national CDA model. `versions` are the values of templateId/@extension, "" meaning none is written; an empty
    tuple means that the versions are not known here."""

    root: str
    name: str
    versions: tuple[str, ...]
    codes: tuple[str, ...]
    format_code: str

    def knows(self, version: str | None) -> bool:
        """True when the version is published, or when no list of versions is known."""
        return not self.versions or (version or "") in self.versions


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document that funding programmes look at (programmes, chapter 7).

    `needs_stay`: counted against a hospital stay. `model_required`: the type code alone does not tell this kind from
    others; the template or the format code has to. `title_words` announce the kind in a title (upper case, no accents).
    """

    code: str
    name_fr: str
    name_en: str
    programmes: tuple[str, ...]
    needs_stay: bool
    type_codes: tuple[str, ...]
    model_roots: tuple[str, ...]
    format_codes: tuple[str, ...]
    model_required: bool
    title_words: tuple[str, ...]
    note: str


def programme_looks(kind: DocumentKind | None) -> bool:
    """True when at least one funding programme counts documents of this kind."""
    return kind is not None and bool(kind.programmes)


class Registry:
    """Type codes, models and kinds, found by what a document carries."""

    __slots__ = ("_kinds_by_type", "kinds", "level_1_root", "media", "model_root", "models", "types")

    def __init__(self, data: Mapping[str, Any]) -> None:
        systems: Mapping[str, str] = data["systems"]
        self.model_root: str = data["model_root"]
        self.level_1_root: str = data["level_1_root"]
        self.media: Mapping[str, str] = data["media"]
        self.types: Mapping[str, TypeCode] = {
            code: TypeCode(code, systems[system], class_code, name) for code, system, class_code, name in data["types"]
        }
        self.models: Mapping[str, Model] = {
            model.root: model for model in (_model(self.model_root, row) for row in data["models"])
        }
        self.kinds: Mapping[str, DocumentKind] = {row["code"]: self._kind(row) for row in data["kinds"]}
        self._kinds_by_type = {code: kind for kind in self.kinds.values() for code in kind.type_codes}

    def _kind(self, row: Mapping[str, Any]) -> DocumentKind:
        roots = tuple(f"{self.model_root}.{arc}" for arc in row["models"])
        formats = tuple(code for root in roots if (code := self.models[root].format_code))
        return DocumentKind(
            row["code"], row["name_fr"], row["name_en"], tuple(row["programmes"]), row["needs_stay"],
            tuple(row["types"]), roots, formats, row.get("model_required", False), tuple(row["title"]), row["note"],
        )  # fmt: skip

    def type(self, code: str) -> TypeCode | None:
        """The document type of JDV_J07, or None."""
        return self.types.get(code)

    def model(self, root: str) -> Model | None:
        """The national model of a template root, or None."""
        return self.models.get(root)

    def kind(self, code: str) -> DocumentKind | None:
        """The kind by its own code (`LDL`, `SDM-MR`…), or None."""
        return self.kinds.get(code)

    def kind_of_type(self, type_code: str | None) -> DocumentKind | None:
        """The kind that uses a type code, even where the code alone does not prove it (see `model_required`)."""
        return self._kinds_by_type.get(type_code or "")

    def kind_of(
        self,
        type_code: str | None,
        templates: Iterable[tuple[str, str | None]] = (),
        format_code: str | None = None,
    ) -> DocumentKind | None:
        """The kind of a document, or None when no programme has a name for it (policy, Who and when).

        The type code decides, in level 1 as in level 3; only SDM-MR, whose code is shared, also needs its template or
        its format code.
        """
        kind = self.kind_of_type(type_code)
        if kind is None or not kind.model_required:
            return kind
        proven = format_code in kind.format_codes or any(root in kind.model_roots for root, _ in templates)
        return kind if proven else None

    def format_code(self, templates: Iterable[tuple[str, str | None]], media_type: str | None = None) -> str | None:
        """The XDS format code that a document's model (or its level 1 media type) calls for, or None."""
        for root, _ in templates:
            if root == self.level_1_root:
                return self.media.get(media_type or "")
            model = self.models.get(root)
            if model is not None and model.format_code:
                return model.format_code
        return None


def _model(model_root: str, row: Mapping[str, Any]) -> Model:
    return Model(
        f"{model_root}.{row['arc']}", row["name"], tuple(row["versions"]), tuple(row["codes"]), row["format"]
    )  # fmt: skip


@cache
def registry() -> Registry:
    """The registry, read once from `profiles/document-kinds.yaml`.

    Raises:
        RuntimeError: this PyYAML has no libyaml; the pure Python loader would take a second.
    """
    if not hasattr(yaml, "CSafeLoader"):  # pragma: no cover - every wheel has libyaml
        raise RuntimeError("PyYAML without libyaml")
    return Registry(yaml.load(files("profiles").joinpath(_FILE).read_bytes(), yaml.CSafeLoader))
