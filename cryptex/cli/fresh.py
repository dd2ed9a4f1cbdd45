"""Showing who one is: the code where a login has a second factor, and the password again where a login is old."""

from collections.abc import Callable
from typing import TypeVar

from cryptex.cli import passwords
from cryptex.cli.common import Run
from cryptex.cli.door import Door
from cryptex.client.errors import AccessError
from cryptex.client.forms import Fields
from cryptex.protocol.problems import Code
from cryptex.protocol.views import FreshView

T = TypeVar("T")


def with_code(send: Callable[[Fields], T], from_stdin: bool) -> T:
    """Return what `send` does without more fields or, where the node wants a code as well, with that.

    Raises what `send` does, and Fault where there is no code.
    """
    try:
        return send({})
    except AccessError as error:
        if error.code is not Code.SECOND_FACTOR_REQUIRED:
            raise
    return send({"code": passwords.ask_code(from_stdin)})


def with_fresh_login(run: Run, door: Door, act: Callable[[], T]) -> T:
    """Return what `act` does; where the node wants the password first, nothing was done, and it is done after that.

    Raises what `act` does: reauthentication_required where there is nobody to ask.
    """
    try:
        return act()
    except AccessError as error:
        if error.code is not Code.REAUTHENTICATION_REQUIRED or not passwords.can_ask():
            raise
    run.out.note("Your login is older than ten minutes; this needs the password again.")
    reauthenticate(door, passwords.ask_password(False, twice=False), False)
    return act()


def with_password(door: Door, password: str, from_stdin: bool, act: Callable[[], T]) -> T:
    """Return what `act` does; where the node wants a fresh login, it is made so by a password that is known already.

    Raises what `act` does, and Fault where there is no code of the second factor.
    """
    try:
        return act()
    except AccessError as error:
        if error.code is not Code.REAUTHENTICATION_REQUIRED:
            raise
    reauthenticate(door, password, from_stdin)
    return act()


def reauthenticate(door: Door, password: str, from_stdin: bool) -> None:
    """Make the login fresh by the password and, where there is a second factor, a code that is asked for."""
    fields: Fields = {"password": password}
    path = "/sessions/current/reauthentication"
    with_code(lambda code: door.send("POST", path, FreshView, {**fields, **code}, changes=False), from_stdin)
