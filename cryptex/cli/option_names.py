"""What the node, or the SDK, turns away as a field of a request, in the words in which a person typed it."""

import re
from typing import TYPE_CHECKING, Final

from cryptex.cli.environment import TRUST_VARIABLE
from cryptex.cli.faults import Fault
from cryptex.protocol.problems import CATALOGUE, Code

if TYPE_CHECKING:
    import typer

_TRUST: Final = "trust"
"""An option that all commands have."""

_PARAMETERS: Final = {
    "address": ("address", "allow"),
    "allowed_addresses": ("allow",),
    "duration": ("duration",),
    "expires_at": ("expires",),
    "quote_size": ("size",),
    "self_trade_prevention": ("stp",),
    "stop_price": ("stop",),
    "time_in_force": ("tif",),
    "trust": ("fingerprint", _TRUST),
    "username": ("name",),
}
"""Parameters that are called otherwise than the field that they fill; the first that a command has counts."""

_FIELD: Final = re.compile(r"(?<![\w-])[a-z]+(?:_[a-z]+)*(?![\w-])")
_PHRASES: Final = (
    (re.compile(r"(\S+): expected `str` of length >= 1\Z"), r"\1 must not be empty"),
    (re.compile(r"(\S+): expected `str` of length <= (\d+)\Z"), r"\1 must be at most \2 characters long"),
    (re.compile(r"(--\S+) are addresses, or networks such as"), r"\1 takes an address, or a network such as"),
)
"""What is said to programs, and what people read instead."""


def name_options(fault: Fault, context: "typer.Context", is_trust_given: bool) -> None:
    """Name the option or argument instead of the field, and its help instead of a request to be sent again.

    `is_trust_given` says that a wrong fingerprint was not that of the environment.
    """
    if fault.code != Code.INVALID_REQUEST.value:
        return
    field = str(fault.details.get("field") or "")
    spelled = _spelled(context)
    if spelled.get(_TRUST) == "--trust" and not is_trust_given:
        spelled[_TRUST] = TRUST_VARIABLE

    def named(word: re.Match[str]) -> str:
        is_field = "_" in word[0] or (word[0] == field and word.start() == 0)  # others may be plain English
        return spelled.get(word[0], word[0]) if is_field else word[0]

    fault.message = _FIELD.sub(named, fault.message)
    for programs, people in _PHRASES:
        fault.message = programs.sub(people, fault.message)
    if fault.suggestion == CATALOGUE[Code.INVALID_REQUEST].suggestion:
        what = f"Correct {spelled[field]}: " if field in spelled else ""
        fault.suggestion = f"{what}`{context.command_path} --help` says how it is written."


def _spelled(context: "typer.Context") -> dict[str, str]:
    """Return how this command spells each field that one of its parameters fills."""
    own = {each.name: _spelling(each) for each in context.command.params if each.name}
    found = dict(own)
    for field, names in _PARAMETERS.items():
        for name in reversed(names):
            found[field] = own.get(name, found.get(field, field))
    return found


def _spelling(parameter: object) -> str:
    """Return an option as it is typed in full, or what help calls an argument."""
    if getattr(parameter, "param_type_name", "") == "argument":
        return str(getattr(parameter, "metavar", None) or getattr(parameter, "name", "")).upper()
    options: list[str] = getattr(parameter, "opts", [])
    return max(options, key=len, default="")
