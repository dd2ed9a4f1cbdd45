"""Start-up, which is crash recovery: the state from the log, poison voided, a new epoch, the settings taken over."""

import logging
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from cryptex.engine.errors import InvariantBroken
from cryptex.engine.exchange import Exchange
from cryptex.engine.snapshot import dump, load
from cryptex.node.applied import Applied
from cryptex.node.clock import Clock
from cryptex.node.replay import OtherRules, Poisoned, State, load_base, replay_batch
from cryptex.node.settings import Settings, WithdrawalPolicy, market_definition
from cryptex.node.settings_file import MarketSettings
from cryptex.protocol.commands import (
    BeginEpoch,
    Command,
    DefineAsset,
    DefineMarket,
    DefineNetwork,
    LimitWithdrawals,
    SetLimit,
    Stamped,
    VoidCommand,
)
from cryptex.protocol.events import CommandRejected, Event
from cryptex.protocol.market import Asset, Market
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND, EngineLimit
from cryptex.protocol.times import time_text
from cryptex.store.journal import CommitUnknown, Journal, JournalDamaged, JournalUnavailable
from cryptex.store.snapshots import SnapshotStore
from cryptex.store.users import Users

VOIDS_PER_START_MAX: Final = 3
"""More poison than this in one start means that the build, not a command, is at fault."""

LOG_AHEAD_MAX_NS: Final = 3600 * NANOSECONDS_PER_SECOND
"""No node starts on a log that is further ahead of the clock, as a clock leaves it that was wrong and was corrected."""

NETWORK_SEED_BYTES: Final = 16
"""What deposit addresses and transaction ids are made from, drawn when a log begins."""

IDS_NAMED_MAX: Final = 5
"""Ids that a message lists."""

_log: Final = logging.getLogger(__name__)


class StartRefused(Exception):
    """The node does not start; the message says why and what to do."""


def recover(journal: Journal, snapshots: SnapshotStore, clock: Clock) -> State:
    """Return the state after the whole journal. A command that breaks it is voided, and the replay begins again.

    Raises StartRefused, and what the journal raises.
    """
    for _ in range(VOIDS_PER_START_MAX):
        try:
            return _replay(journal, snapshots)
        except Poisoned as poison:
            _log.critical("%s and is voided", poison, exc_info=poison.__cause__)
            time_ns = max(clock.now_ns(), journal.last_time_ns + 1)
            append(journal, [Stamped(time_ns, VoidCommand(poison.sequence))])
    try:
        return _replay(journal, snapshots)
    except Poisoned as poison:
        raise StartRefused(
            f"{poison}, after {VOIDS_PER_START_MAX} others: start the build that wrote the journal, or restore a backup"
        ) from poison


def _replay(journal: Journal, snapshots: SnapshotStore) -> State:
    voids = journal.voids()
    state = load_base(snapshots, journal.hash_at, journal.last_sequence)
    try:
        for batch in journal.replay(state.exchange.sequence):
            _fold(state, replay_batch(state.exchange, batch, voids))
        state.exchange.check()
    except OtherRules as error:
        raise StartRefused(str(error)) from None
    except InvariantBroken as error:
        raise StartRefused(f"the state after replay is broken ({error}): restore a backup") from error
    return state


def begin_epoch(
    state: State,
    journal: Journal,
    clock: Clock,
    settings: Settings,
    draw_seed: Callable[[int], str] = secrets.token_hex,
) -> None:
    """Journal the new epoch, which ends what older connections left, and what the settings change.

    `draw_seed` gives so many random bytes in hexadecimal, for a network that has no seed yet.

    Raises StartRefused naming the key that the engine does not take over, and then has journaled nothing: all of it
    is tried on a copy first.
    """
    changes = list(settings_changes(settings, state.exchange, draw_seed))
    commands: list[Command] = [BeginEpoch(), *(command for _, command in changes)]
    if changes:
        _refuse_rejected(changes, _try(state.exchange, clock, commands))
    _refuse_rejected(changes, _commit(state, journal, clock, commands))


