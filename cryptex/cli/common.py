"""What every command shares: -o, --node and --profile in any position, the door to the node, and how it ends."""

import inspect
import os
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Concatenate, Final, NamedTuple, ParamSpec

import msgspec
import typer

from cryptex.cli.completion import complete_profile
from cryptex.cli.door import Door
from cryptex.cli.environment import NODE_VARIABLE, PROFILE_VARIABLE, TOKEN_VARIABLE, TRUST_VARIABLE
from cryptex.cli.faults import INTERRUPTED_CODE, SYSTEM_CODE, Fault, fault_of
from cryptex.cli.option_names import name_options
from cryptex.cli.output import Format, Output
from cryptex.cli.profiles import known_profile, node_url, welcome_profile
from cryptex.cli.streams import StdoutLost
from cryptex.client.caller import NODE_URL_DEFAULT, REQUEST_TIMEOUT_S
from cryptex.client.errors import CryptexError, InvalidRequestError
from cryptex.client.signing import is_sent
from cryptex.client.transport import is_readable_on_the_way, split_url
from cryptex.protocol.problems import Code, ExitCode
from cryptex.tui.broken import TerminalBrokenError

if TYPE_CHECKING:
    from cryptex.client.trust import NodeTrust

P = ParamSpec("P")

_REPORT: Final = (
    "This is a fault of cryptex: please report the lines above to its developers, with the keys that you pressed. "
    "Orders that were sent stand: `cryptex orders` lists them."
)
_PANEL_NOTE: Final = "Works before or after the command."


class Given(NamedTuple):
    """The shared options as they were given so far; None means not yet."""

    output: Format | None = None
    node: str | None = None
    profile: str | None = None
    trust: str | None = None


class Run:
    """What a command runs with."""

    def __init__(self, given: Given, context: typer.Context) -> None:
        self.given = given
        self._context = context
        self.out = Output(given.output or Format.TABLE)

    def help(self) -> None:
        """Print what this command, or its group, can do."""
        self.out.text(self._context.get_help())

    @cached_property
    def profile(self) -> str:
        """The profile. Raises Fault where there is none of its name."""
        return known_profile(self.given.profile)

    def welcome_profile(self) -> bool:
        """Take a profile that may be new, for a login; return whether it is. Raises Fault, see `profiles`."""
        has_node = self.given.node is not None or bool(os.environ.get(NODE_VARIABLE))
        self.profile, is_new = welcome_profile(self.given.profile, has_node=has_node)
        return is_new

    @cached_property
    def url(self) -> str:
        """The node's address."""
        return node_url(self.given.node, self.profile, NODE_URL_DEFAULT)

    def door(self, token: str | None = None, timeout_s: float = REQUEST_TIMEOUT_S) -> Door:
        """Return the door to the node, for what everybody may ask."""
        self.check_address()
        return Door(self.url, token, timeout_s, trust=self.trust)

    def check_address(self) -> None:
        """Raise Fault where the node's address can not be one, or is none for the fingerprint that was given."""
        try:
            parts = split_url(self.url)
        except InvalidRequestError as error:
            raise Fault(f"{self.url!r}: {error}", suggestion=f"Correct --node or {NODE_VARIABLE}.") from None
        if parts.scheme != "https" and (self.given.trust or os.environ.get(TRUST_VARIABLE)):
            raise Fault(
                f"a fingerprint is given, but {self.url} is not the address of a node that speaks TLS",
                suggestion=f"Such an address begins with https://: correct --node, or --trust and {TRUST_VARIABLE}.",
            )

    @cached_property
    def trust(self) -> "NodeTrust | None":
        """What judges the node, settled; None for plain http. Asks a person about a node that is new here.

        Raises UntrustedNodeError, NodeUnreachableError, Fault.
        """
        self.check_address()
        if not self.url.lower().startswith("https:"):
            return None
        from cryptex.cli.folders import data_folder, read_node_file
        from cryptex.cli.trust import entrusted  # most nodes are on this machine, and speak plain http

        return entrusted(self.out, self.url, self.given.trust, read_node_file(data_folder(self, None)))

    def check_trust(self) -> None:
        """Settle `trust` here and now: a question does not belong into an event loop."""
        _ = self.trust

    def own_door(self) -> Door:
        """Return the door to the node for the user who is logged in. Raises Fault when nobody is."""
        self.check_address()
        return self.door(self.token())

    def token(self) -> str:
        """Return the token: CRYPTEX_TOKEN, else what `cryptex login` kept for this node and profile.

        Warns where others on the way could read it.
        """
        token = os.environ.get(TOKEN_VARIABLE)
        if not token:
            from cryptex.client.session import TokenStore

            token = TokenStore().load(self.url, self.profile)
        if not token:
            raise Fault(
                f"not logged in at {self.url}",
                code=Code.UNAUTHENTICATED.value,
                suggestion=f"Log in with `cryptex login NAME`, or set {TOKEN_VARIABLE}.",
                exit_code=ExitCode.NOT_ALLOWED,
            )
        if is_readable_on_the_way(self.url) and is_sent(token):
            self.out.note(f"Warning: {self.url} is not encrypted; others on the way can read the token.")
        return token


