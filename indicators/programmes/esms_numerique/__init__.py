"""ESMS numérique, kick-off phase 2020-2022: user records in medico-social establishments."""

from __future__ import annotations

from pathlib import Path

from indicators.programmes.esms_numerique.catalogue import RULES
from indicators.programmes.esms_numerique.life import LIFE
from indicators.programmes.esms_numerique.ops import OPS
from indicators.programmes.esms_numerique.rules import source_parameters
from indicators.programmes.esms_numerique.states import MACHINE
from indicators.programmes.model import Programme
from indicators.programmes.wanted import read_wanted

__all__ = ["PROGRAMME"]

PROGRAMME = Programme(
    id="esms_amorcage",
    title_fr="ESMS numérique, phase d'amorçage",
    title_en="ESMS numérique, kick-off phase",
    version="2020-11-12",
    rules=RULES,
    parameters=source_parameters(),
    measures=("I-ESMS-E1", "I-ESMS-E2", "I-ESMS-E3", "I-ESMS-E4", "I-ESMS-E5", "I-ESMS-E6", "I-ESMS-E7"),
    machines=(MACHINE,),
    lives=(LIFE,),
    ops=OPS,
    wanted=read_wanted(Path(__file__).with_name("wanted.yaml")),
)
