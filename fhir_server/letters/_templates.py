"""Templates an agency may edit, run in a sandbox: a fault is a place and a sentence, never a trace.

A file of the agency's folder stands in for the built-in one of the same name; the others stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

BUILT_IN: Final = Path(__file__).parent / "templates"
_MOST: Final = 10_000
"""The longest text, or the largest number, that a template may make by multiplying."""
MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "TEMPLATE_SYNTAX": ("écriture fautive : {detail}", "syntax error: {detail}"),
    "TEMPLATE_UNKNOWN_NAME": ("nom inconnu (et noms connus) : {detail}", "unknown name (and known ones): {detail}"),
    "TEMPLATE_UNSAFE": ("accès refusé : {detail}", "access refused: {detail}"),
    "TEMPLATE_MISSING": ("modèle introuvable : {detail}", "no such template: {detail}"),
    "TEMPLATE_FAILED": ("échec : {detail}", "failed: {detail}"),
}


class TemplateFault(ValueError):
    """What is wrong with a template: its file, the line (None: not known), a fixed code and what it is about."""

    def __init__(self, file: str, line: int | None, code: str, detail: str) -> None:
        super().__init__(f"{file}:{line or '?'}: {code} {detail}")
        self.file, self.line, self.code, self.detail = file, line, code, detail

    def message(self, lang: str = "fr") -> str:
        """One line in French or English."""
        fr, en = MESSAGES[self.code]
        said = (en if lang == "en" else fr).format_map({"detail": " ".join(self.detail.split())})
        place = f", {'line' if lang == 'en' else 'ligne'} {self.line}" if self.line else ""
        return f"{self.file}{place} {self.code}{':' if lang == 'en' else ' :'} {said}"


@dataclass(frozen=True, slots=True)
class Templates:
    """The built-in templates, with those of a folder in front. Raises `NotADirectoryError` on another thing."""

    folder: Path | None = None

    def __post_init__(self) -> None:
        if self.folder is not None and not self.folder.is_dir():
            raise NotADirectoryError(f"{self.folder}: not a folder of templates")

    def render(self, name: str, values: Mapping[str, Any]) -> str:
        """The page of a template. Raises `TemplateFault`."""
        environment = _environment(self.folder, values)
        try:
            return environment.get_template(name).render(values)
        except TemplateSyntaxError as error:
            raise TemplateFault(error.name or name, error.lineno, "TEMPLATE_SYNTAX", str(error.message)) from None
        except TemplateNotFound as error:
            raise TemplateFault(name, _line(error, name)[1], "TEMPLATE_MISSING", str(error.name)) from None
        except Exception as error:  # a template is somebody else's program: whatever it raises has a place in it
            file, line = _line(error, name)
            raise TemplateFault(file, line, _code(error), str(error) or type(error).__name__) from None


def built_in() -> Iterator[Path]:
    """The built-in templates, as a start for an agency's own."""
    yield from sorted(BUILT_IN.glob("*.html"))


class _Sandbox(ImmutableSandboxedEnvironment):
    """No attribute tricks, no changes to what is shown, and no text of a gigabyte by multiplication."""

    intercepted_binops = frozenset(("*", "**"))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Multiply what stays small. Raises `SecurityError`."""
        texts = [side for side in (left, right) if not isinstance(side, int | float)]
        size = max((len(side) for side in texts if hasattr(side, "__len__")), default=1)
        number = max((abs(side) for side in (left, right) if isinstance(side, int | float)), default=0)
        if size * number > _MOST or (operator == "**" and number > 100):
            raise SecurityError(f"{operator} makes more than {_MOST}")
        return super().call_binop(context, operator, left, right)


def _environment(folder: Path | None, values: Mapping[str, Any]) -> Environment:
    folders = [BUILT_IN] if folder is None else [folder, BUILT_IN]
    return _Sandbox(
        loader=ChoiceLoader([FileSystemLoader(one) for one in folders]), autoescape=True, cache_size=0,
        undefined=_naming(sorted(values)), trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def _naming(known: list[str]) -> type[StrictUndefined]:
    """An undefined that says what there is: the variables, or the parts of the variable that lacks one."""

    class Unknown(StrictUndefined):
        __slots__ = ()

        @property
        def _undefined_message(self) -> str:
            if self._undefined_hint:
                return self._undefined_hint
            there = sorted(self._undefined_obj) if isinstance(self._undefined_obj, dict) else known
            return f"{self._undefined_name} ({', '.join(there)})"

    return Unknown


def _code(error: Exception) -> str:
    if isinstance(error, SecurityError):
        return "TEMPLATE_UNSAFE"
    return "TEMPLATE_UNKNOWN_NAME" if isinstance(error, UndefinedError) else "TEMPLATE_FAILED"


def _line(error: Exception, name: str) -> tuple[str, int | None]:
    """The last place of the traceback that is in a template: jinja rewrites those frames to the template's lines."""
    found: tuple[str, int | None] = (name, None)
    step: TracebackType | None = error.__traceback__
    while step is not None:
        path = Path(step.tb_frame.f_code.co_filename)
        if path.suffix == ".html":
            found = (path.name, step.tb_lineno)
        step = step.tb_next
    return found
