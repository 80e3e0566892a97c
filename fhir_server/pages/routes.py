"""Pages for people: the entrance, in French and without login, and the API's documentation from our own files."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from pathlib import Path

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import FileResponse, HTMLResponse

from fhir_server.fhir.http import Refusal, language, services
from indicators.measures import MEASURES

router = APIRouter(include_in_schema=False)
_HERE = Path(__file__).parent


@cache
def templates() -> Environment:
    """The templates; everything shown is escaped."""
    return Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined)


@router.get("/")
async def home(request: Request) -> Response:
    """What this is, what it takes, where to look."""
    settings = services(request).settings
    lang = request.query_params.get("lang") or language(request)
    page = templates().get_template("home.html").render(
        en=lang == "en", mode=settings.mode.value, demo=settings.demo, version=version("segur-fhir"),
        measures=[measure.info for _, measure in sorted(MEASURES.items())],
    )  # fmt: skip
    return HTMLResponse(page)


@router.get("/static/segur.css")
async def stylesheet() -> Response:
    """Our style sheet."""
    return FileResponse(_HERE / "static" / "segur.css", media_type="text/css")


@cache
def _swagger() -> Path:
    import swagger_ui_bundle

    return Path(str(swagger_ui_bundle.swagger_ui_path))


@router.get("/docs")
async def docs() -> Response:
    """The API's documentation; its script and style come from a package on this machine, not from a CDN."""
    return HTMLResponse(templates().get_template("docs.html").render())


@router.get("/docs/{name}")
async def docs_asset(name: str) -> Response:
    """One file of the documentation's viewer."""
    if name == "start.js":
        return FileResponse(_HERE / "static" / "docs.js", media_type="text/javascript")
    if name not in ("swagger-ui-bundle.js", "swagger-ui.css"):
        raise Refusal(404, "HTTP-NOT-FOUND")
    return FileResponse(_swagger() / name)
