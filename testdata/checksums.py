"""Control keys of the national identifiers: FINESS and RPPS (Luhn), matricule INS (97 complement)."""

from __future__ import annotations


def luhn_key(digits: str) -> str:
    """The digit that makes `digits` + key pass the Luhn test; FINESS and RPPS both end with it."""
    total = 0
    for rank, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if rank % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def with_luhn(digits: str) -> str:
    """`digits` followed by its Luhn key."""
    return digits + luhn_key(digits)


def ins_key(number: str) -> str:
    """Key of the first 13 characters of a matricule: 97 - N mod 97, with 2A read as 19 and 2B as 18 (NIR rule)."""
    return f"{97 - int(number.replace('2A', '19').replace('2B', '18')) % 97:02d}"
