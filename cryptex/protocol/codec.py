"""Encoders and decoders, built once; and the turning of decode errors into problems that name the field."""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Final, Literal, TypeVar, get_args, get_origin

import msgspec

from cryptex.protocol.commands import Stamped
from cryptex.protocol.problems import Code, Refusal

T = TypeVar("T")


_json_encoder: Final = msgspec.json.Encoder()
_batch_encoder: Final = msgspec.msgpack.Encoder()
_batch_decoder: Final = msgspec.msgpack.Decoder(list[Stamped])
_FIELD: Final = re.compile(r" - at `\$\.?([^`]*)`$")
_NAME: Final = re.compile(r"\w+")
_NOT_OF_THE_WORDS: Final = "invalid enum value"
_NOT_PRINTABLE: Final = r"matching regex '^[\\x20-\\x7e]+\\Z'"
_UNKNOWN_FIELD: Final = re.compile(r"unknown field `([^`]*)`|missing required field `([^`]*)`")

encode_json = _json_encoder.encode
"""Return a view or message as JSON bytes."""

encode_batch = _batch_encoder.encode
"""Return a batch of stamped commands as msgpack bytes."""

decode_batch = _batch_decoder.decode
"""Return the stamped commands in msgpack bytes."""


def decode_form(decoder: msgspec.json.Decoder[T], data: bytes | str | msgspec.Raw) -> T:
    """Return the request in `data`. Raises Refusal(invalid_request) that names the `field` that is not of its form."""
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise _form_refusal(str(error), decoder.type) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal(Code.INVALID_REQUEST, "this is not valid JSON") from None


def _form_refusal(message: str, form: object) -> Refusal:
    named = _UNKNOWN_FIELD.search(message)
    at = _FIELD.search(message)
    path = at.group(1) if at else ""
    if named:
        name = named.group(1) or named.group(2)
        path = f"{path}.{name}" if path else name
    detail = _FIELD.sub("", message)
    detail = detail[:1].lower() + detail[1:]
    if not path:
        return Refusal(Code.INVALID_REQUEST, detail)
    if detail.startswith(_NOT_OF_THE_WORDS) and (words := list(_words_of(form, path))):
        return Refusal(Code.INVALID_REQUEST, f"{path} must be one of {', '.join(words)}", field=path)
    if _NOT_PRINTABLE in detail:
        return Refusal(Code.INVALID_REQUEST, f"{path} must be printable ASCII characters", field=path)
    return Refusal(Code.INVALID_REQUEST, detail if named else f"{path}: {detail}", field=path)


def _words_of(form: object, path: str) -> Iterator[str]:
    """Yield the words that a field, or each item of it, may be."""
    name = _NAME.match(path)
    if name is not None and isinstance(form, type) and issubclass(form, msgspec.Struct):
        for field in msgspec.structs.fields(form):
            if field.encode_name == name.group():
                yield from _words(field.type)


def _words(annotation: object) -> Iterator[str]:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        yield from (str(each.value) for each in annotation)
    elif get_origin(annotation) is Literal:
        yield from map(str, get_args(annotation))
    else:
        for each in get_args(annotation):
            yield from _words(each)
