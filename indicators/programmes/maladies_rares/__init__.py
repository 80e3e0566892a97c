"""Rare-disease call: the minimum data set in the hospital record, before and after the note of September 2019."""

from __future__ import annotations

from pathlib import Path

from indicators.programmes.maladies_rares.catalogue import RULES
from indicators.programmes.maladies_rares.life import LIVES
from indicators.programmes.maladies_rares.ops import OPS
from indicators.programmes.maladies_rares.rules import VERSIONS, source_parameters
from indicators.programmes.maladies_rares.states import MACHINES
from indicators.programmes.model import Programme
from indicators.programmes.wanted import read_wanted

__all__ = ["PROGRAMME"]

PROGRAMME = Programme(
    id="maladies_rares",
    title_fr="Appel à projets maladies rares : SDM-MR dans le dossier patient",
    title_en="Rare-disease call: minimum data set in the patient record",
    version="updated 2019-09-06",
    rules=RULES,
    parameters=source_parameters(),
    measures=("I-MR-1", "I-MR-2", "I-MR-3"),
    machines=MACHINES,
    lives=LIVES,
    ops=OPS,
    wanted=read_wanted(Path(__file__).with_name("wanted.yaml")),
    versions=VERSIONS,
)
