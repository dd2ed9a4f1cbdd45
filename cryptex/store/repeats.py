"""What strangers can do as often as they like, such as failing to log in: it is audited without filling the disk."""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from typing import Final, NamedTuple

from cryptex.protocol.audit import AuditAct
from cryptex.protocol.problems import Refusal
from cryptex.store.audit import Details, record
from cryptex.store.database import StoreDamaged
from cryptex.store.driver import ERRORS
from cryptex.store.users_database import UsersDatabase

MINUTE_NS: Final = 60_000_000_000
SUBJECTS_PER_MINUTE_MAX: Final = 10
"""Subjects with entries of their own in a minute, for each act; the others share one."""

NAMED_MAX: Final = 3
"""Of the others, so many who came most often are named when the minute is over: noise must not hide who is meant."""

OTHERS_COUNTED_MAX: Final = 10_000
"""Others whose share is counted, of one minute."""

UNKNOWN_NAME: Final = "(unknown name)"
"""The subject of all who are not users: what they typed may be a password in the wrong place."""
OTHERS: Final = "(others)"

_NO_DETAILS: Final[Details] = {}
_log: Final = logging.getLogger(__name__)


class _Kind(NamedTuple):
    act: AuditAct
    subject: str


class _Waiting(NamedTuple):
    time_ns: int
    kind: _Kind
    actor: int | None
    address: str
    details: Details


class Repeats:
    """Keeps the first of its kind in a minute, and how many more there were when the minute is over.

    `note` touches no disk, so that nobody can tell from its time whether there was an entry; `settle` writes.
    """

    def __init__(self, database: UsersDatabase, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._minute = 0
        self._counts: Counter[_Kind] = Counter()
        self._others: Counter[_Kind] = Counter()
        self._waiting: list[_Waiting] = []

    def note(self, act: AuditAct, subject: str, address: str, actor: int | None = None) -> None:
        """Note an act for the next `settle`."""
        now_ns = self._clock()
        with self._lock:
            self._turn(now_ns)
            kind = self._kind(act, subject)
            if kind.subject is OTHERS:
                self._count_other(_Kind(act, subject))
            self._counts[kind] += 1
            if self._counts[kind] == 1:
                self._waiting.append(_Waiting(now_ns, kind, actor, address, _NO_DETAILS))

    def settle(self, *, closing: bool = False) -> None:
        """Write what was noted. The count of a minute is written when it is over, or when the store is closed."""
        with self._lock:
            self._turn(self._clock(), closing=closing)
            waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            with self._database.writing() as connection:
                for time_ns, (act, subject), actor, address, details in waiting:
                    record(connection, time_ns, act, actor=actor, subject=subject, address=address, details=details)
        except (Refusal, *ERRORS, StoreDamaged) as error:  # whoever needs the store next hears of it
            _log.warning("the audit log lacks %d entries: %s", len(waiting), error.__cause__ or error)

    def _turn(self, now_ns: int, *, closing: bool = False) -> None:
        """Begin another minute where one is over."""
        minute = now_ns // MINUTE_NS
        if minute == self._minute and not closing:
            return
        for kind, count in self._counts.items():
            if count > 1:
                self._waiting.append(_Waiting(now_ns, kind, None, "", {"more": count - 1}))
        for act in dict.fromkeys(kind.act for kind in self._others):
            shares = Counter({kind: count for kind, count in self._others.items() if kind.act is act})
            for kind, count in shares.most_common(NAMED_MAX):
                self._waiting.append(_Waiting(now_ns, kind, None, "", {"among_others": count}))
        self._counts.clear()
        self._others.clear()
        self._minute = minute

    def _count_other(self, kind: _Kind) -> None:
        if kind in self._others or len(self._others) < OTHERS_COUNTED_MAX:
            self._others[kind] += 1

    def _kind(self, act: AuditAct, subject: str) -> _Kind:
        kind = _Kind(act, subject)
        if kind in self._counts or sum(each.act is act for each in self._counts) < SUBJECTS_PER_MINUTE_MAX:
            return kind
        return _Kind(act, OTHERS)
