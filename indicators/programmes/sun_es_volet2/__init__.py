"""SUN-ES volet 2: the experiment of citizen messaging in three pilot departments, July to November 2021."""

from __future__ import annotations

from pathlib import Path

from indicators.programmes.model import Programme
from indicators.programmes.sun_es_volet2.catalogue import RULES
from indicators.programmes.sun_es_volet2.life import LIFE
from indicators.programmes.sun_es_volet2.ops import OPS
from indicators.programmes.sun_es_volet2.rules import source_parameters
from indicators.programmes.sun_es_volet2.states import MACHINE
from indicators.programmes.wanted import read_wanted

__all__ = ["PROGRAMME"]

PROGRAMME = Programme(
    id="sun_es_v2",
    title_fr="SUN-ES volet 2 : expérimentation de la messagerie citoyenne",
    title_en="SUN-ES volet 2: experiment of citizen messaging",
    version="draft 2021-07",
    rules=RULES,
    parameters=source_parameters(),
    measures=("I-SUN2-CIT-IN", "I-SUN2-CIT-OUT", "I-SUN2-INS", "I-SUN2-PRO"),
    machines=(MACHINE,),
    lives=(LIFE,),
    ops=OPS,
    wanted=read_wanted(Path(__file__).with_name("wanted.yaml")),
)
