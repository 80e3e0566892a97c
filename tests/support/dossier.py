"""One file of SUN-ES volet 1 over HTTP, and the parameter set of an exercise whose windows lie around today."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx

from tests.support.faces import Face
from tests.support.synthetic import Json, today

LDL, CRO = "I-SUN1-LDL", "I-SUN1-CRO"
PREREQUISITES = {f"SP{number}": {"evidence": True, "reached": True} for number in range(1, 7)}
FORM: Json = {
    "territory": "métropole", "legal_status": "public", "director_validation": True, "commitment": True,
    "prerequisites": PREREQUISITES, "prerequisites_in_osis": True, "editors": ["Éditeur A"],
    "all_editors_in_relims": True, "bonus_claimed": True,
}  # fmt: skip
FORFAIT = "320000.00"


def days(start: int, end: int) -> list[date]:
    """A period in days from today, both included."""
    return [today() + timedelta(days=start), today() + timedelta(days=end)]


def window(*, candidature: int = 2, instruction: int = 30, measure: tuple[int, int] = (-20, -1)) -> Json:
    """An exercise window: applications since a month until in `candidature` days, and so on."""
    periods = ((-30, candidature), (-30, instruction), measure)
    return dict(zip(("candidature", "instruction", "measure"), (days(*one) for one in periods), strict=True))


WINDOWS = {
    "X1": window(),
    "LATE": window(candidature=-10),
    "OVER": window(instruction=-1),
    "SOON": window(measure=(10, 40)),
    "SHUT": window(measure=(-20, -10)),
    "MISS": window(),
    "FREE": window(),
    "AGAIN": window(),
    "BARE": window(),
    "BIG": window(),
    "BOTH": window(),
}
"""By what is wrong with them: MISS is one whose target is missed, FREE has no forfait, BIG is more than is left."""
FORFAITS = {
    "biologie:MISS": "20000", "imagerie:SHUT": "20000", "imagerie:BIG": "79000", "documents_sortie:BARE": "18000",
    "documents_sortie:AGAIN": "18000", "imagerie:SOON": "18000", "imagerie:OVER": "18000",
}  # fmt: skip
"""By domain and window, where it is not the large one."""


def parameters(region: str, finess: str, version: int = 1, **changes: Any) -> str:
    """The set an agency posts. No value of it is official."""
    values: dict[str, Any] = {
        "prerequisites": sorted(PREREQUISITES), "denominator": "stays_discharged_not_excluded",
        "ins_level": "qualified", f"sites:{finess}": [finess], "indicators:documents_sortie": [LDL],
        "bonus_timing": "with_usage", f"envelope:ars:{region}": "430000",
        "indicators:biologie": ["I-SUN1-BIO"], "indicators:imagerie": ["I-SUN1-IMG"], "tolerance": "2",
        "advance_on_miss": "kept", "retry_allowed": True,
    }  # fmt: skip
    for name, found in WINDOWS.items():
        last = -1 if name == "SHUT" else 30
        values |= {
            f"calendar:{name}": found, f"cutoff:{name}": today() + timedelta(days=2),
            f"entry_deadline:{name}": today() + timedelta(days=last),
            f"target:{LDL}:{name}": "75", f"target:{CRO}:{name}": "50", f"target:I-SUN1-BIO:{name}": "75",
            f"target:I-SUN1-IMG:{name}": "75",
        }  # fmt: skip
        if name != "FREE":
            values[f"forfait:documents_sortie:{name}"] = FORFAIT
    values |= {f"forfait:{name}": euros for name, euros in FORFAITS.items()}
    rows = [{"name": n, "value": v, "mark": "CONFIG", "source": "exercice"} for n, v in (values | changes).items()]
    signed = {"by": "Direction de l'agence", "role": "ars", "signed_on": today()}
    return _yaml({"id": f"ars-{region}", "version": version, "programme": "sun_es_v1", "signed_off": signed,
                  "parameters": [row for row in rows if row["value"] is not None]})  # fmt: skip


def _yaml(content: Mapping[str, Any]) -> str:
    """YAML that names nothing twice: a set takes no aliases."""
    import yaml

    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    return str(yaml.dump(content, Dumper=Plain, allow_unicode=True, sort_keys=False))


def post_set(face: Face, text: str) -> httpx.Response:
    """Post a parameter set."""
    return face.http.post(
        "/api/programmes/parameters", content=text.encode(), headers={"Content-Type": "application/yaml"}
    )


def post(face: Face, path: str, body: Any) -> httpx.Response:
    """Post JSON to the programmes' API."""
    return face.http.post(
        f"/api/programmes{path}", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )


