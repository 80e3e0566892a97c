"""The page of the six faults says what the check says."""

import re
from collections.abc import Callable
from datetime import date

import pytest

from fhir_server.checking import judge
from testdata import country, discharge_letter
from tests.docs.pages import ROOT
from validators.report import Mode

PAGE = (ROOT / "docs" / "tutorial" / "six-faults.md").read_text(encoding="utf-8")


def letter() -> str:
    land = country(2026, date(2023, 11, 20))
    stay = next(stay for stay in land.stays if stay.discharged)
    assert stay.discharged is not None
    return discharge_letter(stay, when=stay.discharged).decode()


def without_ins(text: str) -> str:
    return re.sub(r"<id [^>]*1\.2\.250\.1\.213\.1\.4\.10[^>]*/>", "", text, count=1)


def other_key(text: str) -> str:
    found = re.search(r'extension="(\d\w{14})"', text)
    assert found
    value = found.group(1)
    return text.replace(value, f"{value[:-1]}{(int(value[-1]) + 1) % 10}")


def title_late(text: str) -> str:
    found = re.search(r"(<title>.*?</title>\s*)(<effectiveTime [^>]*/>)", text, re.DOTALL)
    assert found
    return text.replace(found.group(0), found.group(2) + found.group(1), 1)


def no_status(text: str) -> str:
    section = r"<component>\s*<section>(?:(?!</section>).)*1\.2\.250\.1\.213\.1\.1\.2\.35.*?</section>\s*</component>"
    return re.sub(section, "", text, count=1, flags=re.DOTALL)


FAULTS: dict[str, tuple[Callable[[str], str], bool]] = {
    "CDA-TYPEID": (lambda text: text.replace("POCD_HD000040", "POCD_HD000041"), False),
    "INS-ABSENT": (without_ins, True),
    "INS-KEY": (other_key, True),
    "CDA-SCHEMA-ORDER": (title_late, False),
    "LDL-SES-SECTION-STATUS": (no_status, False),
    "CDA-DTD": (lambda text: text.replace("?>", "?><!DOCTYPE ClinicalDocument>", 1), False),
}


def test_the_letter_itself_is_right() -> None:
    verdict = judge(letter().encode(), Mode.SANDBOX)
    assert verdict.valid


@pytest.mark.parametrize("rule", FAULTS)
def test_each_fault_has_its_message(rule: str) -> None:
    change, conformant = FAULTS[rule]
    text = letter()
    assert change(text) != text
    verdict = judge(change(text).encode(), Mode.SANDBOX)
    assert rule in verdict.report.rules()
    assert verdict.report.conformant is conformant
    assert f"`{rule}`" in PAGE
