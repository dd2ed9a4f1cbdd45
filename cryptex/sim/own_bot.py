"""Bots of one's own: classes in files, which run on a node and in scenarios alike."""

import importlib.util
import inspect
import sys
from pathlib import Path
from traceback import walk_tb
from types import ModuleType
from typing import Final, TypeGuard

from cryptex.protocol.problems import Refusal, invalid
from cryptex.sim.bot import Bot

FORM: Final = "FILE:CLASS, such as my_bot.py:MyBot"
MODULE: Final = "cryptex_own_bot_{}"
"""The name of a file's module: its own, so that a file named like a library takes nobody's place."""


def load_class(what: str) -> type[Bot]:
    """Return the bot that FILE:CLASS names. The file runs as a program would, with its folder's modules at hand.

    Raises Refusal(invalid_request) that says what is wrong.
    """
    file, _, name = what.rpartition(":")
    if not file or not name:
        raise _wrong(f"{what!r} is not {FORM}")
    module = _module(Path(file))
    kind = getattr(module, name, None)
    if not _is_bot(kind):
        bots = [key for key, each in vars(module).items() if _is_bot(each) and each is not Bot]
        raise _wrong(f"{file} has no bot {name}; there is: {', '.join(bots) or 'no subclass of Bot'}")
    try:
        inspect.signature(kind).bind()
    except TypeError as error:
        raise _wrong(f"{name} cannot be made without arguments: {error}") from None
    return kind


def fault_in(error: BaseException) -> str | None:
    """Return where in a bot's file an error was raised, and what it says; None where no bot had a part in it."""
    own = [each for each in walk_tb(error.__traceback__) if _is_own(each[0].f_globals.get("__name__"))]
    if not own:
        return None
    frame, line = own[-1]
    what = str(error) if isinstance(error, Refusal) else f"{type(error).__name__}: {error}"
    return f"{Path(frame.f_code.co_filename).name}, line {line}: {what}"


def _module(path: Path) -> ModuleType:
    name = MODULE.format(path.stem)
    spec = importlib.util.spec_from_file_location(name, path) if path.is_file() else None
    if spec is None or spec.loader is None:
        raise _wrong(f"there is no Python file {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look there
    folder = str(path.parent.resolve())
    if folder not in sys.path:
        sys.path.append(folder)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise _wrong(f"{path} cannot be loaded: {fault_in(error) or f'{type(error).__name__}: {error}'}") from error
    return module


def _is_bot(value: object) -> TypeGuard[type[Bot]]:
    return inspect.isclass(value) and issubclass(value, Bot)


def _is_own(module: object) -> bool:
    return isinstance(module, str) and module.startswith(MODULE.format(""))


def _wrong(message: str) -> Refusal:
    return invalid("bot", message)
