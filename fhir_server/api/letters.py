"""What leaves with a decision: its letter, as a page or a PDF, and its evidence pack."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from fhir_server.fhir.http import Refusal, authenticate, language, services
from fhir_server.letters import MEDIA_TYPES, PAGE_POLICY, TemplateFault, render
from fhir_server.letters.stored import stored_letter
from fhir_server.programmes.office import Office
from fhir_server.programmes.packs import pack_of
from fhir_server.programmes.records import Decision, File, load_decision
from fhir_server.programmes.refused import Refused, Said
from fhir_server.services import Services
from indicators.programmes.errors import RuleError
from indicators.programmes.letters import KINDS, LANGUAGES, refusal_words

router = APIRouter(prefix="/api/programmes/decisions", tags=["Programmes"])


@router.get("/{decision_id}/letter", summary="The letter of a decision")
async def get_letter(decision_id: str, request: Request) -> Response:
    """HTML or PDF (`format`), French or English (`lang`); `contestation` for the answer to one, `kind` for another."""
    found, file, decision = _found(request, decision_id)
    asked = request.query_params
    format_ = _one_of("format", asked.get("format", "html"), tuple(MEDIA_TYPES))
    lang = _one_of("lang", asked.get("lang") or language(request), LANGUAGES)
    kind = _one_of("kind", asked["kind"], KINDS) if "kind" in asked else None
    data = await run_in_threadpool(_written, found, file, decision, format_, lang, kind, asked.get("contestation"))
    headers = {
        "Content-Security-Policy": PAGE_POLICY,
        "Content-Disposition": f'inline; filename="{decision.id}-{lang}.{format_}"',
        "Content-Language": lang,
    }
    return Response(data, headers=headers, media_type=MEDIA_TYPES[format_])


@router.get("/{decision_id}/evidence-pack", summary="The evidence pack of a decision")
async def get_evidence_pack(decision_id: str, request: Request) -> Response:
    """A zip that `segur programmes evidence-pack verify` checks offline; 409 when the facts no longer prove it."""
    found, file, decision = _found(request, decision_id)
    office = Office(found.settings.database, found.reading, found.writer)
    try:
        data = await run_in_threadpool(pack_of, office, file, decision)
    except RuleError as error:
        raise Refused(409, [Said("PROGRAMME-PACK", error.code, error.code, error.code)]) from None
    headers = {"Content-Disposition": f'attachment; filename="{decision.id}.zip"'}
    return Response(data, headers=headers, media_type="application/zip")


def _found(request: Request, decision_id: str) -> tuple[Services, File, Decision]:
    caller, found = authenticate(request), services(request)
    with found.reading() as connection:
        return found, *load_decision(connection, caller, decision_id)


def _one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise Refusal(400, "MEASURE-PARAMETER", name=name, reason=", ".join(known))
    return value


def _written(
    found: Services, file: File, decision: Decision, format_: str, lang: str, kind: str | None, contestation: str | None
) -> bytes:
    folder = found.settings.letters
    try:
        with found.reading() as connection:
            letter = stored_letter(connection, file, decision, folder, kind, contestation)
        return render(letter, format_, lang, folder)
    except RuleError as error:
        words = refusal_words(error.code)
        raise Refused(422, [Said("PROGRAMME-LETTER", error.code, words.fr, words.en)]) from None
    except TemplateFault as fault:
        raise Refused(500, [Said("PROGRAMME-TEMPLATE", fault.code, fault.message("fr"), fault.message("en"))]) from None
    except (ValueError, NotADirectoryError) as error:
        raise Refused(500, [Said("PROGRAMME-TEMPLATE", "AGENCY", str(error), str(error))]) from None
