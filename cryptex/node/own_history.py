"""Whose history it is: it is served and added to only where it is the journal's, and else made anew."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DatabaseError

from cryptex.store.history import History
from cryptex.store.history_database import set_aside_damaged
from cryptex.store.projector import Projector

_log: Final = logging.getLogger(__name__)


def disown_foreign(projector: Projector, hash_at: Callable[[int], bytes | None]) -> None:
    """Empty history, with a warning, unless the journal has the hash that history's last landing had there.

    After a restore, the one in the folder may be of another timeline, which says nothing about this one. `hash_at`
    is the journal's.
    """
    sequence, chain_hash = projector.position()
    if hash_at(sequence) == chain_hash:
        return
    _log.warning("history is another journal's (it has landed its sequence %d): it is built anew", sequence)
    projector.begin_anew()


def open_history(location: Path | str, hash_at: Callable[[int], bytes | None]) -> History:
    """Open history to be read, emptied first where it is not the journal's, and begun anew where its file is damaged.

    Raises SchemaTooNew.
    """
    try:
        _check(location, hash_at)
    except DatabaseError as error:
        if not set_aside_damaged(location, error):
            raise
    return History(location)


def _check(location: Path | str, hash_at: Callable[[int], bytes | None]) -> None:
    projector = Projector(location)
    try:
        disown_foreign(projector, hash_at)
    finally:
        projector.close()
