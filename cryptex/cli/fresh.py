"""What needs a fresh login: where this one is older, the person is asked for the password, and the command goes on."""

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
    reauthenticate(door)
    return act()


def reauthenticate(door: Door) -> None:
    """Ask for the password, and make the login fresh by it."""
    fields: Fields = {"password": passwords.ask_password(False, twice=False)}
    door.send("POST", "/sessions/current/reauthentication", FreshView, fields, changes=False)
