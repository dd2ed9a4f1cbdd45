"""Answers as rows: what `-o ndjson` and `-o csv` make of the JSON that a node gave.

NDJSON gives each object of a list in its own line, as it came. CSV gives the fields that this version knows, in a fixed
order, so that a file's head never depends on its rows; what is nested is written flat.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from cryptex.client.text import cell_text
from cryptex.protocol.printable import printable, printable_json

Record = dict[str, object]
"""An object of an answer."""


class Sheet(NamedTuple):
    """How an answer becomes rows.

    `columns` are CSV's. `name` is the list of objects in the answer; without it the answer itself is the one object.
    `flatten` makes CSV rows of an object that is not one row already.
    """

    columns: tuple[str, ...]
    name: str = ""
    flatten: Callable[[Record], Iterator[Record]] | None = None


def sheet_of(view: type[msgspec.Struct], name: str = "") -> Sheet:
    """Return the sheet of a view: a column for each of its fields."""
    return Sheet(view.__struct_fields__, name)


def ndjson(data: bytes, sheet: Sheet) -> str:
    """Return an answer as a JSON object a line."""
    if not sheet.name:
        return json_line(data)
    rows = msgspec.json.decode(data, type=dict[str, msgspec.Raw])[sheet.name]
    return "".join(json_line(bytes(row)) for row in msgspec.json.decode(rows, type=list[msgspec.Raw]))


def json_line(data: bytes) -> str:
    """Return a node's JSON as it came, ended by a newline; what a terminal would obey or hide is escaped in it."""
    return printable_json(data.decode("utf-8", "replace")) + "\n"


def csv_head(sheet: Sheet) -> str:
    """Return CSV's first line."""
    return _lines([sheet.columns])


def csv_rows(documents: Sequence[bytes], sheet: Sheet) -> str:
    """Return the lines of some answers in CSV, without the head."""
    rows = [
        [printable(cell_text(row.get(column))) for column in sheet.columns]
        for data in documents
        for record in _records(data, sheet)
        for row in (sheet.flatten(record) if sheet.flatten else (record,))
    ]
    return _lines(rows)


def _records(data: bytes, sheet: Sheet) -> list[Record]:
    if not sheet.name:
        return [msgspec.json.decode(data, type=Record)]
    rows = msgspec.json.decode(data, type=dict[str, msgspec.Raw])[sheet.name]
    return msgspec.json.decode(rows, type=list[Record])


def _lines(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
