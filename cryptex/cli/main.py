"""The `cryptex` command: puts the commands together and turns how they end into exit codes."""

import sys
from typing import Annotated, Final, cast

import typer

from cryptex import __version__
from cryptex.cli import (
    admin,
    bench,
    bot,
    check,
    demo,
    keys,
    known,
    markets,
    nodes,
    orders,
    place,
    second_factor,
    sessions,
    sim,
    terminal,
    users,
    wallet,
)
from cryptex.cli.common import Run, group
from cryptex.cli.faults import Fault
from cryptex.cli.output import Format, Output
from cryptex.cli.streams import StdoutLost, open_missing, settle
from cryptex.protocol.problems import ExitCode

_CLICK_ERRORS: Final = cast(type[Exception], typer.BadParameter.__mro__[2])
"""What Typer raises for a command line that it cannot read; the click inside Typer has no public name for it."""


_TYPER_PREFIX: Final = "Value error, "
"""What stands before the words that say what a value must be, and tells nobody anything."""


def build_app() -> typer.Typer:
    """Return the application with all its commands."""
    app = typer.Typer(
        name="cryptex",
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog="Start with: cryptex demo",
    )
    group(app)(root)
    for noun in (
        demo,
        nodes,
        known,
        users,
        markets,
        place,
        orders,
        wallet,
        sessions,
        second_factor,
        keys,
        admin,
        terminal,
        check,
        bench,
        sim,
        bot,
    ):
        noun.add_to(app)
    return app


def root(
    run: Run,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """A cryptocurrency exchange in a terminal: run a node, trade on it, and script it."""
    if version:
        run.out.text(f"cryptex {__version__}")
    else:
        run.help()


def main() -> None:
    """Run the command line; exits."""
    open_missing()
    code = run_line(sys.argv[1:])
    settle()
    sys.exit(code)


def run_line(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    try:
        code = build_app()(args=arguments, prog_name="cryptex", standalone_mode=False)
        return code if isinstance(code, int) else ExitCode.DONE
    except _CLICK_ERRORS as error:
        _output(arguments).report(_usage_fault(error))
        return ExitCode.USAGE
    except typer.Abort:
        return ExitCode.INTERRUPTED
    except SystemExit:  # Typer's answer to a reader of its help that left
        return ExitCode.DONE
    except OSError as error:  # help is printed by Typer; those of commands end in `common`
        return _output(arguments).report_lost(StdoutLost(error))


def _usage_fault(error: Exception) -> Fault:
    say = getattr(error, "format_message", None)
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "cryptex"
    said = str(say() if say else error).rstrip(".").replace(_TYPER_PREFIX, "")
    return Fault(said, suggestion=f"`{path} --help` says how it is written.")


def _output(arguments: list[str]) -> Output:
    """Return the output for a command line that could not be read, in the form it seems to ask for."""
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        for form in (Format.JSON, Format.NDJSON):
            if (word in ("-o", "--output") and following == form) or word in (f"-o{form}", f"--output={form}"):
                return Output(form)
    return Output()
