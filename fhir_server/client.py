"""A typed client of the server: what `segur submit` uses, and what a Python program may use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import httpx
import orjson

from validators.mail import is_mail

FHIR_JSON = "application/fhir+json"


@dataclass(frozen=True, slots=True)
class SubmitAnswer:
    """The server's answer to one submission."""

    status: int
    submission: str | None
    body: dict[str, Any]
    archives: tuple[str, ...] = ()
    """The submissions of the archives of a mail."""

    @property
    def accepted(self) -> bool:
        """Filed by the server, with every archive it carries."""
        parts = (str(entry.get("response", {}).get("status", "")) for entry in self.body.get("entry", ()))
        return self.status == 200 and not any(part.startswith(("4", "5")) for part in parts)

    def locations(self) -> list[str]:
        """Where the resources are, in request order."""
        return [e["response"].get("location", "") for e in self.body.get("entry", ()) if "response" in e]

    def issues(self) -> list[dict[str, str]]:
        """Findings: rule, severity, text and place."""
        outcomes = [self.body] if self.body.get("resourceType") == "OperationOutcome" else [
            e["response"]["outcome"] for e in self.body.get("entry", ()) if "outcome" in e.get("response", e)
        ]  # fmt: skip
        outcomes += [e["outcome"] for e in self.body.get("entry", ()) if "outcome" in e]
        return [_issue(issue) for outcome in outcomes for issue in outcome["issue"]]

    def as_dict(self, name: str) -> dict[str, Any]:
        """For machines."""
        return {"file": name, "status": self.status, "accepted": self.accepted, "submission": self.submission,
                "locations": self.locations(), "issues": self.issues()}  # fmt: skip

    def text(self, name: str) -> str:
        """For people, in French; the same finding in several places is said once."""
        state = "accepté" if self.accepted else "refusé"
        lines = [f"{name} : {state} ({self.status}), soumission {self.submission or '-'}"]
        lines += [f"  {location}" for location in self.locations() if location]
        places: dict[tuple[str, str, str], list[str]] = {}
        for issue in self.issues():
            word = "non compté" if issue["scope"] == "programme" else _WORDS.get(issue["severity"], issue["severity"])
            places.setdefault((word, issue["rule"], issue["text"]), []).append(issue["location"])
        for (word, rule, text), found in places.items():
            more = f" (et {len(found) - 1} autres)" if len(found) > 1 else ""
            lines.append(f"  {word} {rule} {found[0]}{more}\n    {text}")
        return "\n".join(lines)


_WORDS = {"fatal": "fatal", "error": "erreur", "warning": "avertissement", "information": "information"}


def _issue(issue: dict[str, Any]) -> dict[str, str]:
    details = issue.get("details", {})
    return {
        "severity": issue["severity"], "rule": next((c["code"] for c in details.get("coding", ())), ""),
        "scope": next((e["valueCode"] for e in issue.get("extension", ()) if "valueCode" in e), "conformity"),
        "text": details.get("text", ""), "location": next(iter(issue.get("expression", ())), ""),
    }  # fmt: skip


class Client:
    """A connection to one server with one token.

    Args:
        origin: scheme://host:port.
        token: an access token.
        transport: an httpx transport, for tests.
    """

    def __init__(self, origin: str, token: str, *, transport: httpx.BaseTransport | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}", "Accept": FHIR_JSON}
        self._http = httpx.Client(base_url=origin.rstrip("/"), headers=headers, timeout=60, transport=transport)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._http.close()

    def submit(self, data: bytes, withdraw: Sequence[str] = ()) -> SubmitAnswer:
        """Send a CDA (wrapped into ITI-65), a JSON bundle, an XDM archive or a mail (as they are).

        Args:
            data: what is sent.
            withdraw: unique ids of documents sent before that a CDA's bundle sets to superseded.

        Raises:
            httpx.HTTPError: the server could not be reached.
        """
        if data.startswith(b"PK"):
            return self._answer(self._http.post("/xdm", content=data, headers={"Content-Type": "application/zip"}))
        if is_mail(data):
            return self._answer(self._http.post("/mail", content=data, headers={"Content-Type": "message/rfc822"}))
        body = wrapped(data, withdraw) if is_cda(data) else data
        if body is None:
            return self._answer(self._http.post("/cda", content=data, headers={"Content-Type": "application/xml"}))
        return self._answer(self._http.post("/fhir", content=body, headers={"Content-Type": FHIR_JSON}))

    def counted(self, submission: str) -> list[dict[str, Any]]:
        """For each measure that looks at the submission's documents: counted, or the reason why not."""
        response = self._http.get(f"/api/submissions/{submission}")
        rows: list[dict[str, Any]] = response.json().get("counted", []) if response.status_code == 200 else []
        return rows

    def get(self, path: str, **params: str) -> httpx.Response:
        """Any read."""
        return self._http.get(path, params=params)

    def _answer(self, response: httpx.Response) -> SubmitAnswer:
        try:
            body = response.json()
        except ValueError:
            body = {}
        archives = tuple(filter(None, response.headers.get("Segur-Archive-Submissions", "").split(", ")))
        return SubmitAnswer(response.status_code, response.headers.get("Segur-Submission"), body, archives)


def is_cda(data: bytes) -> bool:
    """Whether what is sent gets a bundle made for it: neither an archive nor a bundle itself."""
    return not data.startswith(b"PK") and data.lstrip()[:1] != b"{"


def wrapped(data: bytes, withdraw: Sequence[str] = ()) -> bytes | None:
    """The ITI-65 bundle of a CDA; None when it cannot be opened (the server then says why)."""
    from fhir_server.intake.wrap import bundle_from_header, withdrawal
    from validators.cda import check_cda
    from validators.report import Mode

    found = check_cda(data, mode=Mode.SANDBOX)
    if found.header is None:
        return None
    media_type = found.payload.media_type if found.payload is not None else None
    bundle = bundle_from_header(found.header, media_type, data, datetime.now(UTC))
    bundle["entry"] += [withdrawal(unique_id) for unique_id in withdraw]
    return orjson.dumps(bundle)
