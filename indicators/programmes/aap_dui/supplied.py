"""What is wrong between the parameters of a set uploaded for the national call (AAP-R05)."""

from __future__ import annotations

from collections.abc import Iterator

from indicators.money import parse_euros
from indicators.programmes.aap_dui.rules import source_parameters
from indicators.programmes.parameters import ParameterSet


def supplied_errors(given: ParameterSet) -> Iterator[str]:
    """AAP-R05 (S4 §2.4): a rate above 500 ESMS is more than nothing and less than 5 000 €."""
    full = source_parameters().cents("rate")
    for entry in given.entries:
        if entry.name.startswith("rate_over_500:") and not 0 < parse_euros(str(entry.value)) < full:
            yield f"RATE_OUT_OF_RANGE:{entry.name.removeprefix('rate_over_500:')}"
