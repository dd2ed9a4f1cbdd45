"""The files of a run, read row by row: what is wrong is refused with the file and the line. Numbers stay exact.

A file is CSV with a head line. Its columns are found by name, in any order; more columns are passed over.
"""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import msgspec

from cryptex.protocol.amounts import scaled
from cryptex.protocol.durations import duration_ns
from cryptex.protocol.problems import Code, Refusal, invalid
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND
from cryptex.sim.report.model import Run

ABSENT: Final = 0
"""Stands for a price that is not there: an empty side of the book, a market order. No price is zero."""

WHOLE_MAX: Final = 2**63 - 1
"""What a column of whole numbers can hold: prices and sizes are counted in 1e-8."""

SIGNS: Final = {"buy": 1, "sell": -1}

_WHOLE: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_TIME: Final = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,9}))?", re.ASCII)

T = TypeVar("T")


class InducedValue(NamedTuple):
    """What one unit is worth to one trader in one period, and what it was traded for; amounts in 1e-8."""

    period: int
    account: str
    sign: int
    """+1: of a buyer, -1: of a seller."""
    value: int
    price: int
    """ABSENT: the unit was not traded."""


def read_run(path: Path) -> Run:
    """Return run.json. Raises Refusal, with the file."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Run)
    except FileNotFoundError:
        raise invalid(path.name, f"{path} is not there: this is not the folder of a run") from None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise invalid(path.name, f"{path}: {error}") from None


def read_values(path: Path) -> list[InducedValue]:
    """Return the rows of values.csv, which a run of an induced-value scenario writes beside its trades.

    The columns are `period,account,side,value,price`. There is a row for **each unit** that a trader may trade in a
    period, whether it was traded or not: `period` counts from 1; `side` is buy or sell; `value` is the unit's limit, a
    decimal text: what it is worth to a buyer, or what it costs a seller; `price` is what that unit was traded for, or
    empty. A trade so stands in two rows, one of its buyer and one of its seller, with the same price. Rows may come
    in any order. Raises Refusal, with the file and the line.
    """
    return list(parsed_rows(path, ("period", "account", "side", "value", "price"), _induced_value))


def parsed_rows(path: Path, columns: Sequence[str], parse: Callable[[Sequence[str]], T]) -> Iterator[T]:
    """Yield what `parse` makes of the texts of `columns` in each row. Raises Refusal, with the file and the line."""
    for line, row in _rows(path, columns):
        try:
            parsed = parse(row)
        except (Refusal, ValueError) as error:
            raise _bad(path, line, str(error)) from None
        yield parsed


def time_ns(text: str) -> int:
    """Return seconds with up to 9 decimals as nanoseconds. Raises ValueError."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"timestamp must be seconds from the start with up to 9 decimals, not {text!r}")
    whole, fraction = match.groups()
    return int(whole) * NANOSECONDS_PER_SECOND + int((fraction or "").ljust(9, "0"))


def run_ns(run: Run) -> int:
    """Return how much market time a run had. Raises Refusal."""
    return time_ns(run.duration) if _TIME.fullmatch(run.duration) else duration_ns(run.duration)


def amount(text: str, field: str) -> int:
    """Return a price or a size above zero in 1e-8. Raises Refusal or ValueError."""
    units = scaled(text, field)
    if not 0 < units <= WHOLE_MAX:
        raise ValueError(f"{field} must be above 0 and at most {WHOLE_MAX} of 1e-8, not {text}")
    return units


def optional_amount(text: str, field: str) -> int:
    """Return a price in 1e-8, or ABSENT for an empty text. Raises Refusal or ValueError."""
    return amount(text, field) if text else ABSENT


def sign(text: str) -> int:
    """Return +1 for buy and -1 for sell. Raises ValueError."""
    if text not in SIGNS:
        raise ValueError(f"side must be buy or sell, not {text!r}")
    return SIGNS[text]


def whole(text: str, field: str) -> int:
    """Return a whole number. Raises ValueError."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{field} must be a whole number, not {text!r}")
    return int(text)


def _induced_value(row: Sequence[str]) -> InducedValue:
    period, account, side, value, price = row
    return InducedValue(
        whole(period, "period"), account, sign(side), amount(value, "value"), optional_amount(price, "price")
    )


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            head = next(reader, [])
            missing = [column for column in columns if column not in head]
            if missing:
                raise _bad(path, 1, f"the head line lacks {', '.join(missing)}")
            chosen = itemgetter(*map(head.index, columns))
            for row in reader:
                if len(row) != len(head):
                    raise _bad(path, reader.line_num, f"{len(row)} cells where the head line has {len(head)}")
                yield reader.line_num, chosen(row)
    except OSError as error:
        raise invalid(path.name, f"{path} cannot be read: {error.strerror}") from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise invalid(path.name, f"{path} is not a CSV file: {error}") from None


def _bad(path: Path, line: int, message: str) -> Refusal:
    return Refusal(Code.INVALID_REQUEST, f"{path}, line {line}: {message}", field=path.name, line=line)
