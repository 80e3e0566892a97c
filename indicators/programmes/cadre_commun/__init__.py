"""Common framework of e-health projects, 2016: nine services in every region, reported each half-year."""

from __future__ import annotations

from pathlib import Path

from indicators.programmes.cadre_commun.catalogue import RULES
from indicators.programmes.cadre_commun.life import LIFE
from indicators.programmes.cadre_commun.ops import OPS
from indicators.programmes.cadre_commun.rules import source_parameters
from indicators.programmes.cadre_commun.states import MACHINE
from indicators.programmes.model import Programme
from indicators.programmes.wanted import read_wanted

__all__ = ["PROGRAMME"]

PROGRAMME = Programme(
    id="cadre_commun",
    title_fr="Cadre commun des projets d'e-santé",
    title_en="Common framework of e-health projects",
    version="2016-05-11",
    rules=RULES,
    parameters=source_parameters(),
    measures=("I-CC-1", "I-CC-2", "I-CC-3"),
    machines=(MACHINE,),
    lives=(LIFE,),
    ops=OPS,
    wanted=read_wanted(Path(__file__).with_name("wanted.yaml")),
)
