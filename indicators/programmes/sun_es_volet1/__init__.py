"""SUN-ES volet 1: money for hospitals that feed the DMP. The text is a draft of July 2021 (X-16), and says so."""

from __future__ import annotations

from pathlib import Path

from indicators.programmes.model import Programme
from indicators.programmes.sun_es_volet1.calendar import (
    Period,
    UsageWindow,
    deposit_window,
    local_date,
    source_parameters,
    usage_window,
)
from indicators.programmes.sun_es_volet1.catalogue import RULES
from indicators.programmes.sun_es_volet1.life import LIFE
from indicators.programmes.sun_es_volet1.ops import OPS
from indicators.programmes.sun_es_volet1.situation import Amount, Line, Situation, situation
from indicators.programmes.sun_es_volet1.states import MACHINE
from indicators.programmes.sun_es_volet1.supplied import supplied_errors
from indicators.programmes.wanted import read_wanted

__all__ = [
    "PROGRAMME",
    "Amount",
    "Line",
    "Period",
    "Situation",
    "UsageWindow",
    "deposit_window",
    "local_date",
    "situation",
    "source_parameters",
    "usage_window",
]

PROGRAMME = Programme(
    id="sun_es_v1",
    title_fr="SUN-ES volet 1 : alimentation du DMP et de Mon espace santé",
    title_en="SUN-ES volet 1: feeding the DMP and Mon espace santé",
    version="draft 2021-07",
    rules=RULES,
    parameters=source_parameters(),
    measures=("I-SUN1-BIO", "I-SUN1-CRO", "I-SUN1-GAP", "I-SUN1-IMG", "I-SUN1-INS", "I-SUN1-LDL", "I-SUN1-ORD"),
    machines=(MACHINE,),
    lives=(LIFE,),
    ops=OPS,
    check=supplied_errors,
    wanted=read_wanted(Path(__file__).with_name("wanted.yaml")),
)
