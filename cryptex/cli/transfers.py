"""What deposits and withdrawals share: their arguments, and that each is made once."""

import shlex
from typing import Annotated, Final, TypeVar

import typer

from cryptex.cli.common import Run
from cryptex.cli.completion import complete_asset
from cryptex.cli.door import Answer, Door
from cryptex.cli.faults import advised
from cryptex.cli.in_flight import in_flight
from cryptex.client.errors import OutcomeUnknownError
from cryptex.client.forms import Fields
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import ADDRESS_LENGTH_MAX

T = TypeVar("T")

_ADVICE: Final = {
    Code.INSUFFICIENT_FUNDS: "Lower the amount, or free what is held: `cryptex wallet` shows how much that is, "
    "`cryptex orders` and `cryptex wallet withdrawals` by what.",
    Code.REFERENCE_CONFLICT: "Give another --reference, or the earlier transfer exactly as it was: "
    "`cryptex wallet entries` and `cryptex wallet withdrawals` show it.",
}

AssetArgument = Annotated[
    str, typer.Argument(metavar="ASSET", help="Such as USDT.", show_default=False, autocompletion=complete_asset)
]
AmountArgument = Annotated[str, typer.Argument(metavar="AMOUNT", show_default=False)]
AddressArgument = Annotated[
    str,
    typer.Argument(
        metavar="ADDRESS", help=f"Where to: 1-{ADDRESS_LENGTH_MAX} printable ASCII characters.", show_default=False
    ),
]
ReferenceOption = Annotated[
    str | None, typer.Option("--reference", metavar="X", help="The same reference never moves funds twice.")
]


def sent_once(run: Run, door: Door, path: str, kind: type[T], fields: Fields) -> Answer[T]:
    """Send a transfer; where its answer is lost, its reference makes it safe to send it again.

    Says so where an earlier command had sent the same.
    """
    reference = str(fields["reference"])
    again = f"The same again with --reference {shlex.quote(reference)} cannot move it twice."
    with advised(_ADVICE), in_flight("the funds were moved", again, reference=reference):
        try:
            answer = door.send("POST", path, kind, fields)
        except OutcomeUnknownError:
            run.out.note("The answer was lost; sending the same again.")
            return door.send("POST", path, kind, fields)
    if not answer.is_new:
        run.out.note("It was asked for before, with this reference; nothing new was moved.")
    return answer
