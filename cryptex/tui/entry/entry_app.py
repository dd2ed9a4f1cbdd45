"""The terminal before and around trading: finding a node, logging in, turning to another node, and leaving."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable
from functools import partial

from textual import on
from textual.message import Message
from textual.screen import Screen

from cryptex.client.errors import CryptexError, Met, OutcomeUnknownError, UnknownNodeError, UntrustedNodeError
from cryptex.client.exchange import Exchange
from cryptex.tui.drawing import texts
from cryptex.tui.entry.arrival import Arrival, arrive, no_use
from cryptex.tui.entry.entrance import Entrance, KnownNode, NodeNotStartedError
from cryptex.tui.entry.leaving_app import WAY, LeavingApp
from cryptex.tui.entry.login_screen import LoginScreen
from cryptex.tui.entry.node_screen import NodeScreen
from cryptex.tui.entry.questions import DEPOSIT, LOG_OUT, NODES, TRUST, WITHDRAW, account_menu, trust_menu
from cryptex.tui.orders.leaving import Farewell, Leavable
from cryptex.tui.orders.working import Flight

Dial = Callable[[str], Exchange]
"""Makes the exchange of an address, without connecting. Raises CryptexError."""


class AccountAsked(Message):
    """The user wants the menu of the account."""


class SessionEnded(Message):
    """The exchange no longer accepts the token."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why


