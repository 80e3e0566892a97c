"""Facts as Parquet: one folder a month where the table has one, rows sorted by establishment, and a manifest.

An export is brought up to date month by month. A source says in what state each month is; a month in the state that the
manifest remembers is neither read nor written.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from indicators.facts import PARTITIONED, TABLES, FactsError, columns, schema

if TYPE_CHECKING:
    import pyarrow as pa

MANIFEST = "manifest.json"
_NO_MONTH = "__HIVE_DEFAULT_PARTITION__"


class MonthlyFacts(Protocol):
    """Where an export takes its rows from, a month at a time."""

    def states(self, table: str) -> Mapping[int | None, str]:
        """The months that have rows, each with a text that changes whenever one of its rows does.

        A table that is not partitioned has one month, null, as have the rows of a partitioned one without a month.
        """
        ...

    def rows(self, table: str, month: int | None) -> pa.Table:
        """The rows of one month, in the contract's columns."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """One file of an export, as the manifest remembers it.

    `state` is what the source said of the month, `sha256` is of the file, `key_versions` are those of its pseudonyms.
    """

    table: str
    month: int | None
    rows: int
    sha256: str
    state: str
    key_versions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """What an export did: every part of the folder, and those that were written or removed this time."""

    parts: tuple[Part, ...]
    written: tuple[Part, ...]
    removed: tuple[Part, ...]

    def rows(self, table: str) -> int:
        """How many rows of a table the folder holds."""
        return sum(part.rows for part in self.parts if part.table == table)


def export(source: MonthlyFacts, directory: Path | str, *, fresh: bool = False, since: int | None = None) -> Export:
    """Bring a folder up to date with a source.

    Args:
        source: where the rows are.
        directory: the folder, made when it is absent.
        fresh: write every month again, whatever the manifest remembers.
        since: months before this one (yyyymm) stay as the manifest remembers them, whatever the source says.

    Raises:
        FactsError: the manifest cannot be read, or a column of the contract is missing.
    """
    root = Path(directory)
    known = {} if fresh else {(part.table, part.month): part for part in read_manifest(root)}
    settled = [part for part in known.values() if since and part.month and part.month < since]
    parts, written = [*settled], []
    kept = {_folder(root, part.table, part.month) for part in settled}
    for table in TABLES:
        for month, state in sorted(source.states(table).items(), key=lambda pair: pair[0] or 0):
            if since and month and month < since:
                continue
            part = known.get((table, month))
            path = _folder(root, table, month) / "part-0.parquet"
            if part is None or part.state != state or not path.is_file():
                part = _write(table, month, state, source.rows(table, month), path)
                written.append(part)
            kept.add(path.parent)
            parts.append(part)
    _sweep(root, kept)
    removed = [part for key, part in known.items() if key not in {(one.table, one.month) for one in parts}]
    _write_manifest(root, parts)
    return Export(tuple(parts), tuple(written), tuple(removed))


def read_manifest(directory: Path | str) -> tuple[Part, ...]:
    """The parts of an export; none where there is no manifest. Raises `FactsError` when it is not one."""
    path = Path(directory) / MANIFEST
    if not path.is_file():
        return ()
    try:
        told = json.loads(path.read_text(encoding="utf-8"))["parts"]
        return tuple(Part(**{**part, "key_versions": tuple(part["key_versions"])}) for part in told)
    except (ValueError, TypeError, KeyError) as error:
        raise FactsError(f"{path}: not a manifest of an export: {error}") from error


def verify(directory: Path | str) -> list[str]:
    """What of an export is not as its manifest says: one line a file that is gone or was changed."""
    root, found = Path(directory), []
    for part in read_manifest(root):
        path = _folder(root, part.table, part.month) / "part-0.parquet"
        if not path.is_file():
            found.append(f"{path.relative_to(root)}: missing")
        elif _sha256(path) != part.sha256:
            found.append(f"{path.relative_to(root)}: changed since the export")
    return found


def write_parquet(tables: Mapping[str, pa.Table], directory: Path | str) -> Export:
    """Write whole fact tables as an export; tables not given are emptied.

    Raises `FactsError` when a column of the contract is missing.
    """
    return export(_Whole({name: conformed(name, table) for name, table in tables.items()}), directory, fresh=True)


@dataclass(frozen=True, slots=True)
class _Whole:
    """Tables in memory as a source."""

    tables: Mapping[str, pa.Table]

    def states(self, table: str) -> dict[int | None, str]:
        import pyarrow.compute as pc

        if table not in self.tables:
            return {}
        if table not in PARTITIONED:
            return {None: ""}
        return dict.fromkeys(pc.unique(self.tables[table]["month"]).to_pylist(), "")

    def rows(self, table: str, month: int | None) -> pa.Table:
        import pyarrow.compute as pc

        found = self.tables[table]
        if table not in PARTITIONED:
            return found
        return found.filter(pc.is_null(found["month"]) if month is None else pc.equal(found["month"], month))


def conformed(name: str, table: pa.Table) -> pa.Table:
    """A table with the contract's columns and types; extras it lacks are null.

    Raises `FactsError` when a column of the contract is missing.
    """
    import pyarrow as pa

    wanted = schema(name)
    missing = [c.name for c in columns(name) if c.name not in table.column_names and not c.extra]
    if missing:
        raise FactsError(f"fact table {name} lacks the columns: {', '.join(missing)}")
    for field in wanted:
        if field.name not in table.column_names:
            table = table.append_column(field, pa.nulls(len(table), field.type))
    return table.select(wanted.names).cast(wanted)


def _folder(root: Path, table: str, month: int | None) -> Path:
    if table not in PARTITIONED:
        return root / table
    return root / table / f"month={_NO_MONTH if month is None else month}"


def _write(table: str, month: int | None, state: str, rows: pa.Table, path: Path) -> Part:
    """Small row groups, so that one establishment in a sorted file is a few of them."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    rows = conformed(table, rows)
    key = columns(table)[0].name
    rows = rows.sort_by([(column, "ascending") for column in dict.fromkeys(("organization", key))])
    versions = pc.unique(rows["key_version"]).to_pylist() if "key_version" in rows.column_names else []
    if table in PARTITIONED:
        rows = rows.drop_columns(["month"])
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}")
    pq.write_table(rows, beside, compression="zstd", row_group_size=65_536)
    beside.replace(path)
    return Part(table, month, rows.num_rows, _sha256(path), state, tuple(sorted(versions)))


def _sweep(root: Path, kept: set[Path]) -> None:
    """Remove the months that no longer have rows, and files of another writer beside ours."""
    for folder in _month_folders(root):
        for path in folder.glob("*.parquet"):
            if folder not in kept or path.name != "part-0.parquet":
                path.unlink()
        if folder not in kept and not any(folder.iterdir()):
            shutil.rmtree(folder)


def _month_folders(root: Path) -> Iterator[Path]:
    for table in TABLES:
        folder = root / table
        if folder.is_dir():
            yield from (path for path in sorted(folder.glob("month=*")) if path.is_dir())
            yield folder


def _write_manifest(root: Path, parts: list[Part]) -> None:
    root.mkdir(parents=True, exist_ok=True)
    told: dict[str, Any] = {"format": 1, "parts": [asdict(part) for part in parts]}
    beside = root / f".{MANIFEST}"
    beside.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    beside.replace(root / MANIFEST)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
