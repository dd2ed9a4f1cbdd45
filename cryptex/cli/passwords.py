"""Asking for passwords: on a terminal without showing them, elsewhere from stdin; never as a flag."""

import sys
from typing import Annotated, Final

import typer

from cryptex.cli.faults import Fault

PASSWORD_LINE_MAX: Final = 4096

StdinOption = Annotated[bool, typer.Option("--password-stdin", help="Read the password from the first line of stdin.")]


def ask_password(from_stdin: bool, *, twice: bool) -> str:
    """Return a password. Raises Fault where there is none, or the two differ."""
    if from_stdin:
        return _line()
    return _ask("Password: ", twice=twice)


def new_passwords(from_stdin: bool) -> tuple[str, str]:
    """Return the present password and the one to be, typed twice or the first two lines of stdin. Raises Fault."""
    if from_stdin:
        return _line(), _line("There must be two: the present one, then the new one.")
    return _ask("Present password: ", twice=False), _ask("New password: ", twice=True)


def _line(suggestion: str = "Give it as the first line.") -> str:
    password = sys.stdin.readline(PASSWORD_LINE_MAX).rstrip("\r\n")
    if not password:
        raise Fault("there is no password on stdin", suggestion=suggestion)
    return password


def _ask(prompt: str, *, twice: bool) -> str:
    if not can_ask():
        raise Fault("a password is asked for on a terminal", suggestion="Elsewhere give --password-stdin.")
    import getpass

    password = getpass.getpass(prompt, sys.stderr)
    if twice and getpass.getpass("Again: ", sys.stderr) != password:
        raise Fault("the two passwords differ", suggestion="Nothing was changed: try again.")
    return password


def can_ask() -> bool:
    return sys.stdin.isatty()
