"""One's own orders: listed, looked up, amended and canceled."""

from typing import Annotated

import typer

from cryptex.cli.common import Run, command
from cryptex.cli.completion import complete_market
from cryptex.cli.faults import Fault, fault_of
from cryptex.cli.in_flight import in_flight
from cryptex.cli.markets import BeforeOption, LimitOption, MaybeMarketArgument, WatchOption, tell_next
from cryptex.cli.order_tables import (
    CANCELED_SHEET,
    FILLS_SHEET,
    ORDER_SHEET,
    ORDERS_SHEET,
    canceled_table,
    fills_table,
    order_card,
    orders_table,
)
from cryptex.client.caller import Query, segment
from cryptex.client.errors import CryptexError
from cryptex.client.forms import amend_fields
from cryptex.protocol.market import market_symbol
from cryptex.protocol.views import CanceledList, FillList, OrderList, OrderView

IdArgument = Annotated[int, typer.Argument(metavar="ID", min=1, help="The order's id.", show_default=False)]
MarketOption = Annotated[
    str | None,
    typer.Option("--market", metavar="MARKET", help="Of this market only.", autocompletion=complete_market),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do it without being asked.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, "orders", example="cryptex orders --all --market BTC-USDT")(orders)
    command(app, "order", example="cryptex order 42")(order)
    command(app, "fills", example="cryptex fills --order 42")(fills)
    command(app, "amend", example="cryptex amend 42 --price 59900")(amend)
    command(app, "cancel", example="cryptex cancel 42 43")(cancel)
    command(app, "cancel-all", example="cryptex cancel-all BTC-USDT --yes")(cancel_all)


def orders(
    run: Run,
    every: Annotated[bool, typer.Option("--all", help="Also those that have ended.")] = False,
    market: MarketOption = None,
    limit: LimitOption = None,
    before: BeforeOption = None,
    watch: WatchOption = False,
) -> None:
    """List your open orders, newest first.

    With --all also those that have ended.
    """
    if watch:
        from cryptex.cli.watch_private import watch_orders

        watch_orders(run, _symbol(market), every=every, limit=limit)
        return
    query: Query = {"status": None if every else "open", "market": _symbol(market), "limit": limit, "before": before}
    answer = run.own_door().read_list("/orders", OrderList, "orders", query)
    nothing = f"No {'' if every else 'open '}orders{_in(market)}."
    run.out.listing(
        answer.data, ORDERS_SHEET, lambda: answer.view.orders, lambda rows: orders_table(run.out, rows), nothing
    )
    tell_next(run, lambda: answer.view.next)


def order(
    run: Run,
    order_id: Annotated[int | None, typer.Argument(metavar="ID", min=1, show_default=False)] = None,
    client_order_id: Annotated[
        str | None, typer.Option("--client-order-id", metavar="X", help="Look it up by this instead.")
    ] = None,
) -> None:
    """Show one of your orders.

    By its id, or by its client_order_id.
    """
    if (order_id is None) == (client_order_id is None):
        raise Fault("name the order by ID or by --client-order-id", suggestion="`cryptex orders --all` lists them.")
    path = f"/orders/{order_id}" if client_order_id is None else f"/orders/by-client-id/{segment(client_order_id)}"
    answer = run.own_door().read(path, OrderView)
    run.out.answer(answer.data, ORDER_SHEET, lambda: order_card(run.out, answer.view))


def fills(
    run: Run,
    market: MarketOption = None,
    order_id: Annotated[int | None, typer.Option("--order", metavar="ID", help="Of this order only.")] = None,
    limit: LimitOption = None,
    before: BeforeOption = None,
    watch: WatchOption = False,
) -> None:
    """List your fills and their fees, newest first."""
    if watch:
        from cryptex.cli.watch_private import watch_fills

        watch_fills(run, _symbol(market), order_id, limit)
        return
    query: Query = {"market": _symbol(market), "order_id": order_id, "limit": limit, "before": before}
    answer = run.own_door().read_list("/fills", FillList, "fills", query)
    run.out.listing(
        answer.data,
        FILLS_SHEET,
        lambda: answer.view.fills,
        lambda rows: fills_table(run.out, rows),
        f"No fills{_in(market)}.",
    )
    tell_next(run, lambda: answer.view.next)


def amend(
    run: Run,
    order_id: IdArgument,
    price: Annotated[str | None, typer.Option("--price", metavar="P", help="The new limit price.")] = None,
    size: Annotated[
        str | None, typer.Option("--size", metavar="S", help="The new total size, filled part included.")
    ] = None,
    stop: Annotated[
        str | None, typer.Option("--stop", metavar="P", help="The new stop price of a pending stop.")
    ] = None,
) -> None:
    """Change the price or the size of an open order.

    A smaller size keeps its place in the queue; a new price or a larger size goes to its end.
    """
    fields = amend_fields(price=price, size=size, stop_price=stop)
    if not fields:
        raise Fault("say what to change", suggestion="Give --price, --size or --stop.")
    door = run.own_door()
    with in_flight(f"order {order_id} was amended", f"`cryptex order {order_id}` shows it."):
        answer = door.send("PATCH", f"/orders/{order_id}", OrderView, fields)
    run.out.done = f"Order {order_id} was amended."
    run.out.answer(answer.data, ORDER_SHEET, lambda: order_card(run.out, answer.view))


def cancel(
    run: Run, order_ids: Annotated[list[int], typer.Argument(metavar="ID", min=1, help="The orders' ids.")]
) -> None:
    """Cancel open orders by id.

    Each is tried; the exit code is that of the first that failed.
    """
    door = run.own_door()
    canceled: list[OrderView] = []
    documents: list[bytes] = []
    failed: Fault | None = None
    for order_id in order_ids:
        try:
            with in_flight(f"order {order_id} was canceled", f"`cryptex order {order_id}` shows it."):
                answer = door.send("DELETE", f"/orders/{order_id}", OrderView)
            canceled.append(answer.view)
            documents.append(answer.data)
            run.out.done = f"Canceled: {' '.join(str(each.id) for each in canceled)}."
        except CryptexError as error:
            fault = fault_of(error)
            run.out.report(fault)
            failed = failed or fault
    if documents:
        run.out.answers(documents, ORDER_SHEET, lambda: orders_table(run.out, canceled))
    if failed is not None:
        run.out.leave(failed.exit_code)


def cancel_all(
    run: Run,
    market: MaybeMarketArgument = None,
    yes: YesOption = False,
) -> None:
    """Cancel all your open orders.

    In one market, or without MARKET in all. Asks first; elsewhere than on a terminal it needs --yes.
    """
    door = run.own_door()
    run.out.confirm(f"Cancel all your open orders{_in(market)}?", yes=yes)
    with in_flight("your orders were canceled", "`cryptex orders` lists those that are open."):
        answer = door.send("DELETE", "/orders", CanceledList, query={"market": _symbol(market)})
    run.out.done = "Your orders were canceled."
    run.out.listing(
        answer.data,
        CANCELED_SHEET,
        lambda: answer.view.canceled,
        lambda rows: canceled_table(run.out, rows),
        f"No open orders{_in(market)}: nothing was canceled.",
    )


def _in(market: str | None) -> str:
    return f" in {market_symbol(market)}" if market else ""


def _symbol(market: str | None) -> str | None:
    return None if market is None else market_symbol(market)
