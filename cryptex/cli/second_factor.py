"""The second factor: a code that logins need beside the password."""

from collections.abc import Iterator
from typing import Annotated, Final

import typer

from cryptex.cli.common import Run, command, group
from cryptex.cli.door import Answer, Door
from cryptex.cli.faults import Fault
from cryptex.cli.fresh import with_fresh_login
from cryptex.cli.in_flight import in_flight
from cryptex.cli.orders import YesOption
from cryptex.cli.passwords import can_ask, input_line
from cryptex.cli.sheets import Record, Sheet, sheet_of
from cryptex.cli.table import Value
from cryptex.protocol.printable import printable
from cryptex.protocol.views import RecoveryCodes, SecondFactorSecret, SecondFactorView

_PATH: Final = "/users/me/second_factor"
_KEEP_CODES: Final = "Keep these recovery codes: each does once for a code, and they are not shown again."
_LOST_CODES: Final = "`cryptex second-factor status` tells; `cryptex second-factor recovery-codes` makes others."


def _a_code_a_row(record: Record) -> Iterator[Record]:
    codes = record["recovery_codes"]
    yield from ({"recovery_code": code} for code in (codes if isinstance(codes, list) else []))


_CODES: Final = Sheet(("recovery_code",), flatten=_a_code_a_row)

ConfirmOption = Annotated[
    str | None, typer.Option("--confirm", metavar="CODE", help="Confirm the secret that was shown before.")
]
NoQrOption = Annotated[bool, typer.Option("--no-qr", help="Draw no QR code.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    own_app = typer.Typer(help="Have logins ask for a code as well.")
    group(own_app)(second_factor)
    command(own_app, "status", example="cryptex second-factor status")(status)
    command(own_app, "enable", example="cryptex second-factor enable")(enable)
    command(own_app, "disable", example="cryptex second-factor disable --yes")(disable)
    command(own_app, "recovery-codes", example="cryptex second-factor recovery-codes --yes")(recovery_codes)
    app.add_typer(own_app, name="second-factor", epilog="Example: cryptex second-factor status")


def second_factor(run: Run) -> None:
    """Have logins ask for a code as well."""
    run.help()


def status(run: Run) -> None:
    """Show whether it is on, and how many codes are left."""
    answer = run.own_door().read(_PATH, SecondFactorView)

    def draw() -> str:
        view = answer.view
        shown: list[tuple[str, Value]] = [
            ("second factor", "on" if view.enabled else "off"),
            ("since", view.enabled_at),
            ("recovery codes left", view.recovery_codes_left),
        ]
        return run.out.card(shown)

    run.out.answer(answer.data, sheet_of(SecondFactorView), draw)


def enable(run: Run, confirm: ConfirmOption = None, no_qr: NoQrOption = False) -> None:
    """Turn the second factor on.

    Shows a secret for your authenticator, as text, as an address and as a QR code, and asks for a code of it; elsewhere
    than on a terminal, give the code with --confirm in a second call. The recovery codes are shown this once.
    """
    door = run.own_door()
    if confirm is None:
        secret = with_fresh_login(run, door, lambda: door.send("POST", _PATH, SecondFactorSecret, changes=False))
        if not can_ask():
            shown: list[tuple[str, Value]] = [("secret", secret.view.secret), ("address", secret.view.uri)]
            run.out.answer(secret.data, sheet_of(SecondFactorSecret), lambda: run.out.card(shown))
            run.out.note("Next, with a code of it: cryptex second-factor enable --confirm CODE")
            return
        run.out.note(f"secret: {secret.view.secret}\naddress: {secret.view.uri}")
        if not no_qr:
            run.out.note(_qr(secret.view.uri))
        confirm = input_line("Code that your authenticator shows: ")
    code = confirm
    _show_codes(run, with_fresh_login(run, door, lambda: _confirm(door, code)))
    run.out.note("The second factor is on: every login needs a code from now on. Other logins of yours go on.")


def disable(run: Run, yes: YesOption = False) -> None:
    """Turn the second factor off.

    Asks first; elsewhere than on a terminal it needs --yes.
    """
    door = run.own_door()
    run.out.confirm("Turn your second factor off?", yes=yes)

    def turn_off() -> None:
        with in_flight("the second factor was turned off", "`cryptex second-factor status` tells."):
            door.send("DELETE", _PATH, type(None))

    with_fresh_login(run, door, turn_off)
    run.out.done = "The second factor was turned off."
    run.out.note("The second factor is off, and its recovery codes have ended.")


def recovery_codes(run: Run, yes: YesOption = False) -> None:
    """Make new recovery codes; those before end.

    Asks first; elsewhere than on a terminal it needs --yes.
    """
    door = run.own_door()
    run.out.confirm("Make new recovery codes, and end those that you have?", yes=yes)

    def make() -> Answer[RecoveryCodes]:
        with in_flight("new recovery codes were made", _LOST_CODES):
            return door.send("POST", f"{_PATH}/recovery_codes", RecoveryCodes)

    _show_codes(run, with_fresh_login(run, door, make))


def _confirm(door: Door, code: str) -> Answer[RecoveryCodes]:
    if not code:
        raise Fault("the code is missing", suggestion="Nothing was changed: call it again.")
    with in_flight("the second factor was turned on", _LOST_CODES):
        return door.send("POST", f"{_PATH}/confirmation", RecoveryCodes, {"code": code})


def _show_codes(run: Run, answer: Answer[RecoveryCodes]) -> None:
    run.out.done = f"It was done, but the recovery codes are lost: {_LOST_CODES}"
    run.out.answer(answer.data, _CODES, lambda: "".join(f"{printable(each)}\n" for each in answer.view.recovery_codes))
    run.out.note(_KEEP_CODES)


def _qr(uri: str) -> str:
    """Return a QR code in half blocks, for any ground."""
    import io

    import segno

    drawn = io.StringIO()
    segno.make(uri, error="l", micro=False).terminal(drawn, compact=True)
    return drawn.getvalue()