class EntryApp(LeavingApp):
    """Base of the terminal. One node at a time: `exchange` is the one that is spoken to, `node` its address.

    `exchange` must not be connected yet; with a `token` the login is skipped while that is valid. `dial` makes the
    exchange of another node.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        token: str | None = None,
        username: str | None = None,
        profile: str = "",
        entrance: Entrance | None = None,
        dial: Dial = Exchange,
    ) -> None:
        super().__init__(exchange, entrance)
        self.node = KnownNode(exchange.url, profile)
        self._token = token
        self._username = username or ""
        self._simulated = ""
        self._is_given = False
        """Whether the session is that of a token that was given, which nobody keeps here."""
        self._dial = dial
        self.unsettled: dict[tuple[str, str], tuple[Flight, ...]] = {}
        """Orders without an answer, by node and username, that wait for their owner to come back."""

    @abstractmethod
    def trading_screen(self, username: str, simulated: str) -> Screen[None]:
        """Return the screen on which one trades, on `exchange`."""

    async def on_mount(self) -> None:
        """Look for the node; meanwhile the login stands there."""
        screen = self._login()
        await self.push_screen(screen)
        screen.wait(f"asking {texts.plain(self.exchange.url)}")
        self._visit(self.node, self.exchange, self._token)

    @on(LoginScreen.Entered)
    async def _entered(self, event: LoginScreen.Entered) -> None:
        if event.exchange is not self.exchange:
            return  # the user has turned to another node meanwhile: the token is not one of that
        node = self.node
        self._is_given = False
        await self._trade(event.username)
        logins = self.entrance.logins
        if logins is not None:
            try:
                said = await asyncio.to_thread(logins.keep, node, event.token)
            except OSError as error:
                said = f"This login can not be kept: {error}."
            if said:
                self.notify(texts.plain(said), title="Logged in", timeout=10, markup=False)

    @on(LoginScreen.OtherNode)
    async def _another_node(self) -> None:
        if self.is_trading or isinstance(self.top, LoginScreen):
            await self.push_screen(NodeScreen(self.node, self.entrance, fate=self.farewell.sentence))

    @on(NodeScreen.Back)
    async def _back(self) -> None:
        """Stay: the way to another node ends here."""
        below = self.screen_stack[1:-1]
        if not (below and isinstance(self.top, NodeScreen)):
            return
        self.workers.cancel_group(self, WAY)
        await self.pop_screen()
        if isinstance(below[-1], LoginScreen) and below[-1].busy:  # it had not heard yet who this node is
            self._visit(self.node, self.exchange, self._token)

    @on(NodeScreen.Chosen)
    def _chosen(self, event: NodeScreen.Chosen) -> None:
        self._visit(event.node, None, None)

    @on(NodeScreen.Start)
    def _start(self, event: NodeScreen.Start) -> None:
        self.begin(partial(self._start_here, simulated=event.simulated))

    @on(AccountAsked)
    async def _account(self) -> None:
        if self.is_trading:  # else it was asked for twice, or something else was meanwhile
            menu = account_menu(self._username, self.exchange.url, self.farewell.orders, fixed=self.entrance.fixed)
            await self.push_screen(menu, self._account_chosen)

    @on(SessionEnded)
    async def _session_ended(self, event: SessionEnded) -> None:
        if not any(isinstance(screen, Leavable) for screen in self.screen_stack):
            return  # the user has left meanwhile
        if isinstance(self.exchange.error, UntrustedNodeError):  # it is not the session that has ended
            await self._stay(no_use(self.node.url, self.exchange.error), self.node)
            return
        await self._set(self._login(told=f"Your session has ended ({event.why}). Please log in again."))

    def _visit(self, node: KnownNode, exchange: Exchange | None, token: str | None) -> None:
        self.begin(partial(self._arrive, node, exchange, token))

    async def _arrive(
        self,
        node: KnownNode,
        exchange: Exchange | None,
        token: str | None,
        told: str = "",
        *,
        registering: bool = False,
    ) -> None:
        """Go to a node: trade where a login is kept that holds, else log in. Stay where it is no use."""
        try:
            exchange = exchange or self._dial(node.url)
            arrival = await self._meet(exchange, token or await self._kept(node))
        except UnknownNodeError as error:
            await self._ask_about(node, error)
            return
        except CryptexError as error:
            await self._stay(no_use(node.url, error), node)
            return
        if exchange is not self.exchange:
            self._close(self.exchange)
        self.exchange, self.node = exchange, node
        self._simulated, self._is_given = arrival.simulated, token is not None
        if arrival.username is not None:
            await self._trade(arrival.username)
        else:
            await self._set(self._login(arrival.told or told, registering=registering))

    async def _meet(self, exchange: Exchange, token: str | None) -> Arrival:
        try:
            return await arrive(exchange, token)
        except asyncio.CancelledError:  # the user went another way
            if exchange is not self.exchange:
                self._close(exchange)
            raise

    def _close(self, exchange: Exchange) -> None:
        """End the connection to a node that is left, whatever is done meanwhile."""
        self.beside(exchange.close)

    async def _ask_about(self, node: KnownNode, error: UnknownNodeError) -> None:
        """Ask whether a node whose key is seen for the first time is to be trusted; visitors are told alone."""
        await self._stay(no_use(node.url, error, may_ask=not self.entrance.fixed), node)
        if not self.entrance.fixed:

            def answered(chosen: str | None) -> None:
                if chosen == TRUST:
                    self.begin(partial(self._trust, node, error.met))

            await self.push_screen(trust_menu(node.url, error.met.fingerprint), answered)

    async def _trust(self, node: KnownNode, met: Met) -> None:
        """Believe a node from now on, and go there."""
        try:
            exchange = self._dial(node.url)
            if exchange.trust is not None:
                await asyncio.to_thread(exchange.trust.accept, met)
        except (CryptexError, OSError) as error:
            await self._stay(f"This can not be kept: {texts.plain(str(error))}.", node)
            return
        await self._arrive(node, exchange, None)

    async def _start_here(self, *, simulated: bool) -> None:
        here = self.entrance.local_node
        if here is None:
            return
        try:
            started = await asyncio.to_thread(here.start, simulated=simulated)
        except NodeNotStartedError as error:
            await self._stay(texts.plain(str(error)), self.node)
            return
        told = f"A node of your own runs at {texts.plain(started.url)}."
        if started.is_new:
            self._username = ""
            told += " You are the first to register with it."
        node = KnownNode(started.url, self.node.profile)
        await self._arrive(node, None, None, told, registering=started.is_new)

    async def _stay(self, why: str, node: KnownNode) -> None:
        """Say why a node is no use, where one chooses nodes."""
        if isinstance(self.top, NodeScreen):
            self.top.fail(why, node)
        else:
            await self._set(NodeScreen(node, self.entrance, why))

    async def _trade(self, username: str) -> None:
        self._username = username
        self._remember()
        await self.replace(self.trading_screen(username, self._simulated))

    def _login(self, told: str = "", *, registering: bool = False) -> LoginScreen:
        return LoginScreen(
            self.exchange,
            self._username,
            told=told,
            hint=self.entrance.hint,
            fixed=self.entrance.fixed,
            registering=registering,
        )

    async def _kept(self, node: KnownNode) -> str | None:
        logins = self.entrance.logins
        return None if logins is None else await asyncio.to_thread(logins.load, node)

    async def _account_chosen(self, chosen: str | None) -> None:
        if chosen in (DEPOSIT, WITHDRAW):
            await self.run_action(f"screen.act('{chosen}')")
        elif chosen == NODES:
            await self._another_node()
        elif chosen == LOG_OUT:
            await self._log_out()

    async def _log_out(self) -> None:
        """Leave the trading screen at once: nothing is asked for any more while the session ends."""
        farewell, login = self.farewell, self._login()
        login.hold("logging out")
        self.beside(partial(self._end_session, login, farewell))
        await self._set(login)

    async def _end_session(self, login: LoginScreen, farewell: Farewell) -> None:
        """Forget the session here, and end it at the node, even where one of them fails."""
        told = f"{texts.plain(self._username)} is logged out. {farewell.sentence} {farewell.unanswered}".rstrip()
        await self.exchange.close()  # first: no panel of the screen that goes waits for a node that does not answer
        try:
            if self.entrance.logins is not None and not self._is_given:
                await asyncio.to_thread(self.entrance.logins.forget, self.node)
        except OSError as error:
            told += f" This login is still kept here: {error}."
        try:
            await self.exchange.logout()
        except OutcomeUnknownError:
            told = "Logged out here. The node did not answer, and the session may last till it expires."
        except CryptexError as error:
            told = f"Logged out here. The node did not hear of it, and the session lasts till it expires: {error}"
        await self.exchange.close()
        if login in self.screen_stack:
            login.release(texts.plain(told))

    def _remember(self) -> None:
        """Keep the orders without an answer: who comes back wants to know."""
        farewell = self.farewell
        if farewell.flights:
            self.unsettled[farewell.account] = farewell.flights

    async def _set(self, screen: Screen[None]) -> None:
        """Make a screen the only one; what the one before it waits for is remembered."""
        self._remember()
        await self.replace(screen)
