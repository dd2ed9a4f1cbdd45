"""Buying and selling: one order, placed once, whatever happens to the answer."""

import shlex
from decimal import Decimal
from typing import Annotated, Final

import typer

from cryptex.cli.common import Run, command
from cryptex.cli.door import Answer, Door
from cryptex.cli.estimate import Estimate, Plan, decimal_of, estimate
from cryptex.cli.faults import Fault
from cryptex.cli.in_flight import in_flight
from cryptex.cli.markets import MarketArgument
from cryptex.cli.order_tables import ORDER_SHEET, order_card
from cryptex.cli.orders import YesOption
from cryptex.client.caller import market_path, segment
from cryptex.client.errors import CryptexError, OutcomeUnknownError
from cryptex.client.forms import Fields, place_fields
from cryptex.protocol.market import market_symbol
from cryptex.protocol.problems import Code, ExitCode
from cryptex.protocol.terms import EndReason, OrderType, SelfTradePrevention, Side, TimeInForce
from cryptex.protocol.views import BalanceList, BookView, MarketList, MarketView, OrderView

ESTIMATE_DEPTH: Final = 1000
LARGE_SHARE: Final = Decimal("0.5")
"""A market order that uses more than this share of what is available is asked about."""

SizeArgument = Annotated[
    str, typer.Argument(metavar="SIZE", help="In base, or with --quote in quote.", show_default=False)
]
PriceOption = Annotated[
    str | None, typer.Option("--price", metavar="P", help="Limit price; without it a market order.")
]
StopOption = Annotated[str | None, typer.Option("--stop", metavar="P", help="Wait until the last price reaches this.")]
TifOption = Annotated[
    TimeInForce | None,
    typer.Option("--tif", help="How long it may rest; a market order never does.", show_default=False),
]
ExpiresOption = Annotated[
    str | None, typer.Option("--expires", metavar="TIME", help="With --tif gtd, such as 2026-11-22T15:40:00Z.")
]
PostOnlyOption = Annotated[bool, typer.Option("--post-only", help="Only if it rests; never takes.")]
QuoteOption = Annotated[bool, typer.Option("--quote", help="SIZE is what to spend, in quote (market buys).")]
StpOption = Annotated[
    SelfTradePrevention | None,
    typer.Option("--stp", help="What to do where it meets your own order [cancel_newest].", show_default=False),
]
KeyOption = Annotated[
    str | None, typer.Option("--client-order-id", metavar="X", help="Your own key: the same one never places twice.")
]
DryOption = Annotated[bool, typer.Option("--dry-run", help="Only estimate it against the book; place nothing.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, "buy", example="cryptex buy BTC-USDT 0.01 --price 59000")(buy)
    command(app, "sell", example="cryptex sell BTC-USDT 0.01 --dry-run")(sell)


def buy(
    run: Run,
    market: MarketArgument,
    size: SizeArgument,
    price: PriceOption = None,
    stop: StopOption = None,
    tif: TifOption = None,
    expires: ExpiresOption = None,
    post_only: PostOnlyOption = False,
    quote: QuoteOption = False,
    stp: StpOption = None,
    client_order_id: KeyOption = None,
    dry_run: DryOption = False,
    yes: YesOption = False,
) -> None:
    """Buy with a limit or a market order.

    With --price it is a limit order, else a market order; --stop makes it wait for its trigger. A market order that
    would use more than half of what you have asks first; elsewhere than on a terminal it needs --yes.
    """
    fields = place_fields(
        market_symbol(market),
        Side.BUY,
        None if quote else size,
        price=price,
        quote_size=size if quote else None,
        stop_price=stop,
        time_in_force=tif,
        expires_at=expires,
        post_only=post_only,
        self_trade_prevention=stp,
        client_order_id=client_order_id,
    )
    _place(run, fields, dry_run, yes)


def sell(
    run: Run,
    market: MarketArgument,
    size: SizeArgument,
    price: PriceOption = None,
    stop: StopOption = None,
    tif: TifOption = None,
    expires: ExpiresOption = None,
    post_only: PostOnlyOption = False,
    quote: QuoteOption = False,
    stp: StpOption = None,
    client_order_id: KeyOption = None,
    dry_run: DryOption = False,
    yes: YesOption = False,
) -> None:
    """Sell with a limit or a market order.

    With --price it is a limit order, else a market order; --stop makes it wait for its trigger. A market order that
    would use more than half of what you have asks first; elsewhere than on a terminal it needs --yes.
    """
    fields = place_fields(
        market_symbol(market),
        Side.SELL,
        None if quote else size,
        price=price,
        quote_size=size if quote else None,
        stop_price=stop,
        time_in_force=tif,
        expires_at=expires,
        post_only=post_only,
        self_trade_prevention=stp,
        client_order_id=client_order_id,
    )
    _place(run, fields, dry_run, yes)


def _place(run: Run, fields: Fields, dry_run: bool, yes: bool) -> None:
    if dry_run:
        _show_estimate(run, fields)
        return
    door = run.own_door()
    if not yes and fields["type"] == OrderType.MARKET:
        _ask_if_large(run, door, fields)
    key = str(fields["client_order_id"])
    with in_flight("the order was placed", _how_to_find(key), client_order_id=key):
        try:
            answer = door.send("POST", "/orders", OrderView, fields)
        except OutcomeUnknownError as error:
            answer = _found_again(run, door, key, error)
        run.out.done = f"Order {answer.view.id} was placed: `cryptex order {answer.view.id}` shows it."
    run.out.answer(answer.data, ORDER_SHEET, lambda: order_card(run.out, answer.view))
    if answer.view.duplicate:
        run.out.note("It was placed before, with this client_order_id; nothing new was placed.")
    _tell_rest(run, answer.view)


def _tell_rest(run: Run, order: OrderView) -> None:
    """Say what an order that has ended already has not done."""
    if order.reason in (None, EndReason.FILLED):
        return
    base, _, quote = order.market.partition("-")
    asked = f"{order.size} {base}" if order.quote_size is None else f"{order.quote_size} {quote}"
    if Decimal(order.filled):
        run.out.note(f"Filled {order.filled} {base} of the {asked}; the rest was canceled ({order.reason}).")
    else:
        run.out.note(f"Nothing was filled of the {asked}: the order was canceled ({order.reason}).")


def _how_to_find(client_order_id: str) -> str:
    key = shlex.quote(client_order_id)
    return (
        f"Look it up with `cryptex order --client-order-id {key}`. Placing it again with --client-order-id {key} "
        "cannot place it twice."
    )


def _found_again(run: Run, door: Door, client_order_id: str, lost: OutcomeUnknownError) -> Answer[OrderView]:
    """Return the order whose answer was lost. Raises Fault that says how to ask later where it is not there."""
    try:
        answer = door.read(f"/orders/by-client-id/{segment(client_order_id)}", OrderView)
    except CryptexError as error:
        looked = "it is not there so far" if error.code is Code.UNKNOWN_ORDER else f"looking it up failed: {error}"
        raise Fault(
            f"it is not known whether the order was placed: {lost}; {looked}",
            code=Code.OUTCOME_UNKNOWN.value,
            suggestion=_how_to_find(client_order_id),
            exit_code=ExitCode.OUTCOME_UNKNOWN,
            details={"client_order_id": client_order_id},
        ) from None
    run.out.note("The answer was lost; the order was placed and has been found by its client_order_id.")
    return answer


def _ask_if_large(run: Run, door: Door, fields: Fields) -> None:
    plan = _plan(fields)
    if plan is None:  # the node says what is wrong with it
        return
    market, guess = _estimated(door, fields, plan)
    balances = door.read("/wallet", BalanceList).view.balances
    pays = market.quote if plan.side is Side.BUY else market.base
    needed = (plan.quote_size or guess.notional) if plan.side is Side.BUY else plan.size
    available = sum((Decimal(each.available) for each in balances if each.asset == pays), Decimal(0))
    if needed is None or needed <= available * LARGE_SHARE:
        return
    is_exact = plan.side is Side.SELL or plan.quote_size is not None
    if is_exact and needed > available:  # the node refuses it, with what is missing
        return
    about = f"about {guess.average_price}" if guess.average_price is not None else "an empty book"
    run.out.confirm(
        f"{plan.side.value.capitalize()} {fields.get('size') or fields['quote_size']} {market.market} at {about}, "
        f"using {needed:f} of the {available:f} {pays} available?",
        yes=False,
    )


def _show_estimate(run: Run, fields: Fields) -> None:
    plan = _plan(fields)
    if plan is None:
        raise Fault("sizes and prices are numbers above zero", suggestion="Such as 0.5 or 60000.01.")
    market, guess = _estimated(run.door(), fields, plan)
    facts: list[tuple[str, str | None]] = [
        ("market", market.market),
        ("side", plan.side.value),
        ("type", plan.type.value),
        ("outcome", guess.outcome.value),
        ("filled", _text(guess.filled, market.lot_size)),
        ("remaining", None if guess.remaining is None else _text(guess.remaining, market.lot_size)),
        ("average price", None if guess.average_price is None else format(guess.average_price, "f")),
        ("worst price", None if guess.worst_price is None else format(guess.worst_price, "f")),
        ("notional", format(guess.notional, "f")),
        ("notional asset", market.quote),
        ("fee", format(guess.fee, "f")),
        ("fee asset", guess.fee_asset),
    ]
    run.out.fields(facts)
    run.out.note("An estimate against the book as it is now; nothing was placed.")


def _estimated(door: Door, fields: Fields, plan: Plan) -> tuple[MarketView, Estimate]:
    name = str(fields["market"])
    book = door.read(market_path(name, "book"), BookView, {"depth": ESTIMATE_DEPTH}).view
    market = next(each for each in door.read("/markets", MarketList).view.markets if each.market == book.market)
    return market, estimate(plan, market, book.asks if plan.side is Side.BUY else book.bids)


def _plan(fields: Fields) -> Plan | None:
    """Return the order as numbers, or None where one of them is no number."""
    numbers: dict[str, Decimal | None] = {}
    for name in ("size", "quote_size", "price"):
        text = fields.get(name)
        numbers[name] = None if text is None else decimal_of(str(text))
        if text is not None and numbers[name] is None:
            return None
    kind = OrderType(str(fields["type"]))
    usual = TimeInForce.IOC if kind is OrderType.MARKET else TimeInForce.GTC
    return Plan(
        side=Side(str(fields["side"])),
        type=kind,
        size=numbers["size"],
        quote_size=numbers["quote_size"],
        price=numbers["price"],
        time_in_force=TimeInForce(str(fields.get("time_in_force", usual))),
        post_only=bool(fields.get("post_only", False)),
    )


def _text(number: Decimal, step: str) -> str:
    return format(number.quantize(Decimal(step)), "f")
