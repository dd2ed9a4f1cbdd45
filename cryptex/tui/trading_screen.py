"""The trading screen: folds the sources into the model and shows it, twenty times a second."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from textual import on
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from cryptex.client.errors import AccessError, CryptexError
from cryptex.client.exchange import Exchange
from cryptex.tui.account.reader import AccountReader
from cryptex.tui.alerts.alerts import Alerts
from cryptex.tui.alerts.alerts_table import AlertsTable
from cryptex.tui.alerts.handlers import alert_handlers
from cryptex.tui.alerts.handlers import asked as alert_asked
from cryptex.tui.chart.handlers import remember_chart
from cryptex.tui.desk.handlers import desk_handlers
from cryptex.tui.desk.part import Part
from cryptex.tui.desk.shelf import Shelf
from cryptex.tui.desk.view import DeskView
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.compositor import LeanCompositor
from cryptex.tui.drawing.listing import Listing
from cryptex.tui.drawing.panel import Placed
from cryptex.tui.entry.entry_app import SessionEnded
from cryptex.tui.entry.handlers import entry_handlers
from cryptex.tui.keys import registry as keys
from cryptex.tui.keys.action import Place
from cryptex.tui.keys.handlers import key_handlers
from cryptex.tui.keys.key_bar import KeyBar
from cryptex.tui.keys.keymap import Keymap
from cryptex.tui.ladder.handlers import ladder_handlers
from cryptex.tui.ladder.ladder import Ladder
from cryptex.tui.looks.handlers import look_handlers
from cryptex.tui.market.bar import Setting
from cryptex.tui.market.handlers import market_handlers
from cryptex.tui.market.status_bar import TOLD_BY, StatusBar
from cryptex.tui.model import Connection, Link, TerminalModel, Tone
from cryptex.tui.orders.amender import Amender
from cryptex.tui.orders.guardian import Guardian
from cryptex.tui.orders.handlers import order_handlers
from cryptex.tui.orders.leaving import Farewell, farewell
from cryptex.tui.orders.trader import Trader
from cryptex.tui.orders.working import Flight
from cryptex.tui.settings.terminal import TerminalSettings
from cryptex.tui.sources import Sources
from cryptex.tui.stage import Handlers, Stage
from cryptex.tui.ticket.handlers import ticket_handlers

FRAMES_PER_SECOND: Final = 20
PING_INTERVAL_S: Final = 2.0
RETRY_S: Final = 1.0


class TradingScreen(Screen[None]):
    """All panels, and the keys that work anywhere."""

    BINDINGS = [*keys.bindings(Place.ANYWHERE)]  # noqa: RUF012 (Textual's shape)
    AUTO_FOCUS = None
    DEFAULT_CSS = """
    TradingScreen { background: $background; }
    """

    def __init__(
        self,
        exchange: Exchange,
        username: str,
        *,
        simulated: str,
        clock: Callable[[], float],
        now_text: Callable[[], str],
        now: Callable[[], datetime],
        lookup_pause_s: float,
        settings: TerminalSettings,
        keymap: Keymap,
        settings_folder: Path | None = None,
        flights: tuple[Flight, ...] = (),
    ) -> None:
        super().__init__()
        self._compositor = LeanCompositor()
        self.model = TerminalModel()
        self.model.username = username
        self.model.ladder.settings = settings.value.ladder
        self.model.cap_of = keymap.cap_of
        self._exchange = exchange
        self._clock = clock
        self.sources = Sources(exchange, self.model, now_text)
        self.status_bar = StatusBar(self.model, Setting(exchange.url.partition("//")[2], simulated))
        self.key_bar = KeyBar(keymap)
        self.desk = DeskView(self.model, Shelf(settings_folder), keymap)
        self._complaints = [settings.complaint, *keymap.complaints, self.desk.shelf.complaint]
        self.trader = Trader(exchange, self.model, self.desk.ticket.report, now_text, lookup_pause_s, self.frame)
        self.amender = Amender(exchange, self.model, self._note, lookup_pause_s, self.frame)
        self.guardian = Guardian(exchange, self.model.safeguards, clock, self._note, self._guard)
        self.desk.ticket.now = now
        self._now_text = now_text
        self.alerts = Alerts(self.model, settings_folder, self._toast, self._note)
        self._complaints.append(self.alerts.complaint)
        self._flights = flights
        for flight in flights:
            self.trader.recall(flight)
        self._past = AccountReader(exchange, self.model, self._read_past, clock)
        self._stage = self._set(settings, keymap)
        self.handlers = self._collect(self._stage)
        remember_chart(self._stage)
        self._placed: tuple[Widget | None, Place] = (None, Place.ANYWHERE)
        """The focused widget, and the place in which it is."""
        self._ended = False
        self._lost = False

    def _set(self, settings: TerminalSettings, keymap: Keymap) -> Stage:
        return Stage(
            self,
            self._exchange,
            self.model,
            self.desk,
            self.trader,
            self.amender,
            self.alerts,
            self._turn_market,
            self._now_text,
            settings,
            keymap,
        )

    @staticmethod
    def _collect(stage: Stage) -> Handlers:
        rooms = (
            ticket_handlers,
            ladder_handlers,
            desk_handlers,
            market_handlers,
            order_handlers,
            look_handlers,
            alert_handlers,
            entry_handlers,
            key_handlers,
        )
        return {name: handler for room in rooms for name, handler in room(stage).items()}

    @property
    def farewell(self) -> Farewell:
        """What is to be known when one leaves now."""
        return farewell(self.model.safeguards, self.model.working, (self._exchange.url, self.model.username))

    def compose(self) -> ComposeResult:
        """Status bar, panels, keys."""
        yield self.status_bar
        yield self.desk
        yield self.key_bar

    def on_mount(self) -> None:
        """Open the sources and start the frames."""
        self.run_worker(self._open(), group="open")
        self.run_worker(self._ping(), group="ping")
        self.set_interval(1 / FRAMES_PER_SECOND, self.frame)
        for complaint in filter(None, self._complaints):
            self._note(Tone.WARN, complaint)

    async def on_unmount(self) -> None:
        """End the subscriptions."""
        await self.sources.close()

    def frame(self) -> None:
        """Fold what came, and show what changed."""
        self.model.ladder.now_s = self._clock()
        self.guardian.beat()
        self.sources.fold()
        connection = self.model.connection(self._exchange.state, self.sources.book_live, self._clock())
        self._note_link(connection.link)
        self.alerts.frame(live=connection.link is Link.LIVE, now_s=self._clock(), time=self._now_text())
        self._past.frame(self.desk.shown_past, live=connection.link is Link.LIVE)
        self.status_bar.connection = connection
        self.status_bar.tick_age_s = self.model.watch.tick_age_s(self._clock())
        behind = self.sources.behind()
        self.status_bar.faded = connection.is_stale or not behind.keys().isdisjoint(TOLD_BY)
        self.status_bar.show(stale=False)
        self.key_bar.turn(self._place())
        self.desk.fit()
        self._show_panels(connection, behind)
        self._show_ticket(connection, behind)
        self._notice_end()

    def _note(self, tone: Tone, text: str) -> None:
        self.model.note(self._now_text(), tone, text)

    def _read_past(self, task: Coroutine[Any, Any, None]) -> None:
        self.run_worker(task, group="past")

    def _toast(self, title: str, text: str) -> None:
        self.notify(text, title=title, markup=False)
        self.app.bell()

    def _note_link(self, link: Link) -> None:
        """Log that the connection was lost, and that it came back."""
        if link is Link.LIVE:
            if self._lost:
                self._note(Tone.GOOD, "live again")
            self._lost = False
        elif self.status_bar.connection.link is Link.LIVE:
            self._lost = True
            self._note(Tone.WARN, f"{link}: prices and orders may be old")

    def _show_panels(self, connection: Connection, behind: dict[Part, float]) -> None:
        model, desk = self.model, self.desk
        now_s = self._clock()
        for part, panel in desk.panels.items():
            if not panel.display:
                continue
            age_s = connection.age_s if connection.is_stale else now_s - behind[part] if part in behind else None
            faded = (connection.is_stale or part in behind) and part is not Part.ACTIVITY
            panel.retitle(desk.heading(part), f"{texts.age(age_s)} old" if faded and age_s is not None else "")
            if panel.version != model.versions[part] or panel.stale != faded or panel.stirs:
                panel.version = model.versions[part]
                panel.show(stale=faded)

    def _show_ticket(self, connection: Connection, behind: dict[Part, float]) -> None:
        ticket, fresh, now_s = self.desk.ticket, self.model.fresh, self._clock()
        fresh.book_live = not connection.is_stale and Part.LADDER not in behind
        fresh.orders_live = not connection.is_stale and Part.ORDERS not in behind
        fresh.wallet_live = not connection.is_stale and Part.WALLET not in behind
        ages_s = [connection.age_s or 0, int(now_s - behind.get(Part.LADDER, now_s))]
        fresh.book_age_s = None if self.model.depth is None else max(ages_s)
        ticket.set_class(connection.link is Link.OFFLINE, "offline")
        ticket.follow()

    def _notice_end(self) -> None:
        error = self._exchange.error
        if isinstance(error, AccessError) and not self._ended:
            self._ended = True
            self.post_message(SessionEnded(texts.plain(str(error))))

    def _place(self) -> Place:
        focused = self.focused
        if focused is not self._placed[0]:
            inside = focused.ancestors_with_self if focused is not None else ()
            place = next((w.PLACE for w in inside if isinstance(w, Placed)), Place.ANYWHERE)
            self._placed = (focused, place)
        return self._placed[1]

    async def _open(self) -> None:
        while True:
            try:
                markets = await self._exchange.markets()
            except CryptexError:
                await asyncio.sleep(RETRY_S)
            else:
                break
        self.model.set_markets(markets)
        self.sources.open(self.model.terms)
        for flight in self._flights:
            self._stage.work(self.trader.resolve(flight), "orders")
        await self._turn(self.model.market)
        await self.sources.recall()

    async def _ping(self) -> None:
        """Measure the way to the node; silence makes the screen stale."""
        while True:
            try:
                self.model.latency_ms = await self._exchange.ping()
                self.model.heard(self._clock())
            except CryptexError:
                self.model.latency_ms = None
            await asyncio.sleep(PING_INTERVAL_S)

    def _turn_market(self, market: str) -> None:
        self.run_worker(self._turn(market), group="turn")

    async def _turn(self, market: str) -> None:
        self.model.choose(market)
        self.desk.ticket.clear_numbers()
        if market:
            await self.sources.turn(market)

    @on(Ladder.Picked)
    def _picked(self, event: Ladder.Picked) -> None:
        self.desk.ticket.fill(event.price, event.side)
        self.desk.turn(Part.TICKET)

    @on(Listing.Chosen)
    def _chosen(self, event: Listing.Chosen) -> None:
        if event.listing is self.desk.markets and event.key != self.model.market:
            self._turn_market(event.key)

    @on(AlertsTable.Asked)
    def _alert_asked(self, event: AlertsTable.Asked) -> None:
        alert_asked(self._stage, event)

    def _guard(self, task: Coroutine[Any, Any, None]) -> None:
        self.run_worker(task, group="guard")

    async def action_act(self, name: str) -> None:
        """Do what the registry calls by this name."""
        done = self.handlers[name]()
        if done is not None:
            await done