def _try(exchange: Exchange, clock: Clock, commands: Sequence[Command]) -> list[Event]:
    """Return what commands would be answered."""
    copy = load(dump(exchange))
    answers: list[Event] = []
    for each in _stamp(exchange, clock, commands):
        copy.apply(each.time_ns, each.command)
        answers.append(copy.answer)
    return answers


def _refuse_rejected(changes: Sequence[tuple[str, Command]], answers: Sequence[Event]) -> None:
    """Raise StartRefused for the first change that was rejected. The answer to the new epoch comes before theirs."""
    for (key, _), answer in zip(changes, answers[1:], strict=True):
        if isinstance(answer, CommandRejected):
            field = str(answer.details.get("field", key.partition(".")[2]))
            section = key.partition(".")[0]
            raise StartRefused(f"the settings can not be taken over: {section}.{field}: {answer.message}")


def settings_changes(
    settings: Settings, exchange: Exchange, draw_seed: Callable[[int], str] = secrets.token_hex
) -> Iterator[tuple[str, Command]]:
    """Yield each command that brings the engine to the settings, with the key it comes from."""
    assets: dict[str, Asset] = dict(exchange.assets)
    for wanted in settings.assets:
        asset = Asset(wanted.symbol, wanted.name or wanted.symbol, wanted.decimals)
        if exchange.assets.get(asset.symbol) != asset:
            yield f"assets.{asset.symbol}", DefineAsset(asset.symbol, asset.name, asset.decimals)
        assets[asset.symbol] = asset
    for market in settings.markets:
        known = exchange.market(market.symbol)
        if known is None or _definition(known) != _definition(market_definition(market, assets)):
            yield f"markets.{market.symbol}", _define_market(market)
    limits = {EngineLimit.OPEN_ORDERS_PER_MARKET: settings.limits.open_orders_per_market}
    for name, value in limits.items():
        if exchange.limits.get(name) != value:
            yield f"limits.{name}", SetLimit(name, value)
    yield from _withdrawal_changes(settings.withdrawals, exchange, assets, draw_seed)
    for symbol in sorted(exchange.markets.keys() - {market.symbol for market in settings.markets}):
        _log.warning("market %s is not in the settings; it stays as it is", symbol)


def _withdrawal_changes(
    policy: WithdrawalPolicy, exchange: Exchange, assets: Iterable[str], draw_seed: Callable[[int], str]
) -> Iterator[tuple[str, Command]]:
    """Yield what brings the network and the limits of withdrawals to the settings. The seed is drawn once."""
    network = exchange.network
    pace = policy.block_interval_ns, policy.confirmations
    if not network.seed or (network.block_interval_ns, network.confirmations) != pace:
        seed = "" if network.seed else draw_seed(NETWORK_SEED_BYTES)
        yield "withdrawals.block_interval", DefineNetwork(*pace, seed)
    for asset in assets:
        wanted = policy.automatic.get(asset), policy.daily.get(asset)
        if exchange.withdrawal_rules.of(asset) != wanted:
            yield f"withdrawals.{asset}", LimitWithdrawals(asset, *wanted)


def _definition(market: Market) -> tuple[object, ...]:
    """Return what a definition says of its market itself; names of assets are theirs."""
    return (
        market.tick_e8,
        market.lot_e8,
        market.min_notional_units,
        market.maker_fee_e8,
        market.taker_fee_e8,
        market.price_band_e8,
        market.reference_price_ticks,
        market.breaker,
        market.auction_duration_ns,
    )


def _define_market(market: MarketSettings) -> DefineMarket:
    base, _, quote = market.symbol.partition("-")
    return DefineMarket(
        base,
        quote,
        market.tick_size,
        market.lot_size,
        market.min_notional,
        market.maker_fee,
        market.taker_fee,
        market.price_band,
        market.reference_price,
        market.halt_move,
        market.halt_window,
        market.halt_duration,
        market.auction_duration,
    )


