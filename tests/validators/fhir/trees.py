"""Plain values made comparable: exact decimals as text, narratives in one spelling."""

from __future__ import annotations

from typing import Any

from jiter import LosslessFloat
from lxml import etree


def comparable(value: Any, key: str = "") -> Any:
    """The value with what has no useful `==` replaced by something that has."""
    if isinstance(value, dict):
        return {name: comparable(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if isinstance(value, LosslessFloat):
        return "decimal", str(value)
    if key == "div" and isinstance(value, str):
        return etree.tostring(etree.fromstring(value), encoding="unicode")
    return value
