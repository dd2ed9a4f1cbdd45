"""SQL views that show history as people read it: decimals instead of whole numbers, RFC 3339 times, no names of users.

They are for eyes and reports on a history.db file; the node reads the tables. All arithmetic is on whole numbers, so
each decimal is exact. An amount that was not given is NULL.
"""

from typing import Final, NamedTuple

from sqlalchemy import Connection


class View(NamedTuple):
    """A view: its name, its columns as (name, SQL expression), and the tables they come from."""

    name: str
    columns: tuple[tuple[str, str], ...]
    source: str


def decimal_sql(units: str, decimals: str) -> str:
    """Return SQL for the integer expression `units` of 10**-`decimals` (0-8) as text with that many decimals."""
    power = f"CAST(substr('100000000', 1, {decimals} + 1) AS INTEGER)"
    sign = f"CASE WHEN {units} < 0 THEN '-' ELSE '' END"
    digits = f"printf('%s%d.%0*d', {sign}, abs({units}) / {power}, {decimals}, abs({units}) % {power})"
    return f"CASE WHEN {decimals} = 0 THEN CAST({units} AS TEXT) ELSE {digits} END"


def sum_sql(digits: str, decimals: str) -> str:
    """Return SQL as `decimal_sql` does, for a sum that is stored as digits and may be longer than 64 bits."""
    padded = f"(substr('000000000', 1, max(0, {decimals} + 1 - length({digits}))) || {digits})"
    point = f"substr({padded}, 1, length({padded}) - {decimals}) || '.' || substr({padded}, -{decimals})"
    return f"CASE WHEN {decimals} = 0 THEN {digits} ELSE {point} END"


def time_sql(time_ns: str) -> str:
    """Return SQL for nanoseconds since 1970 as RFC 3339 text in UTC with microseconds."""
    second = f"strftime('%Y-%m-%dT%H:%M:%S', {time_ns} / 1000000000, 'unixepoch')"
    return f"{second} || printf('.%06dZ', {time_ns} % 1000000000 / 1000)"


def _given(value: str, expression: str) -> str:
    return f"CASE WHEN {value} THEN {expression} END"


def _price(ticks: str) -> str:
    return decimal_sql(f"({ticks} * m.tick_units)", "m.price_decimals")


def _size(lots: str) -> str:
    return decimal_sql(f"({lots} * m.lot_steps)", "m.size_decimals")


def _same(row: str, *names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, f"{row}.{name}") for name in names)


_RECEIVED: Final = "CASE r.side WHEN 'buy' THEN {} ELSE {} END"
_RECEIVED_ASSET: Final = _RECEIVED.format("m.base", "m.quote")
_RECEIVED_DECIMALS: Final = f"({_RECEIVED.format('b.decimals', 'q.decimals')})"

_WITH_MARKET: Final = "{} r JOIN markets m ON m.market_id = r.market_id"
_WITH_ASSETS: Final = f"{_WITH_MARKET} JOIN assets b ON b.symbol = m.base JOIN assets q ON q.symbol = m.quote"

_ORDERS: Final = View(
    "order_decimals",
    (
        *_same("r", "order_id", "account_id"),
        ("client_order_id", "nullif(r.client_order_id, '')"),
        *_same("r", "market", "side", "type", "status"),
        ("price", _given("r.price_ticks", _price("r.price_ticks"))),
        ("stop_price", _given("r.stop_ticks", _price("r.stop_ticks"))),
        ("size", _given("r.size_lots", _size("r.size_lots"))),
        ("quote_size", _given("r.quote_units", decimal_sql("r.quote_units", "q.decimals"))),
        ("filled", _size("r.filled_lots")),
        ("remaining", _size("r.remaining_lots")),
        ("canceled_size", _size("r.canceled_lots")),
        ("filled_quote", sum_sql("r.filled_quote_units", "q.decimals")),
        ("fee", sum_sql("r.fee_units", _RECEIVED_DECIMALS)),
        ("fee_asset", _RECEIVED_ASSET),
        *_same("r", "time_in_force", "post_only", "self_trade_prevention", "reason", "reject_code"),
        ("expires_at", _given("r.expires_ns", time_sql("r.expires_ns"))),
        ("created_at", time_sql("r.created_ns")),
        ("updated_at", time_sql("r.updated_ns")),
        *_same("r", "sequence"),
    ),
    _WITH_ASSETS.format("orders"),
)

