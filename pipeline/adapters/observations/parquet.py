"""Observations as Parquet files, one a table, for whoever wants to look at them with other tools."""

import sqlite3
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import ToolFailed

BATCH = 50_000

_TIME = pa.timestamp("ms", tz="UTC")
_TEXT, _NUMBER, _COUNT = pa.string(), pa.float64(), pa.int64()
_WHOSE = {"strategy": _TEXT, "bundle": _TEXT, "currency": _TEXT}
_SAMPLES = {
    **_WHOSE, "at": _TIME, "state": _TEXT, "balance": _NUMBER, "equity": _NUMBER, "open_trades": _COUNT, "closed_trades": _COUNT, "wins": _COUNT,
    "fees": _NUMBER, "slippage_ratio": _NUMBER, "looped_at": _TIME, "errors": _COUNT,
}  # fmt: skip
_TRADES = {
    **_WHOSE, "pair": _TEXT, "opened_at": _TIME, "closed_at": _TIME, "open_rate": _NUMBER, "close_rate": _NUMBER, "amount": _NUMBER,
    "stake": _NUMBER, "fee_open_ratio": _NUMBER, "fee_close_ratio": _NUMBER, "profit": _NUMBER, "profit_ratio": _NUMBER, "enter_tag": _TEXT,
    "exit_reason": _TEXT, "fills": _TEXT,
}  # fmt: skip
_GAPS = {"strategy": _TEXT, "bundle": _TEXT, "since": _TIME, "until": _TIME, "reason": _TEXT}
TABLES = {
    "samples": (
        _SAMPLES,
        "samples JOIN series ON series.id = samples.series JOIN states ON states.id = samples.state ORDER BY series.id, at",
    ),
    "trades": (_TRADES, "trades JOIN series ON series.id = trades.series ORDER BY series.id, opened_at"),
    "gaps": (_GAPS, "gaps ORDER BY since, until"),
}


def export(database: sqlite3.Connection, folder: Path) -> tuple[Path, ...]:
    """Write each table whole or not at all; raises ToolFailed where the disk is full or the folder not writable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tuple(_write(database, name, folder) for name in TABLES)
    except OSError as error:
        raise ToolFailed(
            f"the export to {folder} failed: {error}", hint="make room on the disk, or choose another folder"
        ) from error


def _write(database: sqlite3.Connection, name: str, folder: Path) -> Path:
    columns, rows_of = TABLES[name]
    schema = pa.schema(list(columns.items()))
    asked = ", ".join("states.name" if column == "state" else column for column in columns)
    path, aside = folder / f"{name}.parquet", folder / f".{name}.parquet.new"
    try:
        with pq.ParquetWriter(aside, schema, compression="zstd") as writer:
            found = database.execute(f"SELECT {asked} FROM {rows_of}")
            while rows := found.fetchmany(BATCH):
                arrays = [
                    pa.array(values, kind)
                    for values, kind in zip(zip(*rows, strict=True), columns.values(), strict=True)
                ]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return path
