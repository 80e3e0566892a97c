"""Utility functions (https://hl7.org/fhirpath/N1/#utility-functions): trace, now, today, timeOfDay."""

from __future__ import annotations

from validators.fhir.fhirpath.code import Code
from validators.fhir.fhirpath.environment import Environment
from validators.fhir.fhirpath.model import Item
from validators.fhir.fhirpath.registry import SAME, Arguments, Compiling, function, lazy
from validators.fhir.fhirpath.syntax import Call
from validators.fhir.fhirpath.temporal import Temporal, from_datetime


@lazy("trace", 1, 2, SAME)
def trace(compiling: Compiling, call: Call, source: Code) -> Code:
    """`trace(name, projection)`: its input. Nothing is written: a patient's data do not belong in a log."""
    for argument in call.arguments:
        compiling.code(argument)
    return source


@function("now", gives="DateTime")
def now(_items: list[Item], _arguments: Arguments, environment: Environment) -> list[Item]:
    """`now()`: date, time and zone, the same all along an evaluation."""
    return [from_datetime(environment.moment())]


@function("today", gives="Date")
def today(_items: list[Item], _arguments: Arguments, environment: Environment) -> list[Item]:
    """`today()`: the date of `now()`."""
    return [Temporal("Date", from_datetime(environment.moment()).parts[:3])]


@function("timeOfDay", gives="Time")
def time_of_day(_items: list[Item], _arguments: Arguments, environment: Environment) -> list[Item]:
    """`timeOfDay()`: the time of `now()`."""
    return [Temporal("Time", from_datetime(environment.moment()).parts[3:])]
