"""Who are the admins of a node: named on its machine, with its data folder, and nowhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import typer

from cryptex.cli.common import Run, command, group
from cryptex.cli.faults import Fault
from cryptex.cli.folders import DataDirOption, data_folder
from cryptex.cli.node_care import refused
from cryptex.cli.sheets import Sheet
from cryptex.cli.table import Column, number
from cryptex.cli.unlocking import KeyFileOption, PassphraseStdinOption, unlock_folder
from cryptex.protocol.problems import CATALOGUE, Code, Refusal
from cryptex.protocol.times import time_text

if TYPE_CHECKING:
    from cryptex.store.admins import Admins, KnownUser

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A registered user.", show_default=False)]
_COUNTS: Final = "It counts at once, also on a node that runs."


def add_to(node_app: typer.Typer) -> None:
    """Add these commands to the group `node`."""
    admin_app = typer.Typer(help="Say who is an admin of this node, on its machine.")
    group(admin_app)(admin)
    command(admin_app, "add", example="cryptex node admin add alice")(add)
    command(admin_app, "remove", example="cryptex node admin remove alice")(remove)
    command(admin_app, "list", example="cryptex node admin list")(list_admins)
    node_app.add_typer(admin_app, name="admin", epilog="Example: cryptex node admin add alice")


def admin(run: Run) -> None:
    """Say who is an admin of this node, on its machine."""
    run.help()


def add(
    run: Run,
    username: NameArgument,
    data_dir: DataDirOption = None,
    key_file: KeyFileOption = None,
    passphrase_stdin: PassphraseStdinOption = False,
) -> None:
    """Make a user an admin.

    Admins look after users, markets and withdrawals with `cryptex admin`. The node may run; the audit log has it.
    """
    folder = data_folder(run, data_dir)
    with _admins(folder, key_file, passphrase_stdin) as admins:
        before = {each.id for each in admins.all()}
        user = admins.give(username)
    run.out.done = f"{user.username} is an admin."
    run.out.fields([("admin", user.username), ("id", user.id)])
    run.out.note(f"{user.username} was an admin already: nothing was changed." if user.id in before else _COUNTS)


def remove(
    run: Run,
    username: NameArgument,
    data_dir: DataDirOption = None,
    key_file: KeyFileOption = None,
    passphrase_stdin: PassphraseStdinOption = False,
) -> None:
    """Make an admin a trader again."""
    folder = data_folder(run, data_dir)
    with _admins(folder, key_file, passphrase_stdin) as admins:
        before = {each.id for each in admins.all()}
        user = admins.take(username)
        left = admins.all()
    was_admin = user.id in before
    run.out.done = f"{user.username} is no admin."
    run.out.fields([("removed", user.username if was_admin else None), ("id", user.id)])
    if not was_admin:
        run.out.note(f"{user.username} was no admin: nothing was changed.")
        return
    run.out.note(_COUNTS if left else f"{_COUNTS} No admin is left: `cryptex node admin add NAME` makes one.")


def list_admins(
    run: Run,
    data_dir: DataDirOption = None,
    key_file: KeyFileOption = None,
    passphrase_stdin: PassphraseStdinOption = False,
) -> None:
    """List the admins of this node."""
    folder = data_folder(run, data_dir)
    with _admins(folder, key_file, passphrase_stdin) as admins:
        found = admins.all()

    def row(user: "KnownUser") -> tuple[int, str, str, str]:
        return (user.id, user.username, time_text(user.created_ns), "" if user.disabled_ns is None else "yes")

    shown = [dict(zip(("id", "username", "created_at", "disabled"), row(user), strict=True)) for user in found]
    columns = (number("ID"), Column("USERNAME"), Column("CREATED"), Column("DISABLED"))
    run.out.listing(
        msgspec.json.encode({"admins": [{**each, "disabled": bool(each["disabled"])} for each in shown]}),
        Sheet(("id", "username", "created_at", "disabled"), "admins"),
        lambda: found,
        lambda users: run.out.table(columns, [row(user) for user in users]),
        "No admins: `cryptex node admin add NAME` makes one.",
    )


@contextmanager
def _admins(folder: Path, key_file: Path | None, passphrase_stdin: bool) -> "Iterator[Admins]":
    """Open the users of a data folder, beside its node. Raises Fault."""
    from cryptex.store.admins import Admins
    from cryptex.store.database import SchemaTooNew, StoreDamaged
    from cryptex.store.driver import ERRORS
    from cryptex.store.users_database import UsersDatabase

    if not (folder / "users.db").exists():
        raise Fault(f"there are no users in {folder}", suggestion="Name the node's folder with --data-dir.")
    unlock_folder(folder, key_file, passphrase_stdin)
    try:
        database = UsersDatabase(folder)
        try:
            yield Admins(database, time_ns)
        finally:
            database.close()
    except Refusal as refusal:
        suggestion = "Register the user first: `cryptex register NAME`."
        if refusal.code is not Code.UNKNOWN_USER:
            suggestion = CATALOGUE[refusal.code].suggestion
        raise Fault(
            refusal.message,
            code=refusal.code.value,
            suggestion=suggestion,
            exit_code=CATALOGUE[refusal.code].exit_code,
        ) from None
    except (SchemaTooNew, StoreDamaged, *ERRORS) as error:
        raise refused(str(error), "Nothing was changed.") from None
