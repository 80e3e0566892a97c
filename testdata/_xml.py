"""Writes XML by nesting calls: `tag(name, *children, **attributes)`. Strings only, since letters come by thousands."""

from __future__ import annotations

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def escaped(value: str) -> str:
    """Text or attribute value, safe in both places."""
    return value.translate(_ENTITIES)


def tag(name: str, *children: str, xsi: str = "", **attributes: str) -> str:
    """An element; children are markup already, attribute values are escaped here, `xsi` is the `xsi:type`."""
    head = f'<{name} xsi:type="{xsi}"' if xsi else f"<{name}"
    for key, value in attributes.items():
        head += f' {key}="{escaped(value)}"'
    return f"{head}>{''.join(children)}</{name}>" if children else f"{head}/>"


def words(name: str, value: str, **attributes: str) -> str:
    """An element whose content is text."""
    return tag(name, escaped(value), **attributes)


def coded(code: tuple[str, str, str], *children: str, name: str = "code", xsi: str = "") -> str:
    """A coded element from (code, code system, display name)."""
    return tag(name, *children, xsi=xsi, code=code[0], codeSystem=code[1], displayName=code[2])