_TRADES: Final = View(
    "trade_decimals",
    (
        *_same("r", "trade_id", "market"),
        ("price", _price("r.price_ticks")),
        ("size", _size("r.size_lots")),
        *_same("r", "side", "sequence"),
        ("time", time_sql("r.time_ns")),
    ),
    _WITH_MARKET.format("trades"),
)

_FILLS: Final = View(
    "fill_decimals",
    (
        *_same("r", "fill_id", "trade_id", "order_id", "account_id"),
        ("client_order_id", "nullif(r.client_order_id, '')"),
        *_same("r", "market", "side", "liquidity"),
        ("price", _price("r.price_ticks")),
        ("size", _size("r.size_lots")),
        ("fee", decimal_sql("r.fee_units", _RECEIVED_DECIMALS)),
        ("fee_asset", _RECEIVED_ASSET),
        *_same("r", "sequence"),
        ("time", time_sql("r.time_ns")),
    ),
    _WITH_ASSETS.format("fills"),
)

_POSTINGS: Final = View(
    "posting_decimals",
    (
        *_same("r", "entry_id", "line"),
        *_same("e", "kind", "reference"),
        *_same("r", "account_id", "asset"),
        *(
            (name, decimal_sql(f"r.{name}", "a.decimals"))
            for name in ("available_change", "held_change", "available", "held")
        ),
        *_same("e", "sequence"),
        ("time", time_sql("e.time_ns")),
    ),
    "postings r JOIN entries e ON e.entry_id = r.entry_id JOIN assets a ON a.symbol = r.asset",
)

_WITHDRAWALS: Final = View(
    "withdrawal_decimals",
    (
        *_same("r", "withdrawal_id", "account_id", "asset"),
        ("amount", decimal_sql("r.units", "a.decimals")),
        *_same("r", "address"),
        ("reference", "nullif(r.reference, '')"),
        *_same("r", "status", "reason"),
        ("txid", "nullif(r.txid, '')"),
        ("height", _given("r.broadcast_ns", "r.height")),
        *_same("r", "entry_id"),
        ("created_at", time_sql("r.created_ns")),
        *(
            (f"{step}_at", _given(f"r.{step}_ns", time_sql(f"r.{step}_ns")))
            for step in ("approved", "broadcast", "ended")
        ),
        ("decided_by", "nullif(r.decided_by, 0)"),
        *_same("r", "sequence"),
    ),
    "withdrawals r JOIN assets a ON a.symbol = r.asset",
)

_CANDLES: Final = View(
    "candle_decimals",
    (
        *_same("r", "market", "interval"),
        ("time", time_sql("r.time_ns")),
        *((name, _price(f"r.{name}_ticks")) for name in ("open", "high", "low", "close")),
        ("volume", sum_sql("r.volume_steps", "m.size_decimals")),
        ("quote_volume", sum_sql("r.quote_units", "q.decimals")),
        *_same("r", "trades"),
    ),
    _WITH_ASSETS.format("candles"),
)

_BOOKS: Final = View(
    "book_decimals",
    (
        *_same("r", "market"),
        *_same("s", "side"),
        ("level", "l.key"),
        ("price", _price("(l.value ->> 0)")),
        ("size", _size("(l.value ->> 1)")),
        *_same("r", "sequence"),
        ("time", time_sql("r.time_ns")),
    ),
    f"{_WITH_MARKET.format('books')} JOIN (SELECT 'bid' AS side UNION ALL SELECT 'ask') s "
    "JOIN json_each(CASE s.side WHEN 'bid' THEN r.bids ELSE r.asks END) l",
)

VIEWS: Final = (_ORDERS, _TRADES, _FILLS, _POSTINGS, _WITHDRAWALS, _CANDLES, _BOOKS)


def create_views(connection: Connection) -> None:
    """Create the views in a SQLite database that has the tables and none of the views."""
    for view in VIEWS:
        columns = ", ".join(f'{expression} AS "{name}"' for name, expression in view.columns)
        statement = f"CREATE VIEW {view.name} AS SELECT {columns} FROM {view.source}"  # noqa: S608 (constants above)
        connection.exec_driver_sql(statement)
