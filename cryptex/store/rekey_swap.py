"""The end of a rekey: files under the new key take the places of the old ones.

They lie in the folder `rekey`, whole and durable; by getting that name they became the truth. From there on every
step is a rename or a removal that may be repeated, and needs no key: whoever takes the folder's lock finishes it.
"""

from pathlib import Path
from shutil import rmtree
from typing import Final

from cryptex.store.files import sync_path
from cryptex.store.vault import HEADER_NAME, REKEYED_NAME

PART_NAME: Final = "rekey.part"
"""Folder in which they are made: what is left of it after a crash is worth nothing."""

PLAIN_NAME: Final = "plain"
"""In the place of a header, where a folder is to be plain from now on."""

DATABASES: Final = ("journal.db", "users.db", "history.db")
_BESIDE: Final = ("-wal", "-shm")
_LEFTOVERS: Final = ("history.db.damaged*", "history.db.new*", "journal.db.part*", "*.tmp")
"""What may hold things written under the old key, and is of no more use."""


def finish_rekey(root: Path) -> bool:
    """Finish, or clear away, a rekey that was cut short; return whether the folder has another key now.

    The caller holds the folder's lock.
    """
    rmtree(root / PART_NAME, ignore_errors=True)
    made = root / REKEYED_NAME
    if not made.exists():
        return False
    for name in DATABASES:
        _swap_database(made / name, root / name)
    _swap_snapshots(made / "snapshots", root / "snapshots")
    for pattern in _LEFTOVERS:
        for leftover in root.glob(pattern):
            leftover.unlink()
    _swap_header(made, root / HEADER_NAME)
    sync_path(root)
    rmtree(made)
    sync_path(root)
    return True


def _swap_database(made: Path, path: Path) -> None:
    # The old WAL must be gone before the new file takes the name: SQLite would play it onto the wrong file.
    for suffix in _BESIDE:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    sync_path(path.parent)
    if made.exists():
        made.replace(path)


def _swap_snapshots(made: Path, path: Path) -> None:
    if not made.exists():
        return
    rmtree(path, ignore_errors=True)
    made.rename(path)


def _swap_header(made: Path, path: Path) -> None:
    if (made / HEADER_NAME).exists():
        (made / HEADER_NAME).replace(path)
    elif (made / PLAIN_NAME).exists():
        path.unlink(missing_ok=True)
