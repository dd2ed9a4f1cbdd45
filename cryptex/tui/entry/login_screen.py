"""The first screen: log in, or register; says in words what went wrong and how to go on."""

from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from cryptex.client.errors import CryptexError, NodeUnreachableError
from cryptex.client.exchange import Exchange
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.orders.outcome import reason

_NAME_LENGTH_MAX: Final = 32
_PASSWORD_LENGTH_MAX: Final = 128
_REGISTER_TOLD: Final = "Names: 3-32 of a-z 0-9 _ - .   Passwords: 8-128 characters."


class LoginScreen(Screen[None]):
    """Asks for name and password. Posts `Entered` once the exchange speaks for a user."""

    BINDINGS = [  # noqa: RUF012 (Textual's shape)
        Binding("ctrl+r", "switch", "register or log in", show=False),
        Binding("f5", "retry", "try again", show=False),
    ]
    DEFAULT_CSS = """
    LoginScreen { align: center middle; background: $background; }
    LoginScreen #card {
        width: 56; max-width: 100%; height: auto; padding: 1 3; background: $background; border: round $line;
        border-subtitle-color: $faint;
    }
    LoginScreen .line { height: 1; width: 1fr; }
    LoginScreen #brand { text-align: center; margin-bottom: 1; }
    LoginScreen #mode { margin-bottom: 1; }
    LoginScreen .field { height: 1; margin-bottom: 1; }
    LoginScreen .label { width: 11; color: $muted; }
    LoginScreen Input { height: 1; border: none; padding: 0 1; background: $field; color: $bright; width: 1fr; }
    LoginScreen Input:focus { border: none; background: $field-focus; background-tint: transparent 0%; }
    LoginScreen #told { height: auto; min-height: 2; margin-bottom: 1; }
    """

    class Entered(Message):
        """Logged in as `username`."""

        def __init__(self, username: str) -> None:
            super().__init__()
            self.username = username

    def __init__(self, exchange: Exchange, *, token: str | None, username: str | None, told: str = "") -> None:
        super().__init__()
        self._exchange = exchange
        self._token = token
        self._username = username or ""
        self._told = told
        self.registering = False
        self.busy = False

    def compose(self) -> ComposeResult:
        """The card."""
        with Vertical(id="card") as card:
            card.border_subtitle = Content(f" {texts.plain(self._exchange.url)} ")
            yield Static(_brand(), id="brand", classes="line", markup=False)
            yield Static(id="mode", classes="line", markup=False)
            with Horizontal(classes="field"):
                yield Static("Username", classes="label", markup=False)
                yield Input(self._username, id="username", compact=True, max_length=_NAME_LENGTH_MAX)
            with Horizontal(classes="field"):
                yield Static("Password", classes="label", markup=False)
                yield Input(password=True, id="password", compact=True, max_length=_PASSWORD_LENGTH_MAX)
            yield Static(id="told", markup=False)
            yield Static(id="hints", classes="line", markup=False)

    def on_mount(self) -> None:
        """Go on with a token where there is one, else wait for the user."""
        self._show_mode()
        self.query_one("#password" if self._username else "#username", Input).focus()
        for field in self.query(Input).results(Input):
            field.cursor_blink = False
        if self._told:
            self._tell(self._told, Ink.ACCENT)
        if self._token is not None:
            self.action_retry()

    def action_switch(self) -> None:
        """Turn between logging in and registering."""
        self.registering = not self.registering
        self._tell(_REGISTER_TOLD if self.registering else "", Ink.MUTED)
        self._show_mode()

    def action_retry(self) -> None:
        """Try again what failed: the token, or the form."""
        if self.busy:
            return
        if self._token is not None:
            self._begin("connecting")
            self.run_worker(self._resume(self._token), exclusive=True)
        else:
            self._submit()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        if event.input.id == "username" and event.value and not self.query_one("#password", Input).value:
            self.query_one("#password", Input).focus()
        else:
            self._token = None
            self._submit()

    def _submit(self) -> None:
        if self.busy:
            return
        username = self.query_one("#username", Input).value.strip()
        password = self.query_one("#password", Input).value
        for name, value in (("username", username), ("password", password)):
            if not value:
                self._tell(f"{name} is missing", Ink.BAD)
                self.query_one(f"#{name}", Input).focus()
                return
        self._begin("registering" if self.registering else "logging in")
        self.run_worker(self._log_in(username, password, self.registering), exclusive=True)

    async def _log_in(self, username: str, password: str, register: bool) -> None:
        try:
            if register:
                await self._exchange.register(username, password)
                self.registering = False
                self._show_mode()
            session = await self._exchange.login(username, password)
            await self._exchange.connect()
        except CryptexError as error:
            self._failed(error)
            self.query_one("#password", Input).focus()
            return
        self._done(session.username)

    async def _resume(self, token: str) -> None:
        try:
            await self._exchange.use_token(token)
            await self._exchange.connect()
            me = await self._exchange.me()
        except CryptexError as error:
            if not isinstance(error, NodeUnreachableError):
                self._token = None
            self._failed(error)
            return
        self._done(me.username)

    def _done(self, username: str) -> None:
        self.busy = False
        self.query_one("#password", Input).value = ""
        self.post_message(self.Entered(username))

    def _failed(self, error: CryptexError) -> None:
        self.busy = False
        if isinstance(error, NodeUnreachableError):
            url = texts.plain(self._exchange.url)
            self._tell(f"✗ cannot reach the node at {url}. Is it running? Press F5 to try again.", Ink.ACCENT)
        else:
            self._tell(f"✗ {texts.plain(reason(error))}", Ink.BAD)

    def _begin(self, doing: str) -> None:
        self.busy = True
        self._tell(f"… {doing}", Ink.MUTED)

    def _tell(self, text: str, ink: Ink) -> None:
        self.query_one("#told", Static).update(Content.styled(text, ink))

    def _show_mode(self) -> None:
        on, off = f"bold {Ink.BRIGHT}", Ink.FAINT
        words = ("Log in", off if self.registering else on), ("   Register", on if self.registering else off)
        self.query_one("#mode", Static).update(Content.assemble(*words))
        other = "log in instead" if self.registering else "register instead"
        keys = (("⏎ ", "go"), ("^r ", other), ("F5 ", "retry"), ("^q ", "quit"))
        hints = [part for cap, word in keys for part in ((cap, Ink.ACCENT), (f"{word}   ", Ink.MUTED))]
        self.query_one("#hints", Static).update(Content.assemble(*hints))


def _brand() -> Content:
    return Content.assemble((" cryptex ", f"bold {Ink.BADGE} on {Ink.ACCENT}"), ("  terminal", Ink.MUTED))