OutputOption = Annotated[
    Format | None, typer.Option("--output", "-o", help=f"How data is printed. {_PANEL_NOTE}", show_default=False)
]
NodeOption = Annotated[
    str | None,
    typer.Option("--node", metavar="URL", help=f"The node's address [{NODE_VARIABLE}; {NODE_URL_DEFAULT}]."),
]
ProfileOption = Annotated[
    str | None,
    typer.Option(
        "--profile",
        metavar="NAME",
        help=f"Whose login and node to use [{PROFILE_VARIABLE}; default].",
        autocompletion=complete_profile,
    ),
]
TrustOption = Annotated[
    str | None,
    typer.Option(
        "--trust", metavar="FINGERPRINT", help=f"What an https node's key must be [{TRUST_VARIABLE}; what is known]."
    ),
]
_SHARED: Final = {"output": OutputOption, "node": NodeOption, "profile": ProfileOption, "trust": TrustOption}


def command(
    app: typer.Typer, name: str, *, example: str
) -> Callable[[Callable[Concatenate[Run, P], None]], Callable[Concatenate[Run, P], None]]:
    """Register a function as a command. It gets a Run first; its docstring is the help, ended by an example."""

    def register(function: Callable[Concatenate[Run, P], None]) -> Callable[Concatenate[Run, P], None]:
        app.command(name, epilog=f"Example: {example}")(_guarded(function))
        return function

    return register


def group(app: typer.Typer) -> Callable[[Callable[Concatenate[Run, P], None]], Callable[Concatenate[Run, P], None]]:
    """Register a function as what runs when a group is named, before its command. It gets a Run first."""

    def register(function: Callable[Concatenate[Run, P], None]) -> Callable[Concatenate[Run, P], None]:
        app.callback(invoke_without_command=True)(_guarded(function, only_alone=True))
        return function

    return register


def given_of(context: typer.Context) -> Given:
    """Return the shared options that stood before this command."""
    return context.obj if isinstance(context.obj, Given) else Given()


def _guarded(function: Callable[Concatenate[Run, P], None], *, only_alone: bool = False) -> Callable[..., None]:
    """Return what Typer calls: the function's own parameters and the shared ones, with faults made exit codes."""

    def call(
        context: typer.Context,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        shared = {name: kwargs.pop(name) for name in _SHARED}
        before = given_of(context)
        given = Given(*(old if now is None else now for now, old in zip(shared.values(), before, strict=True)))  # type: ignore[arg-type]  # Typer has checked them
        context.obj = given
        if only_alone and context.invoked_subcommand is not None:
            return
        run = Run(given, context)
        _ended(run.out, context, lambda: function(run, *args, **kwargs))

    own = list(inspect.signature(function).parameters.values())[1:]
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in _SHARED.items()
    ]
    context = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    parameters = [context, *(each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own), *shared]
    signature = inspect.Signature(parameters)
    call.__signature__ = signature  # type: ignore[attr-defined]  # how inspect is told
    call.__annotations__ = {each.name: each.annotation for each in parameters}
    call.__doc__, call.__name__ = function.__doc__, function.__name__
    return call


def _ended(out: Output, context: typer.Context, work: Callable[[], None]) -> None:
    try:
        work()
    except CryptexError as error:
        fault = fault_of(error)
        name_options(fault, context, given_of(context).trust is not None)
        out.report(fault)
        out.leave(fault.exit_code)
    except Fault as fault:
        if isinstance(fault.__context__, KeyboardInterrupt):
            out.end_line()
        out.report(fault)
        if fault.code == INTERRUPTED_CODE and out.done:  # some of it was done before
            out.note(out.done)
        out.leave(fault.exit_code)
    except StdoutLost as lost:
        out.leave(out.report_lost(lost))
    except TerminalBrokenError as error:
        out.report(Fault(f"the terminal broke off: {error}", code=Code.INTERNAL_ERROR.value, suggestion=_REPORT))
        out.leave(ExitCode.REFUSED)
    except (msgspec.DecodeError, UnicodeDecodeError, ArithmeticError) as error:
        out.report(_unreadable(error, out.done))
        out.leave(ExitCode.UNREACHABLE)
    except OSError as error:
        out.report(Fault(str(error), code=SYSTEM_CODE, suggestion=out.done))
        out.leave(ExitCode.REFUSED)
    except (KeyboardInterrupt, typer.Abort):
        out.end_line()
        if not out.done:
            raise
        out.report(Fault("interrupted", code=INTERRUPTED_CODE, suggestion=out.done))
        out.leave(ExitCode.INTERRUPTED)


def _unreadable(error: Exception, done: str) -> Fault:
    """Return the fault for an answer in which something is not what it must be, such as a price that is no number."""
    message = f"the node's answer cannot be read; is it another version? ({str(error) or type(error).__name__})"
    return Fault(message, code=Code.UNAVAILABLE.value, suggestion=done, exit_code=ExitCode.UNREACHABLE)
