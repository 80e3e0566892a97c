"""XDS metadata as plain values: a submission set, its document entries and folders, and what ties them together.

Every value is kept as it was written; what is wrong with it is for `check_metadata` to say. Names are ours, short; the
names of IHE are in `_schemes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from validators.ins import Place
from validators.xds._datatypes import Cx, Xcn, Xon
from validators.xds._schemes import APPROVED, STABLE

Places = Mapping[str, Place]
"""Where each attribute was read, by the model's name of it; the object itself under an empty name."""

NOWHERE = Place("")


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot that the model has no name for."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A code, its coding scheme (an OID in France) and its words."""

    code: str
    scheme: str
    display: str | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """Who made it: a person or device, where, as what."""

    person: Xcn | None = None
    institutions: tuple[Xon, ...] = ()
    roles: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()
    telecoms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PatientField:
    """One value of sourcePatientInfo: `PID-5` and what stands behind the bar, repetitions and all."""

    name: str
    value: str

    @property
    def text(self) -> str:
        """As it is written."""
        return f"{self.name}|{self.value}"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Thing:
    """What the three kinds of object share; `id` is the entryUUID or a symbolic id of this request."""

    id: str
    logical_id: str | None = None
    home: str | None = None
    status: str = APPROVED
    version: str | None = None
    title: str | None = None
    comments: str | None = None
    patient_id: Cx | None = None
    unique_id: str | None = None
    slots: tuple[Slot, ...] = ()
    places: Places = field(default_factory=dict, compare=False)

    def place(self, name: str = "") -> Place:
        """Where an attribute was read; where it is missing, the object."""
        return self.places.get(name) or self.places.get("") or NOWHERE

    def __repr__(self) -> str:
        # Names and numbers must not reach a log through a traceback.
        return f"{type(self).__name__}({self.place().location})"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DocumentEntry(Thing):
    """One document (XDSDocumentEntry)."""

    object_type: str = STABLE
    mime_type: str | None = None
    creation_time: str | None = None
    hash: str | None = None
    size: str | None = None
    uri: str | None = None
    language: str | None = None
    legal_authenticator: Xcn | None = None
    service_start: str | None = None
    service_stop: str | None = None
    source_patient_id: Cx | None = None
    source_patient: tuple[PatientField, ...] = ()
    repository: str | None = None
    availability: str | None = None
    reference_ids: tuple[Cx, ...] = ()
    authors: tuple[Author, ...] = ()
    class_code: Code | None = None
    type_code: Code | None = None
    format_code: Code | None = None
    facility: Code | None = None
    setting: Code | None = None
    confidentiality: tuple[Code, ...] = ()
    events: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SubmissionSet(Thing):
    """What was submitted together (XDSSubmissionSet)."""

    submission_time: str | None = None
    recipients: tuple[str, ...] = ()
    authors: tuple[Author, ...] = ()
    content_type: Code | None = None
    source_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Folder(Thing):
    """Documents that belong together for long (XDSFolder)."""

    last_update: str | None = None
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """A tie between two objects: member of a set or folder, or replacement, addendum, transformation."""

    kind: str
    source: str
    target: str
    documentation: Code | None = None
    slots: tuple[Slot, ...] = ()
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Metadata:
    """One SubmitObjectsRequest."""

    sets: tuple[SubmissionSet, ...] = ()
    documents: tuple[DocumentEntry, ...] = ()
    folders: tuple[Folder, ...] = ()
    associations: tuple[Association, ...] = ()

    @property
    def submission_set(self) -> SubmissionSet | None:
        """The submission set."""
        return self.sets[0] if self.sets else None

    def members(self, container: str) -> list[str]:
        """The ids of what a set or folder holds, in order."""
        return [a.target for a in self.associations if a.source == container and a.kind.endswith(":HasMember")]
