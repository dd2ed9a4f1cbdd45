"""Encoders and decoders, built once; and the turning of decode errors into problems that name the field."""

import re
from typing import Final, TypeVar

import msgspec

from cryptex.protocol.commands import Stamped
from cryptex.protocol.problems import Code, Refusal

T = TypeVar("T")


_json_encoder: Final = msgspec.json.Encoder()
_batch_encoder: Final = msgspec.msgpack.Encoder()
_batch_decoder: Final = msgspec.msgpack.Decoder(list[Stamped])
_FIELD: Final = re.compile(r" - at `\$\.?([^`]*)`$")
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
        raise _form_refusal(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal(Code.INVALID_REQUEST, "this is not valid JSON") from None


def _form_refusal(message: str) -> Refusal:
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
    return Refusal(Code.INVALID_REQUEST, detail if named else f"{path}: {detail}", field=path)
