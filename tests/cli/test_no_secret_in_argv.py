"""No command takes a secret as an argument: others on the machine can read those, and shells remember them."""

import re
from collections.abc import Iterator
from typing import Any, get_args

from typer.main import get_command

from cryptex.cli.main import build_app

SECRET = re.compile(r"pass|token|secret|key|code|credential|pin|otp|auth|recover|sign", re.IGNORECASE)


def parameters(command: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every parameter of the whole tree, hidden ones too, with the command that it belongs to."""
    for each in command.params:
        yield path, each
    for name, inner in getattr(command, "commands", {}).items():
        yield from parameters(inner, f"{path} {name}".strip())


def takes_a_secret(parameter: Any) -> bool:
    kind = parameter.type_descriptor.annotation
    if kind is not str and str not in get_args(kind):  # a path, one of a few words, a number, a switch
        return False
    words = [*parameter.opts, *parameter.secondary_opts, parameter.name or ""]
    return any(SECRET.search(word) for word in words)


def test_no_option_and_no_argument_of_any_command_takes_one() -> None:
    found = {
        f"{path} {option}".strip()
        for path, parameter in parameters(get_command(build_app()))
        if takes_a_secret(parameter)
        for option in parameter.opts
    }
    assert found == set()


def test_the_test_sees_what_it_is_there_for() -> None:
    app = build_app()

    @app.command("leak")
    def leak(password: str, api_token: str = "") -> None:
        """Take secrets."""

    found = {
        parameter.name
        for path, parameter in parameters(get_command(app))
        if path == "leak" and takes_a_secret(parameter)
    }
    assert {"password", "api_token"} <= found
