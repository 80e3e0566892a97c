"""Bodies of the programmes' API: what is read is checked whole, what is answered is described for OpenAPI."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from fhir_server.fhir.http import read_body
from fhir_server.programmes.refused import Refused, Said

Short = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Long = Annotated[str, StringConstraints(min_length=1, max_length=5_000)]


class Body(BaseModel):
    """A body that is read: nothing more than its fields, no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NewFile(Body):
    """A file to open; `machine` only where a programme has several, `key` as the programme's files want it."""

    programme: Short
    machine: Short | None = None
    organization: Short = Field(description="FINESS of the establishment, or a region's code")
    key: dict[Short, Short] = Field(default_factory=dict)


class NewEntries(Body):
    """Things to enter, by name; all of them or none. `version` is the one that was read: 409 when it is not today's."""

    entries: dict[Short, Any] = Field(min_length=1, max_length=100)
    version: int | None = None


class NewMove(Body):
    """The state a file is to move to."""

    to: Short
    version: int | None = None


class NewContestation(Body):
    """A document that should count, by the unique id it was sent under."""

    measure: Short
    unique_id: Short
    statement: Long


class NewAnswer(Body):
    """The agency's answer."""

    outcome: Literal["upheld", "rejected"]
    statement: Long


class ReasonOut(BaseModel):
    """One reason, in both languages."""

    code: str
    fr: str
    en: str


class RefusedOut(BaseModel):
    """An OperationOutcome with one issue a reason, and the same reasons as rows, in the order of the rules."""

    resourceType: Literal["OperationOutcome"]  # noqa: N815
    issue: list[dict[str, Any]]
    reasons: list[ReasonOut]


class ProgrammeOut(BaseModel):
    """One programme in a list."""

    id: str
    title_fr: str
    title_en: str
    version: str
    rules: int
    machines: list[str] = Field(description="machines whose files can be opened")


class SetOut(BaseModel):
    """One version of a signed parameter set."""

    key: str
    id: str
    version: int
    programme: str
    region: str
    fingerprint: str = Field(description="SHA-256 of the canonical YAML")
    signed_by: str
    signed_role: str
    signed_on: str
    posted_by: str
    posted_at: str


class FileOut(BaseModel):
    """One file in a list; amounts are in cents."""

    id: str
    programme: str
    machine: str
    organization: str
    legal_entity: str
    region: str
    key: dict[str, str]
    state: str
    version: int
    created: str
    updated: str
    deposited: str | None


class EnteredOut(BaseModel):
    """One entry."""

    name: str
    value: Any
    role: str
    who: str
    at: str


class MovedOut(BaseModel):
    """One move that was made."""

    source: str
    target: str
    actor: str
    who: str
    at: str
    reasons: list[ReasonOut]
    notices: list[dict[str, str]]
    letter: str | None
    decision: str | None
    paid_cents: int
    committed_cents: int


class NextOut(BaseModel):
    """One move that may come next. `yours` says whether the caller may make it, `made` whether it would be made now."""

    to: str
    actor: str
    yours: bool
    made: bool
    pays: bool
    rule: str
    when: str
    reasons: list[ReasonOut]


class WholeFileOut(FileOut):
    """One file with everything about it."""

    parameter_set: str | None
    paid_cents: int
    committed_cents: int
    values: dict[str, Any]
    entries: list[EnteredOut]
    history: list[MovedOut]
    next: list[NextOut]
    decisions: list[str]


class MadeOut(BaseModel):
    """What an entry or a move left: the state and version of the file, and the move when there was one."""

    id: str
    state: str
    version: int
    move: MovedOut | None = None


class MissingLine(BaseModel):
    """One measure of a file against its target; `worth` is cents, or why it is not known."""

    measure: str
    numerator: int
    denominator: int | None
    target: str | None
    verdict: str
    missing: int | None
    worth: int | str | None
    alone: bool
    uncounted: dict[str, int]
    evidence: list[dict[str, Any]]


class MissingOut(BaseModel):
    """What a file lacks, over which days; a control that decides nothing."""

    file: str
    start: str
    end: str
    cutoff: str
    indicative: bool
    measures: list[MissingLine]


class AnswerOut(BaseModel):
    """The answer to a contestation."""

    outcome: str
    statement: str
    who: str
    at: str


class ContestationOut(BaseModel):
    """One contested document: by its unique id for its owner, by its pseudonym for an agency."""

    id: str
    measure: str
    document: str | None
    unique_id: str | None = None
    reason: str
    statement: str
    who: str
    at: str
    answer: AnswerOut | None


M = TypeVar("M", bound=Body)
_FAULTS = {
    "missing": ("champ absent", "missing field"),
    "extra_forbidden": ("champ inconnu", "unknown field"),
    "json_invalid": ("JSON illisible", "unreadable JSON"),
}
_OTHER = ("valeur inattendue", "unexpected value")


async def body_of(request: Request, model: type[M]) -> M:
    """The body of a request as one of our models.

    Raises:
        Refused: 400 with every field that is missing, unknown or of another type; no value is repeated.
    """
    data = await read_body(request, ("application/json",))
    try:
        return model.model_validate_json(data)
    except ValidationError as wrong:
        raise Refused(400, [_said(one) for one in wrong.errors(include_input=False, include_url=False)]) from None


def _said(error: Any) -> Said:
    place = ".".join(str(part) for part in error["loc"])[:100]
    fr, en = _FAULTS.get(error["type"], _OTHER)
    return Said("PROGRAMME-BODY", error["type"], f"{place or '-'} : {fr}", f"{place or '-'}: {en}", place)


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """The description of a body that is read by hand."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
