"""The programmes this process knows, looked up once, and the life a file follows."""

from __future__ import annotations

from functools import cache

from fhir_server.fhir.http import Refusal
from indicators.programmes import programmes
from indicators.programmes.life import Life
from indicators.programmes.model import Programme


@cache
def known() -> dict[str, Programme]:
    """Every programme by id; what is installed does not change while a process runs."""
    return programmes()


def find_programme(programme_id: str) -> Programme:
    """One programme.

    Raises:
        Refusal: 404 when nothing of that name is installed.
    """
    found = known().get(programme_id)
    if found is None:
        raise Refusal(404, "PROGRAMME-UNKNOWN", found=programme_id, known=", ".join(sorted(known())))
    return found


def find_life(programme: Programme, machine: str | None) -> Life:
    """The life of a machine; without a name, the programme's only one.

    Raises:
        Refusal: 404 when the programme has no such life, or several and none was named.
    """
    wanted = [life for life in programme.lives if machine in (None, life.machine.id)]
    if len(wanted) != 1:
        names = ", ".join(life.machine.id for life in programme.lives)
        raise Refusal(404, "PROGRAMME-UNKNOWN", found=machine or "-", known=names or "-")
    return wanted[0]
