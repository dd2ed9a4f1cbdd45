"""What admins do on a node: users, the states of markets, withdrawals, the audit log."""

from collections.abc import Sequence
from typing import Annotated, Final

import typer

from cryptex.cli import admin_withdrawals
from cryptex.cli.admin_lists import LIMIT_DEFAULT, BeforeOption, LimitOption, tell_next
from cryptex.cli.audit_tables import AUDIT_COLUMNS, AUDIT_SHEET, audit_row
from cryptex.cli.common import Run, command, group
from cryptex.cli.completion import complete_market
from cryptex.cli.faults import advised
from cryptex.cli.fresh import with_fresh_login
from cryptex.cli.in_flight import in_flight
from cryptex.cli.orders import YesOption
from cryptex.cli.sheets import sheet_of
from cryptex.cli.table import Column, Value, number
from cryptex.client.caller import Query, market_path, segment
from cryptex.client.forms import Fields
from cryptex.protocol.admin import AdminUserList, AdminUserView, DisabledUserView, EndedTokens, MarketStateView
from cryptex.protocol.audit import AuditAct, AuditEntryView, AuditList
from cryptex.protocol.problems import Code

_USER_COLUMNS: Final = (
    number("ID"),
    Column("USERNAME"),
    Column("ROLE"),
    Column("CREATED", spare=2),
    Column("DISABLED"),
    number("LOGINS", spare=1),
    number("KEYS", spare=1),
)
_NO_AUCTION: Final = (
    "The node's operator gives it one: `auction_duration` under its [[markets]] in the node's settings."
)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The username.", show_default=False)]
MarketArgument = Annotated[
    str,
    typer.Argument(metavar="M", help="Such as BTC-USDT.", show_default=False, autocompletion=complete_market),
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    admin_app = typer.Typer(help="For admins: users, halts, the audit log.")
    group(admin_app)(admin)
    command(admin_app, "users", example="cryptex admin users")(users)
    command(admin_app, "disable", example="cryptex admin disable mallory --reason 'stolen password' --yes")(disable)
    command(admin_app, "enable", example="cryptex admin enable mallory")(enable)
    command(admin_app, "sessions-end", example="cryptex admin sessions-end mallory --keys --yes")(sessions_end)
    command(admin_app, "halt", example="cryptex admin halt BTC-USDT --for 5m --yes")(halt)
    command(admin_app, "open", example="cryptex admin open BTC-USDT --yes")(open_market)
    command(admin_app, "auction", example="cryptex admin auction BTC-USDT --yes")(auction)
    admin_withdrawals.add_to(admin_app)
    command(admin_app, "audit", example="cryptex admin audit --act login_failed")(audit)
    app.add_typer(admin_app, name="admin", epilog="Example: cryptex admin users")


def admin(run: Run) -> None:
    """For admins: users, halts, the audit log."""
    run.help()


def users(run: Run, limit: LimitOption = LIMIT_DEFAULT, before: BeforeOption = None) -> None:
    """List users, newest first.

    What they trade or own is theirs: it is not shown to admins.
    """
    door = run.own_door()
    query: Query = {"limit": limit, "before": before}
    answer = with_fresh_login(run, door, lambda: door.read_list("/admin/users", AdminUserList, "users", query))

    def draw(listed: Sequence[AdminUserView]) -> str:
        rows = [
            (each.id, each.username, each.role, each.created_at, each.disabled_at, each.sessions, each.api_keys)
            for each in listed
        ]
        return run.out.table(_USER_COLUMNS, rows)

    run.out.listing(answer.data, sheet_of(AdminUserView, "users"), lambda: answer.view.users, draw, "No users.")
    tell_next(run, answer.view.next)


def disable(
    run: Run,
    name: NameArgument,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="For the audit log.")] = "",
    yes: YesOption = False,
) -> None:
    """Let a user in no more.

    Logins and connections end, API keys rest, open orders are canceled and withdrawals that nobody has approved are
    rejected (admin); funds stay. Asks first; elsewhere than on a terminal it needs --yes.
    """
    door = run.own_door()
    run.out.confirm(f"Disable {name} and end their orders and withdrawals?", yes=yes)
    path = f"/admin/users/{segment(name)}/disable"
    fields: Fields = {"reason": reason}
    with in_flight(f"{name} was disabled", "`cryptex admin users` shows it; doing it again is safe."):
        answer = with_fresh_login(run, door, lambda: door.send("POST", path, DisabledUserView, fields))
    done = answer.view
    run.out.done = f"{done.user.username} was disabled."
    run.out.fields(
        [
            ("disabled", done.user.username),
            ("ended tokens", done.ended_tokens),
            ("canceled orders", done.canceled_orders),
            ("rejected withdrawals", done.rejected_withdrawals),
        ]
    )