def reasons(answer: httpx.Response, status: int = 422) -> list[str]:
    """The codes of a refusal, each with words in both languages."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    body = answer.json()
    assert len(body["issue"]) == len(body["reasons"])
    assert all(one["fr"] and one["en"] for one in body["reasons"])
    return [one["code"] for one in body["reasons"]]


@dataclass
class Dossier:
    """One file, its establishment and its agency."""

    holder: Face
    ars: Face
    id: str

    @classmethod
    def opened(cls, holder: Face, ars: Face, finess: str, name: str, domain: str = "documents_sortie") -> Dossier:
        """A new file about one window and domain."""
        key = {"window": name, "domain": domain}
        answer = post(holder, "/files", {"programme": "sun_es_v1", "organization": finess, "key": key})
        assert answer.status_code == 201, answer.text
        assert answer.headers["Location"] == f"/api/programmes/files/{answer.json()['id']}"
        return cls(holder, ars, answer.json()["id"])

    def enter(self, face: Face | None = None, **values: Any) -> httpx.Response:
        """Enter things as the establishment, unless another face is given."""
        answer = post(face or self.holder, f"/files/{self.id}/entries", {"entries": values})
        assert answer.status_code == 200, answer.text
        return answer

    def try_move(self, to: str, face: Face | None = None, **more: Any) -> httpx.Response:
        """Ask for a move as the agency, unless another face is given."""
        return post(face or self.ars, f"/files/{self.id}/moves", {"to": to, **more})

    def move(self, to: str, face: Face | None = None) -> Json:
        """A move that has to be made."""
        answer = self.try_move(to, face)
        assert answer.status_code == 200, (to, answer.text)
        made: Json = answer.json()
        assert made["state"] == to
        moved: Json = made["move"]
        return moved

    def deposited(self, **changes: Any) -> Dossier:
        """Filled in and deposited."""
        self.enter(**{name: value for name, value in (FORM | changes).items() if value is not None})
        self.move("DEPOSITED", self.holder)
        return self

    def measuring(self, **changes: Any) -> Dossier:
        """Accepted, the advance paid, the measure begun."""
        self.deposited(**changes)
        self.move("UNDER_REVIEW")
        self.move("ACCEPTED")
        paid = self.move("ADVANCE_NOTIFIED")["paid_cents"]
        self.enter(self.ars, advance_payment={"on": str(today()), "euros": f"{paid // 100}.{paid % 100:02d}"})
        self.move("ADVANCE_PAID")
        self.move("MEASURING")
        return self

    def declared(self, *rows: tuple[str, int, int]) -> Dossier:
        """The usage declared, and verified by the agency."""
        usage = [{"indicator": name, "numerator": n, "denominator": d} for name, n, d in rows]
        self.enter(declared_usage=usage)
        self.move("DECLARED", self.holder)
        self.enter(self.ars, usage_verified=True)
        return self

    def shown(self, face: Face | None = None) -> Json:
        """The file as it is read."""
        answer = (face or self.holder).get(f"/api/programmes/files/{self.id}")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    @property
    def state(self) -> str:
        """Its state."""
        return str(self.shown()["state"])
