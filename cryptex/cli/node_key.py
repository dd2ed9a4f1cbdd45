"""The key of a node's data folder: where it is, a copy of it, and another one."""

from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cryptex.cli.common import Run, command
from cryptex.cli.faults import Fault
from cryptex.cli.folders import DataDirOption, data_folder
from cryptex.cli.node_care import no_journal, refused
from cryptex.cli.unlocking import (
    KeyFileOption,
    PassphraseStdinOption,
    key_faults,
    named,
    passphrase,
    unlock_folder,
    with_passphrase,
)
from cryptex.protocol.audit import AuditAct

if TYPE_CHECKING:
    from cryptex.store.rekey import Rekeyed
    from cryptex.store.unlock import KeyWish

KindChoice = Literal["keyring", "file", "passphrase"]
"""Where a key can be kept."""


def add_to(node_app: typer.Typer) -> None:
    """Add these commands to the group `node`."""
    command(node_app, "key", example="cryptex node key --copy-to /media/safe/exchange.key")(key)
    command(node_app, "rekey", example="cryptex node rekey --data-dir ~/cryptex-data")(rekey)


def key(
    run: Run,
    data_dir: DataDirOption = None,
    key_file: KeyFileOption = None,
    passphrase_stdin: PassphraseStdinOption = False,
    copy_to: Annotated[
        Path | None, typer.Option("--copy-to", metavar="FILE", help="Write the key to a new file of mode 0600.")
    ] = None,
) -> None:
    """Say where a data folder's key is, and whether it fits.

    Without its key nothing in the folder can be read, nor in a backup of it: keep a copy of it somewhere else. The
    copy opens the folder with --key-file, wherever that may be. A passphrase needs none.
    """
    from cryptex.store.files import write_durably
    from cryptex.store.key_places import default_key_file
    from cryptex.store.vault import key_of, read_header

    folder = data_folder(run, data_dir)
    with key_faults():
        header = read_header(folder)
    if header is None and not (folder / "journal.db").exists():
        raise no_journal(str(folder))
    if header is None:
        raise refused(f"{folder} is not encrypted", f"`cryptex node rekey --data-dir {folder}` encrypts it.")
    unlock_folder(folder, key_file, passphrase_stdin)
    place = str(named(key_file) or header.key_file or default_key_file(header.id)) if header.kind == "file" else ""
    copy = named(copy_to)
    if copy is not None:
        if copy.exists():
            raise refused(f"{copy} exists already", "Name a new file: a copy never takes the place of one.")
        with key_faults():
            found = key_of(folder)
        if found is not None:
            write_durably(copy, f"{found.hex()}\n".encode())
    run.out.fields([("key", header.kind), ("file", place), ("vault", header.id), ("copy", str(copy or ""))])


def rekey(
    run: Run,
    data_dir: DataDirOption = None,
    key_file: KeyFileOption = None,
    passphrase_stdin: Annotated[
        bool, typer.Option("--passphrase-stdin", help="Read passphrases from stdin: the present, then the new one.")
    ] = False,
    new_key: Annotated[KindChoice | None, typer.Option("--new-key", help="Where the new key is kept [as now].")] = None,
    new_key_file: Annotated[
        Path | None, typer.Option("--new-key-file", metavar="FILE", help="Keep it in this file.")
    ] = None,
    plain: Annotated[bool, typer.Option("--plain", help="No key any more: decrypt the folder.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Encrypt a data folder with a new key; the node must be stopped.

    A plain folder is encrypted, an encrypted one gets another key; --plain decrypts it and asks first. Journal, users,
    history and snapshots are written anew, and take their places when all of them are whole: if it is cut short the
    folder opens with the one key or the other. Backups that were made before still need the old key, which stays where
    it is.
    """
    from cryptex.store.unlock import KeyWish

    folder = data_folder(run, data_dir)
    if plain and (new_key is not None or new_key_file is not None):
        raise Fault("--plain takes no new key", suggestion="Give the one or the other.")
    old = with_passphrase(folder, KeyWish("off", None, named(key_file)), passphrase_stdin)
    new = None if plain else _new_wish(folder, new_key, new_key_file, passphrase_stdin)
    if plain:
        run.out.confirm(f"Decrypt {folder}, so that whoever reads the disk reads it?", yes=yes)
    done = _rekey(run, folder, old, new)
    _audit(run, folder, done)
    _say(run, folder, done)


def _new_wish(folder: Path, kind: KindChoice | None, file: Path | None, from_stdin: bool) -> "KeyWish":
    """Return where the new key is to be: as now, where nothing else is said."""
    from cryptex.store.unlock import KeyWish
    from cryptex.store.vault import read_header

    with key_faults():
        present = read_header(folder)
    chosen, place = kind, named(file)
    if chosen is None and place is None and present is not None:
        chosen = present.kind
        place = Path(present.key_file) if present.key_file else None
    if place is not None and chosen not in (None, "file"):
        raise Fault(f"a key that is kept as {chosen} has no file", suggestion="Give the one or the other.")
    phrase = passphrase(from_stdin, new=True) if chosen == "passphrase" else None
    return KeyWish("on", chosen, place, phrase)


def _rekey(run: Run, folder: Path, old: "KeyWish", new: "KeyWish | None") -> "Rekeyed":
    from cryptex.store.database import FolderInUse, SchemaTooNew, StoreDamaged
    from cryptex.store.driver import ERRORS
    from cryptex.store.journal import JournalDamaged
    from cryptex.store.rekey import rekey as rekey_folder

    try:
        with key_faults(), run.out.progress("Writing anew") as tell:
            return rekey_folder(folder, old, new, tell)
    except FileNotFoundError:
        raise no_journal(str(folder)) from None
    except FolderInUse as error:
        raise refused(str(error), f"Stop it with `cryptex node stop --data-dir {folder}`.") from None
    except (JournalDamaged, SchemaTooNew, StoreDamaged) as error:
        raise refused(str(error), "`cryptex node verify` says more. The folder has the key that it had.") from None
    except (OSError, *ERRORS) as error:
        raise refused(f"the folder was not written anew: {error}", "Look at the disk; then try again.") from None


def _audit(run: Run, folder: Path, done: "Rekeyed") -> None:
    from cryptex.store.audit import record_on_machine
    from cryptex.store.driver import ERRORS

    kind = "plain" if done.header is None else done.header.kind
    try:
        record_on_machine(folder, time_ns(), AuditAct.REKEYED, kind, {})
    except (OSError, *ERRORS) as error:
        run.out.note(f"The audit log has no entry of it: {error}")


def _say(run: Run, folder: Path, done: "Rekeyed") -> None:
    from cryptex.store.unlock import where

    kind = "none: the folder is plain" if done.header is None else done.header.kind
    run.out.fields([("rekeyed", str(folder)), ("key", kind), ("written anew", ", ".join(done.files))])
    if done.header is not None:
        run.out.note(where(done.header))
    run.out.note("Backups that were made before still need the key of then, if they had one.")
    if done.left:
        run.out.note(f"Left as they were: {', '.join(done.left)}.")
