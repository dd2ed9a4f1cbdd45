"""How much of a long list admins are shown, and how they ask for the rest."""

from typing import Annotated, Final

import typer

from cryptex.cli.common import Run

LIMIT_DEFAULT: Final = 100
LIMIT_MAX: Final = 1_000_000

LimitOption = Annotated[
    int, typer.Option("--limit", metavar="N", min=1, max=LIMIT_MAX, help="At most so many, the newest.")
]
BeforeOption = Annotated[
    int | None, typer.Option("--before", metavar="N", min=1, help="Those before: the `next` of the last list.")
]


def tell_next(run: Run, following: int | None) -> None:
    """Say how to ask for the next page, where the data does not."""
    if following is not None and not run.out.is_json:
        run.out.note(f"There are more: --before {following}")
