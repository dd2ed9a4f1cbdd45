"""Asking for passwords: on a terminal without showing them, elsewhere from stdin; never as a flag."""

import sys
from typing import Annotated, Final

import typer

from cryptex.cli.faults import Fault
from cryptex.cli.streams import write_note

PASSWORD_LINE_MAX: Final = 4096

StdinOption = Annotated[bool, typer.Option("--password-stdin", help="Read the password from the first line of stdin.")]
CODE_LINE: Final = "Give the code as one more line of stdin, after the password."


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


def ask_code(from_stdin: bool) -> str:
    """Return a code of the second factor: asked for, or the next line of stdin. Raises Fault where there is none."""
    if from_stdin:
        return _line(CODE_LINE, "code")
    if not can_ask():
        raise Fault("a code is asked for on a terminal", suggestion=f"Elsewhere give --password-stdin. {CODE_LINE}")
    return input_line("Code of your second factor, or a recovery code: ")


def input_line(prompt: str) -> str:
    """Return a line that is typed and shown. Its prompt goes to stderr."""
    write_note(prompt)
    return sys.stdin.readline(PASSWORD_LINE_MAX).strip()


def _line(suggestion: str = "Give it as the first line.", what: str = "password") -> str:
    return read_secret(what, suggestion)


def _ask(prompt: str, *, twice: bool) -> str:
    return ask_secret(prompt, "password", "Elsewhere give --password-stdin.", twice=twice)


def read_secret(what: str, suggestion: str) -> str:
    """Return the next line of stdin. Raises Fault where there is none, or an empty one."""
    secret = sys.stdin.readline(PASSWORD_LINE_MAX).rstrip("\r\n")
    if not secret:
        raise Fault(f"there is no {what} on stdin", suggestion=suggestion)
    return secret


def ask_secret(prompt: str, what: str, elsewhere: str, *, twice: bool) -> str:
    """Return what is typed on the terminal, unseen. Raises Fault where there is no terminal, or the two differ."""
    if not can_ask():
        raise Fault(f"a {what} is asked for on a terminal", suggestion=elsewhere)
    import getpass

    secret = getpass.getpass(prompt, sys.stderr)
    if twice and getpass.getpass("Again: ", sys.stderr) != secret:
        raise Fault(f"the two {what}s differ", suggestion="Nothing was changed: try again.")
    return secret


def can_ask() -> bool:
    return sys.stdin.isatty()
