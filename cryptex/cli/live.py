"""`--watch`: what follows a channel and prints it, until the person or the reader of stdout leaves.

On a terminal a table is drawn in place; elsewhere it is printed anew after each change. With NDJSON and CSV each thing
that is new or changed is a row. Whether the data is live is said: in the table, or on stderr.
"""

import asyncio
import os
import stat
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, Protocol, TypeVar

import msgspec

from cryptex.cli import sheets
from cryptex.cli.common import Run
from cryptex.cli.faults import Fault
from cryptex.cli.log_lines import log_harmlessly
from cryptex.cli.output import Format
from cryptex.cli.screen import Screen
from cryptex.client.exchange import Exchange
from cryptex.client.text import as_text
from cryptex.protocol.codec import encode_json
from cryptex.protocol.printable import printable

FRAME_SECONDS: Final = 0.1
"""The shortest time between two drawings of a table: what changes meanwhile is drawn at once."""

ROWS_DEFAULT: Final = 20
"""How many trades, candles, fills or ended orders a watch begins with."""

T = TypeVar("T", bound=msgspec.Struct)


class Followed(Protocol):
    """What is used of a subscription."""

    @property
    def live(self) -> bool:
        """Whether its data is what the node has now."""

    async def changed(self) -> None:
        """Wait for the next change."""


class Watch(ABC):
    """A channel, or several of one kind, as rows and as a table."""

    sheet: sheets.Sheet
    away = "The connection is lost; reconnecting."
    """What is said when its data is no longer live."""

    def __init__(self, subscriptions: Sequence[Followed]) -> None:
        self.subscriptions = subscriptions
        self.interrupted = False
        """Whether the data was not live since the last call of `changes`, so that some of it may not be seen."""

    @property
    def live(self) -> bool:
        """Whether all of it is what the node has now."""
        return all(each.live for each in self.subscriptions)

    @abstractmethod
    def changes(self) -> list[msgspec.Struct]:
        """Return what is new or changed since the last call, as views, oldest first."""

    @abstractmethod
    def draw(self) -> str:
        """Return what there is now as a table."""

    def missed(self) -> str:
        """Return a word about what may have been missed while out of touch, or nothing."""
        return ""


class EventsWatch(Watch):
    """What happens and is over: in every form a line an event, with the bell, and no table to redraw."""

    @property
    @abstractmethod
    def done(self) -> bool:
        """Whether it has told all that was asked for."""

    @abstractmethod
    def greeting(self) -> str:
        """Return what is said to the person once its data is live for the first time."""

    @abstractmethod
    def line(self, event: msgspec.Struct) -> str:
        """Return an event of `changes` as a line of text."""

    def draw(self) -> str:
        """Return nothing: what is over is not drawn again."""
        return ""


def watch(run: Run, begin: Callable[[Exchange], Watch], *, private: bool = False) -> None:
    """Follow what `begin` subscribes to. Ends by Ctrl-C (exit code 130), or when nobody reads stdout any more."""
    if run.out.form is Format.JSON:
        raise Fault("--watch gives rows, not one JSON document", suggestion="Give -o ndjson: a JSON object a line.")
    token = run.token() if private else None
    run.check_trust()
    log_harmlessly()
    asyncio.run(_follow(run, begin, token))


async def _follow(run: Run, begin: Callable[[Exchange], Watch], token: str | None) -> None:
    async with Exchange(run.url, token, trust=run.trust) as exchange:
        followed = begin(exchange)
        changed = asyncio.Event()
        tasks = [asyncio.create_task(_pump(each, changed)) for each in followed.subscriptions]
        tasks.append(asyncio.create_task(_Printer(run, followed).keep_printing(changed)))
        tasks.append(asyncio.create_task(_reader_gone()))
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _pump(subscription: Followed, changed: asyncio.Event) -> None:
    while True:
        await subscription.changed()
        changed.set()


async def _reader_gone() -> None:
    """Return when stdout is a pipe that nobody reads any more: `| head` must not wait for the next change."""
    gone = asyncio.Event()
    with suppress(OSError, ValueError):  # no pipe to look at
        stdout = sys.stdout.fileno()
        if stat.S_ISFIFO(os.fstat(stdout).st_mode):
            asyncio.get_running_loop().add_reader(stdout, gone.set)
    await gone.wait()


class _Printer:
    """Prints what a watch has, in the form that was asked for."""

    def __init__(self, run: Run, followed: Watch) -> None:
        self._out = run.out
        self._watch = followed
        self._was_live: bool | None = None
        self._events = followed if isinstance(followed, EventsWatch) else None
        self._is_rows = run.out.form in (Format.NDJSON, Format.CSV) or self._events is not None
        self._screen = Screen() if sys.stdout.isatty() else None

    async def keep_printing(self, changed: asyncio.Event) -> None:
        """Print after each change, until there is nothing more to tell."""
        if self._out.form is Format.CSV:
            self._out.raw(sheets.csv_head(self._watch.sheet))
        while self._events is None or not self._events.done:
            await changed.wait()
            changed.clear()
            live = self._watch.live
            self._watch.interrupted |= not live
            if self._is_rows:
                self._say_if_changed(live)
                if live:
                    self._print_rows()
                continue
            if live or self._was_live:
                self._draw(live)
                self._was_live = live
                await asyncio.sleep(FRAME_SECONDS)

    def _print_rows(self) -> None:
        if missed := self._watch.missed():
            self._out.note(missed)
        changes = self._watch.changes()
        self._watch.interrupted = False
        self._out.raw(self._rows(changes))
        if changes and self._events is not None:
            self._out.bell()

    def _rows(self, changes: list[msgspec.Struct]) -> str:
        if self._out.form is Format.TABLE and self._events is not None:
            return "".join(f"{printable(self._events.line(each))}\n" for each in changes)
        documents, sheet = [encode_json(view) for view in changes], self._watch.sheet
        if self._out.form is Format.CSV:
            return sheets.csv_rows(documents, sheet)
        return "".join(sheets.ndjson(data, sheet) for data in documents)

    def _draw(self, live: bool) -> None:
        table = self._watch.draw()
        if self._screen is not None:
            status = (
                f"live, {datetime.now(UTC):%H:%M:%S} UTC" if live else "NOT LIVE: the connection is lost; reconnecting"
            )
            narrow = f"; too narrow for {', '.join(self._out.left_out)}" if self._out.left_out else ""
            self._screen.show(f"{table}{status}; Ctrl-C ends{narrow}\n")
        elif live:
            self._out.raw(f"{table}\n")

    def _say_if_changed(self, live: bool) -> None:
        if self._was_live is not None and live != self._was_live:
            self._out.note("Live again." if live else self._watch.away)
        elif live and self._was_live is None and self._events is not None:
            self._out.note(self._events.greeting())
        if live or self._was_live is not None:
            self._was_live = live


def view_of(model: msgspec.Struct, view: type[T]) -> T:
    """Return a model of the SDK as the view of the same fields: amounts and times as the text that they came as."""
    return msgspec.convert(as_text(model), view)