def enable(run: Run, name: NameArgument) -> None:
    """Let a user in again; their API keys hold again."""
    door = run.own_door()
    path = f"/admin/users/{segment(name)}/enable"
    with in_flight(f"{name} was enabled", "`cryptex admin users` shows it; doing it again is safe."):
        answer = with_fresh_login(run, door, lambda: door.send("POST", path, AdminUserView))
    run.out.done = f"{answer.view.username} was enabled."
    run.out.fields([("enabled", answer.view.username), ("api keys", answer.view.api_keys)])


def sessions_end(
    run: Run,
    name: NameArgument,
    keys: Annotated[bool, typer.Option("--keys", help="Revoke their API keys too.")] = False,
    yes: YesOption = False,
) -> None:
    """End all logins of a user, and the connections of those.

    Asks first; elsewhere than on a terminal it needs --yes.
    """
    door = run.own_door()
    run.out.confirm(f"End all logins{' and revoke all API keys' if keys else ''} of {name}?", yes=yes)
    path, query = f"/admin/users/{segment(name)}/sessions", {"api_keys": "true" if keys else "false"}
    with in_flight(f"the logins of {name} were ended", "`cryptex admin users` shows them; doing it again is safe."):
        answer = with_fresh_login(run, door, lambda: door.send("DELETE", path, EndedTokens, query={**query}))
    run.out.done = f"The logins of {name} were ended."
    run.out.fields([("username", name), ("ended", answer.view.ended)])


def halt(
    run: Run,
    market: MarketArgument,
    duration: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help="Such as 5m; without it until `admin open`.")
    ] = None,
    yes: YesOption = False,
) -> None:
    """Halt a market: cancels alone are taken.

    After --for its auction begins, where it has one, else it opens. Asks first; elsewhere than on a terminal it needs
    --yes.
    """
    _move(run, market, "halt", {} if duration is None else {"duration": duration}, yes)


def open_market(run: Run, market: MarketArgument, yes: YesOption = False) -> None:
    """Open a market now.

    Out of a halt without an auction, out of an auction by uncrossing it. Asks first; elsewhere than on a terminal it
    needs --yes.
    """
    _move(run, market, "open", None, yes)


def auction(run: Run, market: MarketArgument, yes: YesOption = False) -> None:
    """Begin a market's auction.

    It lasts as long as `auction_duration` in the node's settings says; a market without one has no auction. Asks first;
    elsewhere than on a terminal it needs --yes.
    """
    with advised({Code.INVALID_REQUEST: _NO_AUCTION}):
        _move(run, market, "auction", None, yes)


def audit(
    run: Run,
    user: Annotated[str | None, typer.Option("--user", metavar="NAME", help="What this user did or had done.")] = None,
    act: Annotated[AuditAct | None, typer.Option("--act", metavar="ACT", help="Such acts alone.")] = None,
    limit: LimitOption = LIMIT_DEFAULT,
    before: BeforeOption = None,
) -> None:
    """List the audit log of the node, newest first.

    `cryptex node audit` on the node's machine also checks that it is whole.
    """
    door = run.own_door()
    query: Query = {"limit": min(limit, 1000), "before": before, "user": user, "act": act}
    answer = with_fresh_login(run, door, lambda: door.read("/admin/audit", AuditList, query))

    def draw(listed: Sequence[AuditEntryView]) -> str:
        return run.out.table(AUDIT_COLUMNS, [audit_row(each) for each in listed])

    run.out.listing(answer.data, AUDIT_SHEET, lambda: answer.view.entries, draw, "No entries.")
    tell_next(run, answer.view.next)


def _move(run: Run, market: str, state: str, fields: Fields | None, yes: bool) -> None:
    door = run.own_door()
    path = f"/admin{market_path(market, state)}"
    words = {"halt": "Halt", "open": "Open", "auction": "Begin the auction of"}
    run.out.confirm(f"{words[state]} {market}?", yes=yes)
    with in_flight(f"{market} changed its state", f"`cryptex ticker {market}` says the state."):
        answer = with_fresh_login(run, door, lambda: door.send("POST", path, MarketStateView, fields))
    run.out.done = f"{answer.view.market} is {answer.view.state} now."

    def draw() -> str:
        shown: list[tuple[str, Value]] = [
            ("market", answer.view.market),
            ("state", answer.view.state),
            ("state ends", answer.view.state_ends_at),
        ]
        return run.out.card(shown)

    run.out.answer(answer.data, sheet_of(MarketStateView), draw)
