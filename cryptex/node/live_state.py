"""The state hash of a running node, for whoever may write in its data folder: nobody else can ask, no port is involved.

A question is a file with a nonce. The node looks for it now and then, and answers with a file: the state hash, and the
sequence after which the state was so. That is to be held against what the journal gives there.
"""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Final

import msgspec

from cryptex.store.files import write_durably

QUESTION: Final = "state.question"
ANSWER: Final = "state.answer"
NONCE_BYTES: Final = 16
FILE_BYTES_MAX: Final = 4096
ANSWER_WAIT_S: Final = 15.0
"""How long an answer is waited for. A node looks every two seconds, but it may be busy."""

_LOOK_EVERY_S: Final = 0.05
_READ_FLAGS: Final = (
    os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
)


class LiveState(msgspec.Struct, frozen=True):
    """A node's state after the command at `sequence`. The nonce is that of the question."""

    nonce: str
    epoch: int
    sequence: int
    state_hash: str


def question_in(data_dir: Path) -> str | None:
    """Return the nonce of the question that waits in a folder, and take it away. For a thread of the node."""
    path = data_dir / QUESTION
    nonce = _read(path)
    if nonce is None:
        return None
    path.unlink(missing_ok=True)
    text = nonce.decode("ascii", "replace").strip()
    return text if text.isalnum() and len(text) <= 2 * NONCE_BYTES else None


def answer_in(data_dir: Path, state: LiveState) -> None:
    """Leave an answer in a folder. For a thread of the node. Raises OSError."""
    write_durably(data_dir / ANSWER, msgspec.json.encode(state))


def ask(data_dir: Path, timeout_s: float = ANSWER_WAIT_S) -> LiveState | None:
    """Return the state of the node that runs in a folder, or None where it does not answer in time. Raises OSError.

    Several may ask at once: whoever finds the question of another in place of its own asks again.
    """
    nonce, deadline = secrets.token_hex(NONCE_BYTES), monotonic() + timeout_s
    question, answer = data_dir / QUESTION, data_dir / ANSWER
    write_durably(question, nonce.encode())
    try:
        while monotonic() < deadline:
            state = _answer(answer)
            if state is not None and state.nonce == nonce:
                answer.unlink(missing_ok=True)
                return state
            if state is not None and not question.exists():
                write_durably(question, nonce.encode())
            sleep(_LOOK_EVERY_S)
    finally:
        if _read(question) == nonce.encode():
            question.unlink(missing_ok=True)
    return None


def _answer(path: Path) -> LiveState | None:
    data = _read(path)
    if data is not None:
        with suppress(msgspec.DecodeError):
            return msgspec.json.decode(data, type=LiveState)
    return None


def _read(path: Path) -> bytes | None:
    """Return what a file holds, or None where there is none, or none that could be meant. A pipe holds up nobody."""
    try:
        if path.is_symlink():
            return None
        with os.fdopen(os.open(path, _READ_FLAGS), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError:
        return None
    return data if len(data) <= FILE_BYTES_MAX else None
