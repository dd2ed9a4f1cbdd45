"""What the SDK returns, as text again: amounts and times exactly as they came, for CSV files and for views."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec


def csv_row(model: msgspec.Struct) -> list[str]:
    """Return a row for `csv.writer`: a cell for each of the `__struct_fields__` of a fill, order, trade, candle ...

    Each says what `-o csv` prints: amounts are plain digits (Decimal itself writes 1.2E-7), and times end in Z.
    """
    return [cell_text(each) for each in as_text(model).values()]


def as_text(model: msgspec.Struct) -> dict[str, object]:
    """Return a model's fields as they stood in the node's JSON: amounts and times are text."""
    fields: dict[str, object] = msgspec.to_builtins(model, builtin_types=(Decimal, datetime))
    return {name: _as_text(value) for name, value in fields.items()}


def moment_text(moment: datetime) -> str:
    """Return a time as the node writes it: UTC, microseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def cell_text(value: object) -> str:
    """Return a value as the text of a cell: nothing is empty, a list is words, amounts by asset are `amount ASSET`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return " ".join(map(cell_text, value))
    if isinstance(value, dict):
        return " ".join(f"{cell_text(amount)} {asset}" for asset, amount in value.items())
    return str(value)


def _as_text(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, dict):
        return {name: _as_text(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_as_text(each) for each in value]
    return value
