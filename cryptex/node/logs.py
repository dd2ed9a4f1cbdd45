"""What a node says on stderr: a line an event, for people or as JSON, whoever said it and whatever is in it.

Everything goes through structlog's formatter, the lines of libraries too. Secrets and control characters are taken out
in one place, and what repeats itself is held back: a stranger's requests neither forge a line nor fill a disk.
"""

import logging
import os
import re
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, MutableMapping
from typing import Any, Final, TextIO

import msgspec
import structlog
from structlog.stdlib import ProcessorFormatter

from cryptex.protocol.printable import printable

JSON_VARIABLE: Final = "CRYPTEX_LOG_JSON"
"""Set for the processes of a node whose lines are JSON."""

LINE_CHARS_MAX: Final = 8192
"""Of one value of a line; a traceback's end says most, so of a longer one the beginning goes."""

REPEATS_MAX: Final = 20
REPEATS_WINDOW_S: Final = 60.0
"""So many lines of one kind are written in such a time; how many more there were, the next one says."""

KINDS_MAX: Final = 1000
REDACTED: Final = "[redacted]"
SECRET_NAMES: Final = frozenset(
    {"password", "new_password", "passphrase", "token", "secret", "authorization", "recovery_code"}
)

_NAMED: Final = re.compile(
    r"(?i)(\b(?:password|new_password|passphrase|token|secret|authorization)\b[\"']?\s*[:=]\s*)"
    r"(?:bearer\s+)?(\"[^\"]*\"|'[^']*'|[^\s,;&}]+)"
)
_BEARER: Final = re.compile(r"(?i)(\bbearer\s+)[^\s\"',;]+")
_TOKEN: Final = re.compile(
    r"(?<!SHA256:)(?<![A-Za-z0-9_+-])(?:cxk_|cx[he]_[0-9]{1,19}_)?[A-Za-z0-9_-]{43}(?![A-Za-z0-9_+-])"
    r"|(?<![A-Za-z0-9])cx[khe]_[A-Za-z0-9_+/=-]+"
)
"""What looks like a token of this house: 256 bits in base64, with what says its kind before it or without; of whatever
length where its kind is said. A fingerprint has `SHA256:` before it, and stays."""

Event = MutableMapping[str, Any]


def configure(*, as_json: bool = False) -> None:
    """Let this process say what it has to say on stderr, from warnings on; not where somebody else listens already."""
    if as_json:
        os.environ[JSON_VARIABLE] = "1"
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(handler_to(sys.stderr, as_json=as_json))
        root.setLevel(logging.WARNING)


def handler_to(stream: TextIO, *, as_json: bool) -> logging.Handler:
    """Return what writes lines to a stream."""
    handler = logging.StreamHandler(stream)
    handler.addFilter(Repeats(time.monotonic))
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[
                ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                clean,
                _as_json if as_json else _as_line,
            ],
        )
    )
    return handler


def clean(_logger: object, _method: str, event: Event) -> Event:
    """Take secrets and control characters out of every value of an event."""
    return {name: REDACTED if name in SECRET_NAMES else _clean(name, value) for name, value in event.items()}


def redacted(text: str) -> str:
    """Return text without what is, or is called, a secret."""
    return _TOKEN.sub(REDACTED, _BEARER.sub(rf"\1{REDACTED}", _NAMED.sub(rf"\1{REDACTED}", text)))


class Repeats(logging.Filter):
    """Holds back what repeats itself: lines of one logger with one wording, whatever they are about."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        super().__init__()
        self._now_s = now_s
        self._kinds: OrderedDict[tuple[str, object], tuple[float, int]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a line is to be written; the first after a silence says what was left out."""
        kind, now_s = (record.name, record.msg), self._now_s()
        begun_s, seen = self._kinds.pop(kind, (now_s, 0))
        if now_s - begun_s >= REPEATS_WINDOW_S:
            if seen > REPEATS_MAX:
                record.msg = f"{record.getMessage()} (and {seen - REPEATS_MAX} more like this before)"
                record.args = None
            begun_s, seen = now_s, 0
        self._kinds[kind] = begun_s, seen + 1
        if len(self._kinds) > KINDS_MAX:
            self._kinds.popitem(last=False)
        return seen < REPEATS_MAX


def _clean(name: str, value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    text = text[-LINE_CHARS_MAX:] if name == "exception" else text[:LINE_CHARS_MAX]
    return "\n".join(map(printable, redacted(text).split("\n")))


def _as_json(_logger: object, _method: str, event: Event) -> str:
    return msgspec.json.encode(event).decode("utf-8")


def _as_line(_logger: object, _method: str, event: Event) -> str:
    """Return `time LEVEL logger: what`; what goes on in further lines is set in, so that it is no line of its own."""
    time_text, level = event.pop("timestamp", ""), str(event.pop("level", "")).upper()
    name, what, trace = event.pop("logger", ""), str(event.pop("event", "")), event.pop("exception", None)
    facts = "".join(f" {key}={value}" for key, value in event.items())
    whole = f"{time_text} {level} {name}: {what}{facts}" + (f"\n{trace}" if trace else "")
    return whole.replace("\n", "\n    ")
