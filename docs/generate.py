"""Writes the reference pages that the code already knows: rules, measures, settings, commands, kinds, facts.

Run as `python docs/generate.py`; with `--check` nothing is written and a page that differs makes it fail.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).parent / "reference"
NOTICE = "<!-- Written by docs/generate.py; change the code, then run it again. -->"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or say which are out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page differs")
    check = parser.parse_args(arguments).check
    made = pages()
    stale = [name for name, text in made.items() if _differs(REFERENCE / name, text)]
    for name in stale:
        if not check:
            (REFERENCE / name).parent.mkdir(exist_ok=True)
            (REFERENCE / name).write_text(made[name], encoding="utf-8")
        sys.stdout.write(f"{'out of date' if check else 'written'}: docs/reference/{name}\n")
    left = [path for path in sorted((REFERENCE / "rules").glob("*.md")) if f"rules/{path.name}" not in made]
    for path in left:
        if not check:
            path.unlink()
        sys.stdout.write(f"{'no area of this name' if check else 'removed'}: docs/reference/rules/{path.name}\n")
    return 1 if check and (stale or left) else 0


def _differs(path: Path, text: str) -> bool:
    return not path.exists() or path.read_text(encoding="utf-8") != text


def pages() -> dict[str, str]:
    """Every generated page by file name."""
    every = PAGES | rules_pages()
    return {name: "\n".join([NOTICE, "", *make()]).rstrip() + "\n" for name, make in every.items()}


# -- Markdown ------------------------------------------------------------------------------------------------------


def words(text: str) -> str:
    """Plain words, with what Markdown or HTML would take for itself made harmless; `code` stays code."""
    pieces = " ".join(text.split()).split("`")
    return "`".join(_harmless(piece) if index % 2 == 0 else piece for index, piece in enumerate(pieces))


def _harmless(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for sign in ("*", "_", "|", "[", "]"):
        escaped = escaped.replace(sign, f"\\{sign}")
    return escaped


def code(text: object) -> str:
    """Code in a line of text."""
    return f"`{text}`" if str(text) else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A Markdown table."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + "|".join("---" for _ in head) + "|"
    for row in rows:
        yield "| " + " | ".join(cell.replace("\n", " ") for cell in row) + " |"
    yield ""


# -- rules ---------------------------------------------------------------------------------------------------------


def rules_index() -> Iterator[str]:
    """What a rule is, and the page of each area."""
    from validators.messages.pages import pages as areas

    yield from (
        "# Rules", "",
        "Each finding names its rule. An id never changes meaning: ids are only added.", "",
        "A *conformity* rule of severity error (fatal, where a document cannot be read at all) refuses the submission.",
        "A *programme* rule of severity error lets it in, uncounted. Warnings and information cost nothing.",
        "The severity given is the catalogue's; the mode of the server changes it for the two rules that",
        "[identity levels](../../explanation/identity.md) names. Words between braces are filled in from the document.",
        "",
    )  # fmt: skip
    heads = ("Area", "What it looks at", "Rules", "Ids that start with")
    yield from table(
        heads,
        (
            [f"[{page.title}]({page.name}.md)", page.about, str(len(rows)), ", ".join(map(code, page.prefixes))]
            for page, rows in areas().items()
        ),
    )
    yield from _renames()


def _renames() -> Iterator[str]:
    from validators.messages import RENAMED

    yield from ("", "## Ids no longer used", "", "What said the same then is now said by another rule.", "")
    yield from table(("Formerly", "Now"), ([code(old), code(new)] for old, new in sorted(RENAMED.items())))


def rules_pages() -> dict[str, Callable[[], Iterator[str]]]:
    """The page of each area, by file name."""
    from functools import partial

    from validators.messages.pages import pages as areas

    return {f"rules/{page.name}.md": partial(_rules_page, page, rows) for page, rows in areas().items()}


def _rules_page(page: Any, rows: Sequence[Any]) -> Iterator[str]:
    """Every rule of an area, under a heading that is its id: the anchor that links point at."""
    yield from (f"# {page.title}", "", page.about, "", "How to read a rule: [the index](index.md).", "")
    heads = ("Rule", "Severity", "Scope", "FHIR issue type")
    yield from table(
        heads, ([f"[{r.id}](#{r.id.lower()})", r.severity.value, r.scope.value, code(r.code)] for r in rows)
    )
    for row in rows:
        yield from (f"## {row.id}", "", f"{row.severity.value}, {row.scope.value} · {words(row.source)}", "")
        yield from (f"> fr: {words(row.fr)}", ">", f"> en: {words(row.en)}", "")


# -- measures ------------------------------------------------------------------------------------------------------


def measures_page() -> Iterator[str]:
    """Every indicator with its words."""
    from indicators.measures import MEASURES

    yield from (
        "# Measures", "",
        "What is counted, in the words the product itself shows. How a document or a stay gets there is told in",
        "[counting](../explanation/counting.md); every measure is also a FHIR resource at `/fhir/Measure/ID`.", "",
    )  # fmt: skip
    for name, found in sorted(MEASURES.items()):
        info = found.info
        yield from (f"## {name}", "", f"**{words(info.title_en)}** ({words(info.title_fr)})", "")
        rows = [
            ("kind", info.kind), ("one unit is", words(info.unit)), ("counted once by", words(info.key)),
            ("attributed by", ", ".join(code(part.strip()) for part in info.attributed_by.split(","))),
            ("left out", words(info.excluded)), ("split by", words(info.part)), ("reading", words(info.convention)),
            ("FHIR subject", code(info.subject)), ("source", words(info.source)),
        ]  # fmt: skip
        yield from table(("", ""), [row for row in rows if row[1]])
        yield from (f"> fr: {words(info.definition_fr)}", ">", f"> en: {words(info.definition_en)}", "")


# -- programmes ----------------------------------------------------------------------------------------------------


def programmes_page() -> Iterator[str]:
    """Every programme: its rules, state machines and parameters."""
    sys.path.insert(0, str(Path(__file__).parent))
    import generate_programmes

    yield from generate_programmes.programmes_page(sys.modules[__name__])


# -- search parameters ---------------------------------------------------------------------------------------------


def search_page() -> Iterator[str]:
    """The parameters that resources are found by."""
    sys.path.insert(0, str(Path(__file__).parent))
    import generate_search

    yield from generate_search.search_page(sys.modules[__name__])


# -- settings ------------------------------------------------------------------------------------------------------


def settings_page() -> Iterator[str]:
    """Every setting of the server."""
    from fhir_server.settings import Settings

    options = {o for parameter in _commands()["serve"].params for o in parameter.opts}
    yield from (
        "# Settings", "",
        "An option of [`segur serve`](command-line.md#segur-serve) wins over the environment, the environment over the",
        "file given with `--config` (lines of `SEGUR_NAME=value`). Sizes are in bytes, times in seconds.", "",
    )  # fmt: skip
    rows = []
    for name, field in Settings.model_fields.items():
        default = "one a core" if field.default_factory is not None else _default(field.default)
        option = f"--{name.replace('_', '-')}"
        bounds = ", ".join(str(bound) for bound in field.metadata).replace("Ge(ge=", "≥ ").replace("Le(le=", "≤ ")
        bounds = bounds.replace("Gt(gt=", "> ").replace(")", "")
        rows.append([
            code(f"SEGUR_{name.upper()}"), code(option) if option in options else "", default, bounds,
            words(field.description or ""),
        ])  # fmt: skip
    yield from table(("Variable", "Option", "Default", "Bounds", "What it does"), rows)


def _default(value: object) -> str:
    if value is None or value == ():
        return ""
    return code(value.value if isinstance(value, Enum) else str(value).lower() if isinstance(value, bool) else value)


# -- command line --------------------------------------------------------------------------------------------------


def _commands() -> dict[str, Any]:
    """Every command by its words: `serve`, `indicators compute`."""
    import typer

    from fhir_server.cli.app import tree

    found: dict[str, Any] = {}

    def walk(command: Any, path: tuple[str, ...]) -> None:
        for name, child in getattr(command, "commands", {}).items():
            walk(child, (*path, name))
        if not hasattr(command, "commands"):
            found[" ".join(path)] = command

    walk(typer.main.get_command(tree()), ())
    return found


def command_page() -> Iterator[str]:
    """Every command with its arguments and options."""
    yield from (
        "# Command line", "",
        "Exit codes: 0 done, valid or accepted; 1 invalid, refused or failed; 2 usage, missing file or transport.",
        "A database that is absent or empty is created; one of an older schema stops the command, which then names",
        "`segur db upgrade`.", "",
    )  # fmt: skip
    for name, command in sorted(_commands().items()):
        paragraphs = [" ".join(part.split()) for part in (command.help or "").split("\n\n")]
        yield from (f"## segur {name}", "")
        for text in paragraphs:
            example = text.removeprefix("Example: ")
            yield from (("```bash", example, "```", "") if example != text else (words(text), ""))
        yield from table(("Parameter", "Default", "Environment", "What it does"), map(_parameter, command.params))


def _parameter(found: Any) -> list[str]:
    argument = found.param_type_name == "argument"
    names = [found.metavar or found.name.upper()] if argument else [*found.opts, *found.secondary_opts]
    shown = ", ".join(code(name) for name in names)
    flag = not argument and found.is_flag
    if not argument and not flag:
        shown += f" {_metavar(found)}"
    default = "required" if found.required else "" if flag and not found.default else _default(found.default)
    more = ", may be repeated" if found.multiple else ""
    variable = code(found.envvar) if found.envvar else ""
    return [shown + more, default, variable, words(found.help or "")]


def _metavar(found: Any) -> str:
    annotation = found.type_descriptor.annotation
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " or ".join(code(member.value) for member in annotation)
    names = {"int": "number", "Path": "path", "str": "text"}
    return f"*{names.get(getattr(annotation, '__name__', ''), 'text')}*"


# -- document kinds ------------------------------------------------------------------------------------------------


def kinds_page() -> Iterator[str]:
    """Kinds, national models and type codes of the registry."""
    from validators.documents import registry

    known = registry()
    yield from (
        "# Document kinds", "",
        "A kind is what a funding programme calls a document. The type code decides, at level 1 as at level 3; where a",
        "code is shared with other documents, the model (template) or the format code has to prove the kind.", "",
    )  # fmt: skip
    rows = [
        [f"[{k.code}](#{k.code.lower()})", words(k.name_en), ", ".join(k.programmes), "yes" if k.needs_stay else "no"]
        for k in known.kinds.values()
    ]
    yield from table(("Kind", "What it is", "Programmes", "Counted against a stay"), rows)
    for kind in known.kinds.values():
        yield from (f"## {kind.code}", "", f"{words(kind.name_en)} ({words(kind.name_fr)}).", "")
        facts = [
            ("type codes", ", ".join(map(code, kind.type_codes))),
            ("models", ", ".join(f"{words(known.models[r].name)} {code(r)}" for r in kind.model_roots)),
            ("format codes", ", ".join(map(code, kind.format_codes))),
            ("model needed", "yes: the type code alone does not tell" if kind.model_required else "no"),
            ("title words", ", ".join(kind.title_words)),
            ("body rules", words(kind.note)),
        ]
        yield from table(("", ""), [fact for fact in facts if fact[1]])
    yield from _models(known)


def _models(known: Any) -> Iterator[str]:
    yield from ("## National models", "")
    heads = ("Model", "Template root", "Versions", "Type codes", "Format code")
    rows = [
        [words(m.name), code(m.root), ", ".join(v or "none written" for v in m.versions), ", ".join(m.codes),
         code(m.format_code)]
        for m in known.models.values()
    ]  # fmt: skip
    yield from table(heads, rows)
    yield from ("## Level 1 payloads", "")
    yield from table(("Media type", "Format code"), ([code(m), code(f)] for m, f in known.media.items()))
    yield from ("## Type codes", "")
    types = ([code(t.code), code(t.system), code(t.class_code), words(t.name_fr)] for t in known.types.values())
    yield from table(("Code", "Code system", "Class", "French name"), types)


# -- facts ---------------------------------------------------------------------------------------------------------


def facts_page() -> Iterator[str]:
    """The fact tables and their columns."""
    from indicators.facts import PARTITIONED, TABLES, columns

    yield from (
        "# Facts", "",
        "The tables every indicator is counted from, in the database and as Parquet (`segur indicators export-facts`).",
        "Stay and patient keys are pseudonyms; no identity stands in these tables. Dates are days in Europe/Paris,",
        "months are numbers such as 202603. In an export a partitioned table is `DIR/TABLE/month=202603/*.parquet`,",
        "sorted by establishment.", "",
    )  # fmt: skip
    for name, kind in TABLES.items():
        yield from (f"## {name}", "", words((kind.__doc__ or "").replace("`", "")), "")
        yield from ("Partitioned by month." if name in PARTITIONED else "Not partitioned.", "")
        rows = [
            [code(c.name), c.kind, "yes" if c.nullable else "", "extra: a folder may lack it" if c.extra else ""]
            for c in columns(name)
        ]
        yield from table(("Column", "Type", "May be null", ""), rows)


# -- declared data -------------------------------------------------------------------------------------------------


def declared_page() -> Iterator[str]:
    """The files of declared data and their columns."""
    from indicators.imports import SHAPES, explained

    yield from (
        "# Declared data", "",
        "What an establishment, an editor or the DMP has to tell, because no document says it. A file is CSV (UTF-8,",
        "comma or semicolon) or XLSX (its first sheet), with these columns by name, in any order. It is taken whole or",
        "not at all: every error is told with its line. `segur indicators import-template KIND --out FILE` writes an",
        "empty one, `segur indicators check-import KIND FILE` reads one without storing anything.", "",
        "In a workbook, identifiers have to be text: a number has already lost its leading zeros, and is refused.", "",
    )  # fmt: skip
    for shape in SHAPES.values():
        yield from (f"## {shape.id}", "", f"{words(shape.title_en)} ({words(shape.title_fr)}).", "")
        yield from (f"No two rows share {', '.join(code(name) for name in shape.key)}.", "")
        rows = (
            [code(name), required, words(holds), words(means), words(example)]
            for name, required, holds, means, example in explained(shape, "en")
        )
        yield from table(("Column", "Required", "Holds", "What it is", "Example"), rows)


# -- imports -------------------------------------------------------------------------------------------------------


def imports_page() -> Iterator[str]:
    """The files of `segur import` that are no declared data: establishments, mailboxes, journals."""
    from fhir_server.imports import MAILBOXES, ORGANIZATIONS
    from fhir_server.intake.journal import ABOUT, COLUMNS

    yield from (
        "# Tables and journals", "",
        "What `segur import` takes beside [declared data](declared-data.md). Every file is taken whole or not at all;",
        "`segur import template KIND` writes an empty one, `--dry-run` tries one.", "",
    )  # fmt: skip
    heads = ("Column", "Required", "Holds", "What it is", "Example")
    for shape in (ORGANIZATIONS, MAILBOXES):
        yield from (f"## {shape.id}", "", f"{words(shape.title_en)} ({words(shape.title_fr)}).", "")
        rows = (
            [code(c.name), "yes" if c.required else "", ", ".join(map(code, c.choices)) or c.kind, words(c.en),
             words(c.example)]
            for c in shape.columns
        )  # fmt: skip
        yield from table(heads, rows)
    yield from (
        "## mssante", "",
        "Journal of MSSanté messages (journal de messages MSSanté): CSV with exactly these columns in this order,",
        "semicolons, UTF-8; or NDJSON with these names, where what may be several is a list of texts.", "",
    )  # fmt: skip
    yield from table(("Column", "What it holds", "Ce qu'elle contient"), (
        [code(name), words(ABOUT[name][1]), words(ABOUT[name][0])] for name in COLUMNS
    ))  # fmt: skip


# -- files of the programmes ---------------------------------------------------------------------------------------


def programme_files_page() -> Iterator[str]:
    """What the programmes take in and give out as files."""
    from datetime import date

    from indicators.imports import explained
    from indicators.programmes.cadre_commun.exports import half_yearly_report
    from indicators.programmes.dates import Period
    from indicators.programmes.esms_numerique.exports import dashboard
    from indicators.programmes.imports import PROGRAMME_SHAPES
    from indicators.programmes.payment_orders import payment_orders
    from indicators.programmes.sun_es_volet1.exports import candidature_table, follow_up_table, osis_table

    yield from (
        "# Files of the programmes", "",
        "How to use them: [bring the data of the programmes in](../how-to/programme-data.md).", "",
        "## Imports", "",
        "CSV, XLSX or a JSON list of objects with these names, taken by `segur import KIND` whole or not at all; the",
        "same file twice changes nothing.", "",
    )  # fmt: skip
    for shape in PROGRAMME_SHAPES.values():
        yield from (f"### {shape.id}", "", f"{words(shape.title_en)} ({words(shape.title_fr)}).", "")
        yield from (f"No two rows share {', '.join(code(name) for name in shape.key)}.", "")
        rows = ([code(row[0]), *map(words, row[1:])] for row in explained(shape, "en"))
        yield from table(("Column", "Required", "Holds", "What it is", "Example"), rows)
    yield from ("## Exports", "", "Written by `segur programmes export KIND`.", "")
    day = date(2022, 1, 1)
    made = (candidature_table([]), follow_up_table([], {}), osis_table([], Period(day, day)),
            half_yearly_report("", "2016-S1", []), dashboard([], [], day), payment_orders([]))  # fmt: skip
    for one in made:
        yield from (f"### {one.id}", "", f"{words(one.title_en)} ({words(one.title_fr)}).", "")
        yield from table(("Column", "Holds", "What it is"), ([code(f.name), f.kind, words(f.en)] for f in one.fields))


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "rules/index.md": rules_index,
    "measures.md": measures_page,
    "programmes.md": programmes_page,
    "settings.md": settings_page,
    "command-line.md": command_page,
    "document-kinds.md": kinds_page,
    "facts.md": facts_page,
    "declared-data.md": declared_page,
    "imports.md": imports_page,
    "programme-files.md": programme_files_page,
    "search.md": search_page,
}

if __name__ == "__main__":
    raise SystemExit(main())
