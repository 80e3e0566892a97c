"""The country seen by the validators: what is meant to pass passes, what is meant to be refused is."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from testdata import PARIS, Country, discharge_letter, document
from tests.testdata.conftest import TODAY
from validators.cda import CdaResult, check_cda
from validators.report import Mode

NOW = datetime.combine(TODAY, time(12), PARIS)


def verdict(data: bytes) -> CdaResult:
    return check_cda(data, mode=Mode.SANDBOX, now=NOW)


def level(result: CdaResult) -> str:
    return str(result.ins.level) if result.ins else "unread"


@pytest.mark.parametrize("kind", ["LDL", "ORD", "CRO", "BIO", "IMG"])
def test_planned_documents(land: Country, kind: str) -> None:
    planned = [(stay, each) for stay in land.stays for each in stay.plan if each.kind == kind]
    for stay, each in planned[::4]:
        result = verdict(document(stay, each))
        assert result.report.conformant == (each.variant != "refused"), [issue.rule for issue in result.report]
        expected = {"without_ins": "absent", "refused": "present"}.get(each.variant, "qualified")
        assert level(result) == expected
        assert result.kind is not None
        assert result.kind.code == kind


@pytest.mark.parametrize("size", [None, 50_000])
def test_letters_are_conformant_and_qualified(land: Country, size: int | None) -> None:
    for stay in land.stays[::20]:
        result = verdict(discharge_letter(stay, when=stay.discharged or stay.admitted, size=size))
        assert (result.report.conformant, level(result)) == (True, "qualified")
