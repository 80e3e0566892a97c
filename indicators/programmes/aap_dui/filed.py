"""What both lives of the national call read: parameters by name, those of a project by its key."""

from __future__ import annotations

from typing import Any

from indicators.programmes.aap_dui.rules import source_parameters
from indicators.programmes.life import View
from indicators.programmes.parameters import ParameterSet


def known(view: View) -> ParameterSet:
    """What was supplied, in front of what the text states."""
    return view.parameters.over(source_parameters())


def given(view: View, name: str) -> Any:
    """A parameter in force on the day, None while nobody gave it."""
    found = known(view).find(name, view.day)
    return None if found is None else found.value


def of_project(view: View, name: str) -> str:
    """The name of a parameter that is set by project."""
    return f"{name}:{view.key.get('project', '')}"
