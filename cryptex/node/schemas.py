"""JSON Schemas of the protocol's structs, as both documents carry them.

msgspec makes them from the structs. What a type cannot say is added by name: amounts and times are plain text in
Python, and one word always means one thing. Amounts of requests stay raw JSON there; here they are a decimal string
or a number.
"""

import inspect
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from msgspec import Raw

from cryptex.protocol.amounts import FRACTION_DIGITS_MAX, WHOLE_DIGITS_MAX
from cryptex.protocol.requests import BOOK_DEPTHS, Form

Json = dict[str, Any]  # what a JSON document is made of

REF: Final = "#/components/schemas/{name}"
AMOUNT: Final = "Amount"
DECIMAL: Final = "Decimal"
TIME: Final = "Time"

SHARED: Final[Mapping[str, Json]] = {
    AMOUNT: {
        "description": "An amount in a request: a decimal string, or a number that is read exactly as it is written.",
        "anyOf": [
            {
                "type": "string",
                "pattern": rf"^[0-9]{{1,{WHOLE_DIGITS_MAX}}}(\.[0-9]{{1,{FRACTION_DIGITS_MAX}}})?$",
            },
            {"type": "number", "minimum": 0, "exclusiveMaximum": 10**WHOLE_DIGITS_MAX},
        ],
        "examples": ["0.5"],
    },
    DECIMAL: {
        "description": "An amount in an answer: decimal text with the decimals of its tick, lot or asset.",
        "type": "string",
        "pattern": r"^-?[0-9]+(\.[0-9]+)?$",
        "examples": ["45000.00"],
    },
    TIME: {
        "description": "A time: RFC 3339 in UTC with microseconds.",
        "type": "string",
        "format": "date-time",
        "examples": ["2026-11-22T15:40:03.123456Z"],
    },
}
"""Schemas that many fields share."""

_DECIMALS: Final = frozenset(
    {
        "amount",
        "available",
        "average_price",
        "balance",
        "best_ask",
        "best_bid",
        "canceled_size",
        "change",
        "change_percent",
        "close",
        "fee",
        "filled",
        "held",
        "high",
        "indicative_price",
        "indicative_volume",
        "last",
        "lot_size",
        "low",
        "maker_fee",
        "min_notional",
        "open",
        "price",
        "price_band",
        "quote_size",
        "quote_volume",
        "remaining",
        "size",
        "stop_price",
        "taker_fee",
        "tick_size",
        "volume",
    }
)
_TIMES: Final = frozenset(
    {
        "time",
        "created_at",
        "updated_at",
        "expires_at",
        "last_used_at",
        "fires_at",
        "state_ends_at",
        "fresh_until",
        "enabled_at",
        "disabled_at",
        "usable_at",
        "ends_at",
    }
)
_DECIMALS_INSIDE: Final = frozenset({"fees", "bids", "asks"})
_ODD_ONES: Final[Mapping[tuple[str, str], str]] = {("CandleList", "next"): TIME}
"""Fields whose name means something else in their struct."""

_BARE: Final[Json] = {"type": "string"}


class _Amount:
    """Stands for raw JSON in the twins of forms."""


def reference(name: str) -> Json:
    """Return the schema that points to a component."""
    return {"$ref": REF.format(name=name)}


def components(types: Iterable[type]) -> dict[str, Json]:
    """Return the schemas of structs and of all that they name, and the shared ones, sorted by name."""
    twins = [_twin(each) for each in types if issubclass(each, msgspec.Struct)]
    _, found = msgspec.json.schema_components(twins, schema_hook=_hook, ref_template=REF)
    schemas = {name: _finished(name, schema) for name, schema in found.items()}
    return dict(sorted({**SHARED, **schemas}.items()))


def one_of(types: tuple[type, ...]) -> Json:
    """Return the schema of a value of one of these types."""
    schemas = [_schema(each) for each in types]
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _schema(each: type) -> Json:
    if issubclass(each, msgspec.Struct):
        return reference(each.__name__)
    return {"type": "string"} if each is str else {"type": "object"}


def _hook(each: type) -> Json:
    if each is _Amount:
        return reference(AMOUNT)
    raise NotImplementedError(each)


def _twin(each: type) -> type:
    """Return a form with its raw amounts named as amounts, any other struct as it is."""
    fields = msgspec.structs.fields(each)
    if all(field.type is not Raw for field in fields):
        return each
    twin_fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for field in fields:
        if field.type is not Raw:
            twin_fields.append((field.name, field.type) if field.required else (field.name, field.type, field.default))
        elif field.required:
            twin_fields.append((field.name, _Amount))
        else:
            twin_fields.append((field.name, _Amount | None, None))
    twin = msgspec.defstruct(each.__name__, twin_fields, bases=(Form,), frozen=True, kw_only=True)
    twin.__doc__ = each.__doc__
    return twin


def _finished(name: str, schema: Json) -> Json:
    """Return a component with what its type could not say."""
    schema["description"] = inspect.cleandoc(schema.get("description", ""))
    for field, each in schema.get("properties", {}).items():
        shared = _ODD_ONES.get((name, field)) or _shared(field)
        schema["properties"][field] = _portable(_replaced(each, shared, inside=field in _DECIMALS_INSIDE))
    if name == "SubscribeParams":
        schema["properties"]["depth"]["enum"] = [*BOOK_DEPTHS]
    return schema


def _shared(field: str) -> str:
    if field in _TIMES:
        return TIME
    return DECIMAL if field in _DECIMALS or field in _DECIMALS_INSIDE else ""


def _replaced(schema: Json, shared: str, *, inside: bool) -> Json:
    """Return a schema with its plain text, or that of its items, replaced by what the field's name means."""
    if not shared:
        return schema
    if not inside and schema.get("type") == "string":
        return {**schema, "format": "date-time"} if "maxLength" in schema else reference(shared)
    if "anyOf" in schema:
        return {**schema, "anyOf": [_replaced(each, shared, inside=inside) for each in schema["anyOf"]]}
    if inside:
        return _inside(schema, shared)
    return schema


def _inside(schema: Json, shared: str) -> Json:
    """Return a map, or a list of pairs, with its texts replaced."""
    if schema.get("additionalProperties") == _BARE:
        return {**schema, "additionalProperties": reference(shared)}
    if schema.get("type") == "array":
        pair = schema["items"]
        return {**schema, "items": {**pair, "prefixItems": [reference(shared) for _ in pair["prefixItems"]]}}
    return schema


def _portable(schema: Json) -> Json:
    r"""Return a schema whose patterns mean the same beyond Python: `\Z` is Python's own word for the very end."""
    if "pattern" in schema:
        return {**schema, "pattern": schema["pattern"].replace(r"\Z", "$")}
    if "anyOf" in schema:
        return {**schema, "anyOf": [_portable(each) for each in schema["anyOf"]]}
    return schema
