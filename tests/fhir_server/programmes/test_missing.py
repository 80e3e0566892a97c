"""What is missing in a programme that has no situation of its own, and what cannot be asked."""

from __future__ import annotations

from datetime import datetime

import pytest

from fhir_server.fhir.http import Refusal
from fhir_server.programmes.actors import hand_of
from fhir_server.programmes.contestations import contest
from fhir_server.programmes.missing import missing_of
from fhir_server.programmes.views import evidence, look
from testdata import PARIS, Country
from tests.fhir_server.programmes.conftest import NOW, Bench, wait
from tests.support.synthetic import admit, new_stay


def test_a_file_that_counts_nothing_yet_lacks_nothing(bench: Bench) -> None:
    looked = look(bench.office, bench.open(), NOW)
    assert evidence(bench.office, looked, "I-SUN1-LDL") == []
    with pytest.raises(Refusal) as refused:
        missing_of(bench.office, looked)
    assert refused.value.status == 404


def test_counts_without_a_target(bench: Bench, demo_country: Country) -> None:
    stay = new_stay(demo_country, bench.site, discharged=datetime(2026, 3, 1, 12, tzinfo=PARIS))
    admit(bench.database, stay)
    found = missing_of(bench.office, look(bench.office, bench.asked(), NOW))
    [line] = found.lines
    assert (line.measure, line.numerator, line.denominator, line.target, line.worth) == (
        "I-SUN1-LDL", 0, 1, None, None)  # fmt: skip
    assert sum(line.uncounted.values()) == len(line.rows) == 1
    assert found.indicative


def test_a_document_nobody_filed_is_not_contested(bench: Bench) -> None:
    file = bench.asked()
    for measure, rule in (("I-SUN1-LDL", "PROGRAMME-DOCUMENT"), ("I-SUN1-BIO", "PROGRAMME-MEASURE")):
        with pytest.raises(Refusal) as refused:
            wait(contest(bench.office, file, hand_of(bench.holder), measure, "1.2.3", "?", NOW))
        assert refused.value.rule_id == rule
