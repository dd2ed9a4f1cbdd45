"""The key of a node's data folder, for commands that open it: where it is looked for, and the passphrase's prompt."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cryptex.cli.faults import Fault
from cryptex.cli.passwords import ask_secret, read_secret
from cryptex.protocol.problems import Code, ExitCode

if TYPE_CHECKING:
    from cryptex.store.unlock import KeyWish

KeyFileOption = Annotated[
    Path | None,
    typer.Option("--key-file", metavar="FILE", help="The folder's key is in this file [where it was put at first]."),
]
PassphraseStdinOption = Annotated[
    bool, typer.Option("--passphrase-stdin", help="Read the folder's passphrase from the first line of stdin.")
]
_STDIN: str = "Elsewhere give --passphrase-stdin."


def passphrase(from_stdin: bool, *, new: bool) -> str:
    """Return the passphrase of a data folder, a new one typed twice. Raises Fault."""
    if from_stdin:
        return read_secret("passphrase", "Give it as the first line.")
    return ask_secret("New passphrase: " if new else "Passphrase: ", "passphrase", _STDIN, twice=new)


def with_passphrase(folder: Path, wish: "KeyWish", from_stdin: bool) -> "KeyWish":
    """Return the wish with the passphrase, where this folder has one or is to get one. Raises Fault."""
    from cryptex.store.unlock import asks_passphrase

    with key_faults():
        new = asks_passphrase(folder, wish)
    return wish if new is None else wish._replace(phrase=passphrase(from_stdin, new=new))


def unlock_folder(folder: Path, key_file: Path | None, from_stdin: bool) -> None:
    """Find the key of a folder that a command is about to open. A plain one needs none. Raises Fault."""
    from cryptex.store.unlock import KeyWish, find_key
    from cryptex.store.vault import refuse_half_rekeyed

    with key_faults():
        refuse_half_rekeyed(folder)  # before a passphrase is asked for
        wish = with_passphrase(folder, KeyWish("off", None, named(key_file)), from_stdin)
        find_key(folder, wish.key_file, wish.phrase)


def named(file: Path | None) -> Path | None:
    """Return a file as it was named, from the root on."""
    return None if file is None else file.expanduser().absolute()


@contextmanager
def key_faults() -> Iterator[None]:
    """Turn what is wrong with a key into a fault, which says the way back itself."""
    from cryptex.store.key_places import KeyRefused

    try:
        yield
    except KeyRefused as error:
        raise locked(str(error)) from None


def locked(message: str) -> Fault:
    """Return the fault for a folder that does not open."""
    return Fault(
        message,
        code=Code.UNAVAILABLE.value,
        suggestion='Nothing was touched. docs/operations.md, "Encryption", says where keys are kept.',
        exit_code=ExitCode.REFUSED,
    )
