"""National call of 2021: one user record rolled out over at least fifty ESMS."""

from __future__ import annotations

from pathlib import Path

from indicators.programmes.aap_dui.catalogue import RULES
from indicators.programmes.aap_dui.life import LIVES
from indicators.programmes.aap_dui.ops import OPS
from indicators.programmes.aap_dui.rules import source_parameters
from indicators.programmes.aap_dui.states import MACHINES
from indicators.programmes.aap_dui.supplied import supplied_errors
from indicators.programmes.model import Programme
from indicators.programmes.wanted import read_wanted

__all__ = ["PROGRAMME"]

PROGRAMME = Programme(
    id="aap_dui",
    title_fr="Appel à projets national : déploiement généralisé d'un DUI",
    title_en="National call: generalised roll-out of a user record",
    version="2021-08-03",
    rules=RULES,
    parameters=source_parameters(),
    measures=("I-AAP-TR",),
    machines=MACHINES,
    lives=LIVES,
    ops=OPS,
    check=supplied_errors,
    wanted=read_wanted(Path(__file__).with_name("wanted.yaml")),
)