def _commit(state: State, journal: Journal, clock: Clock, commands: Sequence[Command]) -> list[Event]:
    """Journal and apply commands of the node itself; return their answers."""
    exchange = state.exchange
    stamped = _stamp(exchange, clock, commands)
    append(journal, stamped)
    answers: list[Event] = []
    for each in stamped:
        events = exchange.apply(each.time_ns, each.command)
        answers.append(exchange.answer)
        _fold(state, [Applied(exchange.sequence, each.time_ns, events)])
    return answers


def _stamp(exchange: Exchange, clock: Clock, commands: Sequence[Command]) -> list[Stamped]:
    first_ns = max(clock.now_ns(), exchange.time_ns + 1)
    return [Stamped(first_ns + offset, command) for offset, command in enumerate(commands)]


def _fold(state: State, applied: Iterable[Applied]) -> None:
    state.fold(applied)
    state.recent.add_closed(state.exchange.take_closed())


def append(journal: Journal, stamped: Sequence[Stamped]) -> None:
    """Journal commands of the node itself. Raises StartRefused."""
    try:
        journal.append(stamped)
    except (JournalUnavailable, CommitUnknown, JournalDamaged) as error:
        raise StartRefused(f"the journal can not be written: {error}") from error


def check_log_time(exchange: Exchange, clock: Clock, *, repair: bool) -> None:
    """Raise StartRefused when the log is far ahead of the clock, unless `repair`: what is timed would be as late."""
    ahead_ns = exchange.time_ns - clock.now_ns()
    if ahead_ns <= LOG_AHEAD_MAX_NS or repair:
        return
    raise StartRefused(
        f"the log's time {time_text(exchange.time_ns)} is {ahead_ns // NANOSECONDS_PER_SECOND} s ahead of the clock: "
        "set the clock, or start with --repair and have the dead man's switch and expires_at wait until it is there"
    )


def check_strays(exchange: Exchange, users: Users, *, repair: bool) -> None:
    """Raise StartRefused when users hold ids that the log did not open for them, unless `repair` sets them aside.

    Then the journal is older than the users store, and its next accounts would be theirs. They are set aside rather
    than the ids passed over: that needs nothing in the log, and nothing of theirs is left there to be taken over.
    """
    strays = strays_of(exchange, users.registrations())
    if not strays:
        return
    if repair:
        users.set_aside(strays)
        _log.warning("set %d users aside whose accounts the log lacks", len(strays))
        return
    raise StartRefused(
        f"the log lacks the accounts of {len(strays)} users (ids {_named(strays)}): restore journal.db and witness "
        "from a backup that is not older than users.db, or start with --repair to end those users' logins and keys "
        "and to free their ids"
    )


def strays_of(exchange: Exchange, registrations: Iterable[tuple[int, str | None]]) -> list[int]:
    """Return the ids of users that the log did not open for just their registration (None: for a reserved id)."""
    opened = set(exchange.accounts())
    return [
        user_id
        for user_id, key in registrations
        if (user_id not in opened if key is None else exchange.account_for(key) != user_id)
    ]


def settle_registrations(exchange: Exchange, users: Users) -> None:
    """Finish the registrations that a crash left half done: those whose account is in the log, and free the others.

    Raises StartRefused when an account is another user's already.
    """
    for key in users.pending():
        account_id = exchange.account_for(key)
        if account_id is None:
            users.release(key)
        else:
            try:
                users.complete(key, account_id)
            except ValueError as error:
                raise StartRefused(f"{error}: restore a backup of users.db that fits the journal") from error


def check_users(exchange: Exchange, users: Users, *, repair: bool) -> None:
    """Raise StartRefused when the users store lacks an account of the log, unless `repair` reserves its id."""
    missing = sorted(set(exchange.accounts()) - users.known_ids())
    if not missing:
        return
    if repair:
        users.reserve_ids(missing)
        _log.warning("reserved %d user ids that the users store lacked", len(missing))
        return
    raise StartRefused(
        f"the users store lacks {len(missing)} users that hold accounts (ids {_named(missing)}): restore users.db "
        "from a backup, or start with --repair to reserve those ids without a login"
    )


def _named(ids: Sequence[int]) -> str:
    return ", ".join(map(str, ids[:IDS_NAMED_MAX])) + (" ..." if len(ids) > IDS_NAMED_MAX else "")
