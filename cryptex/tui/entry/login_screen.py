"""Log in, or register; says in words what went wrong and how to go on."""

from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from cryptex.client.errors import CryptexError, NodeUnreachableError, OutcomeUnknownError
from cryptex.client.exchange import Exchange
from cryptex.client.transport import is_readable_on_the_way
from cryptex.protocol.problems import Code
from cryptex.protocol.requests import CODE_LENGTH_MAX
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.card import Brand, Card, Field, Hint, Hints
from cryptex.tui.drawing.choice import Choice
from cryptex.tui.drawing.form_screen import FormScreen
from cryptex.tui.drawing.theme import Ink
from cryptex.tui.drawing.words import Words
from cryptex.tui.orders.outcome import reason

_NAME_LENGTH_MAX: Final = 32
_PASSWORD_LENGTH_MAX: Final = 128
_RULES: Final = "Names have 3 to 32 of a-z 0-9 _ - . and passwords 8 to 128 characters. The password is typed twice."
_NOT_ENCRYPTED: Final = "This node's address is not encrypted: others on the way can read the password."
_CODE_WANTED: Final = "This login needs a code as well: type what your authenticator shows now."
_LOG_IN: Final = "login"
_REGISTER: Final = "register"


class LoginScreen(FormScreen[None]):
    """Asks for name and password. Posts `Entered` once the exchange speaks for a user."""

    BINDINGS = [  # noqa: RUF012 (Textual's shape)
        Binding("ctrl+r", "switch", "register or log in", show=False),
        Binding("ctrl+n", "nodes", "another node", show=False),
        Binding("f5", "submit", "try again", show=False),
    ]
    AUTO_FOCUS = None
    DEFAULT_CSS = """
    LoginScreen { align: center middle; background: $background; }
    LoginScreen Choice { margin-bottom: 1; background: $background; }
    LoginScreen #told { margin-bottom: 1; }
    LoginScreen .twice { display: none; }
    LoginScreen.registering .twice { display: block; }
    LoginScreen .code { display: none; }
    LoginScreen.coded .code { display: block; }
    """

    class Entered(Message):
        """Logged in at `exchange` as `username`; the session has a new token."""

        def __init__(self, exchange: Exchange, username: str, token: str) -> None:
            super().__init__()
            self.exchange = exchange
            self.username = username
            self.token = token

    class OtherNode(Message):
        """The user wants another node."""

    def __init__(
        self,
        exchange: Exchange,
        username: str = "",
        *,
        told: str = "",
        hint: str = "",
        fixed: bool = False,
        registering: bool = False,
    ) -> None:
        super().__init__()
        self._exchange = exchange
        self._username = username
        self._told = told
        self._hint = hint
        self._fixed = fixed
        self._registering_first = registering
        self.busy = False
        self._is_held = False
        """Whether a session begins or ends, which no other node knows."""

    @property
    def registering(self) -> bool:
        """Whether the form is one for a new user."""
        return self.has_class("registering")

    @property
    def coded(self) -> bool:
        """Whether a code of the second factor is asked for as well."""
        return self.has_class("coded")

    def compose(self) -> ComposeResult:
        """The card."""
        with Card() as card:
            card.border_subtitle = Content(f" {texts.plain(self._exchange.url)} ")
            yield Brand()
            yield Choice("mode", [(_LOG_IN, "Log in"), (_REGISTER, "Register")])
            yield Field("Username", "username", self._username, length_max=_NAME_LENGTH_MAX)
            yield Field("Password", "password", length_max=_PASSWORD_LENGTH_MAX, password=True)
            again = Field("Again", "again", length_max=_PASSWORD_LENGTH_MAX, password=True)
            again.add_class("twice")
            yield again
            code = Field("Code", "code", length_max=CODE_LENGTH_MAX, hint="of your second factor, or a recovery code")
            code.add_class("code")
            yield code
            yield Words(id="told", least_lines=2)
            yield Hints()

    def on_mount(self) -> None:
        """Wait for the user."""
        self._turn(register=self._registering_first)
        self.field("password" if self._username else "username").focus()
        if self._is_held:
            self.wait(self._told)
        elif self._told:
            self.tell(self._told, Ink.ACCENT)

    def action_switch(self) -> None:
        """Turn between logging in and registering."""
        self._turn(register=not self.registering)

    def action_nodes(self) -> None:
        """Ask for another node; not while a login is under way, whose session would be nobody's."""
        if not self._fixed and not self._is_held:
            self.post_message(self.OtherNode())

    def hold(self, doing: str) -> None:
        """Say from the first on what is still being done; the form, and every way out but the quit, wait for it."""
        self.busy = self._is_held = True
        self._told = doing

    def release(self, told: str) -> None:
        """Say what was done, and take input."""
        self.busy = self._is_held = False
        self._told = told
        if self.is_mounted:
            self.tell(told, Ink.ACCENT)

    def wait(self, doing: str) -> None:
        """Say what is being done; the form waits."""
        self.busy = True
        self.tell(f"… {doing}", Ink.MUTED)

    @on(Choice.Changed)
    def _mode_chosen(self, event: Choice.Changed) -> None:
        self._turn(register=event.value == _REGISTER)

    @on(Input.Changed, "#username")
    def _another_user(self) -> None:
        self.remove_class("coded")

    def fields(self) -> list[Input]:
        """Return name and password, twice where one registers, and the code where one is asked for."""
        more = ("again",) * self.registering + ("code",) * self.coded
        return [self.field(name) for name in ("username", "password", *more)]

    def action_submit(self) -> None:
        """Send the form, unless something is missing."""
        if self.busy:
            return
        username, password = self.field("username").value.strip(), self.field("password").value
        flaw = self._flaw(username, password)
        if flaw is not None:
            self.refuse(*flaw)
            return
        self._is_held = True
        self.wait("registering" if self.registering else "logging in")
        self.run_worker(self._enter(username, password, self.registering), exclusive=True)

    def _flaw(self, username: str, password: str) -> tuple[Input, str] | None:
        """Return the field that is to be corrected, and why."""
        if not username:
            return self.field("username"), "The username is missing."
        if not password:
            return self.field("password"), "The password is missing."
        if self.registering and self.field("again").value != password:
            return self.field("again"), "The two passwords differ: type it again."
        if self.coded and not self.field("code").value.strip():
            return self.field("code"), "The code is missing."
        return None

    async def _enter(self, username: str, password: str, register: bool) -> None:
        try:
            if register:
                await self._exchange.register(username, password)
                self._turn(register=False)
                self.wait("registered; logging in")
            code = self.field("code").value.strip() if self.coded else None
            session = await self._exchange.login(username, password, code)
            await self._exchange.connect()
        except CryptexError as error:
            self._failed(error)
            return
        self.busy = self._is_held = False
        for name in ("password", "again", "code"):
            self.field(name).value = ""
        self.post_message(self.Entered(self._exchange, session.username, session.token))

    def _failed(self, error: CryptexError) -> None:
        self.busy = self._is_held = False
        if error.code is Code.SECOND_FACTOR_REQUIRED:
            self.add_class("coded")
            self.set_focus(self.field("code"))
            self.tell(_CODE_WANTED, Ink.ACCENT)
            return
        if error.code is Code.BAD_CODE:
            self.field("code").value = ""
            self.refuse(self.field("code"), texts.plain(reason(error)))
            return
        told, ink = texts.plain(reason(error)), Ink.BAD
        if isinstance(error, NodeUnreachableError):
            ink = Ink.ACCENT
        elif isinstance(error, OutcomeUnknownError) and self.registering:
            told, ink = "The answer was lost: you may be registered. Log in to find out.", Ink.ACCENT
        self.refuse(self.field("password"), told, ink)

    def _turn(self, *, register: bool) -> None:
        self.set_class(register, "registering")
        self.remove_class("coded")
        self.query_one(Choice).choose(_REGISTER if register else _LOG_IN)
        self.tell(*self._rules(register))
        word, other = ("register", "log in instead") if register else ("log in", "register instead")
        hints = [Hint("⏎", word, "submit"), Hint("^r", other, "switch")]
        if not self._fixed:
            hints.append(Hint("^n", "node", "nodes"))
        self.query_one(Hints).turn(*hints, Hint("^q", "quit", "app.quit"))

    def _rules(self, register: bool) -> tuple[str, Ink]:
        """Return what is to be known before something was tried."""
        if is_readable_on_the_way(self._exchange.url):
            return _NOT_ENCRYPTED, Ink.ACCENT
        return (_RULES, Ink.MUTED) if register else (self._hint, Ink.MUTED)
