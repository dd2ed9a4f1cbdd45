"""The ladder: asks over bids with the spread between, and cumulative depth as bars behind the rows."""

from decimal import Decimal
from typing import ClassVar, Final

from textual import events
from textual.message import Message

from cryptex.protocol.terms import MarketState, Side
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing.panel import BLANK, Line, Panel
from cryptex.tui.keys import registry as keys
from cryptex.tui.keys.action import Place
from cryptex.tui.ladder.cursor import Cursor, moved
from cryptex.tui.ladder.flash import Flashes
from cryptex.tui.ladder.grouping import bucket, depth_for, step_for, turned
from cryptex.tui.ladder.picture import AROUND, Laid, Picture, Scene, lay, rung_at
from cryptex.tui.ladder.queue import Place as Queued
from cryptex.tui.ladder.rows import Book, Rows, top_price
from cryptex.tui.ladder.state import OwnRows, own_rows
from cryptex.tui.market.waiting import first_order, waiting
from cryptex.tui.model import Depth, TerminalModel, Terms

_NOTHING: Final = Laid(Rows([], Decimal(0), short=False), 0)
_STILL_SHARE: Final = 3
"""Rows that begin to stand still are grouped so that the spread takes at most a third of them."""


class Ladder(Panel):
    """The book of the chosen market. A click or Enter on a level offers its price to the ticket."""

    TITLE = "Ladder"
    PLACE: ClassVar = Place.LADDER
    BINDINGS = [*keys.bindings(Place.LADDER)]  # noqa: RUF012 (Textual's shape)

    class Picked(Message):
        """A level was picked: `side` is the side of the orders that rest there."""

        def __init__(self, price: Decimal, side: Side) -> None:
            super().__init__()
            self.price = price
            self.side = side

    def __init__(self, model: TerminalModel) -> None:
        super().__init__(id=Part.LADDER)
        self._model = model
        self._book = Book()
        self._laid = _NOTHING
        """What was painted, so that a click gets what the eye saw."""
        self.cursor: Cursor | None = None
        self._pointer_y: int | None = None
        self._top: Decimal | None = None
        self._picture = Picture()
        self._flashes = Flashes()
        self._seen = ("", Decimal(0))
        """Market and step as painted."""
        self._own: tuple[tuple[Queued, ...], Decimal, OwnRows] = ((), Decimal(0), {})

    @property
    def stirs(self) -> bool:
        """Whether something is lit that has to fade."""
        return bool(self._flashes.lit)

    @property
    def aim(self) -> Cursor | None:
        """Where the cursor is, while it can be seen."""
        return self.cursor if self.has_focus else None

    @property
    def aimed_orders(self) -> tuple[int, ...]:
        """Ids of the own orders under the cursor, while it can be seen."""
        own = self._own[2].get(self.aim) if self.aim else None
        return own.order_ids if own else ()

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw the book of the chosen market."""
        terms, depth, state = self._model.trading, self._model.depth, self._model.ladder
        step = state.step(terms.market, terms.tick) if terms else Decimal(0)
        self._notice(self._model.market, step)
        if terms is None or depth is None:
            self._laid = _NOTHING
            return [BLANK] * (height // 2) + waiting(self._model, "the book", width)
        book = self._book
        book.take(depth.bids, depth.asks, state.book_depth, terms.tick, step)
        self._top = self._top_row(height) if self._stands_still else None
        laid = self._laid = lay(book, self._top, height, has_foot=self._pointer_y is not None or self.aim is not None)
        state.depth = depth_for(book.depth, book.used(laid.rows.rungs), short=laid.rows.short)
        self._light(laid.rows)
        return self._picture.draw(laid, self._scene(terms, depth), width, height)

    def _top_row(self, height: int) -> Decimal | None:
        """Return the price of the first of the rows that stand still."""
        rows, edge_rows = max(0, height - AROUND), self._model.ladder.settings.recentre_after
        return top_price(self._top, self._book, rows, edge_rows)

    def _scene(self, terms: Terms, depth: Depth) -> Scene:
        model, step = self._model, self._book.step
        return Scene(
            terms,
            depth,
            model.tickers.get(terms.market),
            model.last,
            model.direction,
            self._last_row(),
            self._own_rows(),
            self.aim,
            self._pointer_y,
            self._flashes.lit,
            names_best=self._stands_still or step != terms.tick,
            advice=first_order(model),
        )

    @property
    def _stands_still(self) -> bool:
        """Whether rows stand still: not in an auction, where both sides may be at one price."""
        return self._model.ladder.settings.still and self._model.state is MarketState.OPEN

    def _notice(self, market: str, step: Decimal) -> None:
        """Begin anew where another market or another step is shown."""
        seen = (market, step)
        if seen == self._seen:
            return
        if market != self._seen[0]:
            self.cursor = None
        elif self.cursor is not None:
            side, price = self.cursor
            self.cursor = (side, bucket(price, side, step))
        self._seen = seen
        self._top = None
        self._flashes.forget()

    def _light(self, rows: Rows) -> None:
        """Light up what changed, and put out what has been lit for long enough."""
        if self.stale or not self._model.ladder.settings.flash:
            self._flashes.forget()
            return
        self._flashes.see([rung for rung in rows.rungs if rung is not None], self._model.ladder.now_s)
        self._flashes.fade(self._model.ladder.now_s)

    def _own_rows(self) -> OwnRows:
        places, step = self._model.ladder.places, self._seen[1]
        if places is not self._own[0] or step != self._own[1]:
            self._own = (places, step, own_rows(places, step))
        return self._own[2]

    def _last_row(self) -> Cursor | None:
        """Return the row that the last trade was on."""
        trades = self._model.trades
        if not trades:
            return None
        side = Side.SELL if trades[0].side is Side.BUY else Side.BUY
        return side, bucket(trades[0].price, side, self._book.step)

    def recentre(self) -> None:
        """Put the best prices into the middle, and the cursor away."""
        self._top = None
        self.put_cursor_away()

    def put_cursor_away(self) -> None:
        """Have no level chosen."""
        self.cursor = None
        self.show(stale=self.stale)

    def settle(self) -> None:
        """Draw as the settings say now. Rows that begin to stand still are grouped so that the spread leaves room."""
        ladder, terms, depth = self._model.ladder, self._model.trading, self._model.depth
        if ladder.settings.still and terms is not None and depth is not None and depth.spread is not None:
            rows = max(1, (self.size.height - AROUND) // _STILL_SHARE)
            if depth.spread > rows * ladder.step(terms.market, terms.tick):
                step = step_for(depth.spread, terms.tick, depth.asks[0].price, rows)
                ladder.group(terms.market, step, terms.tick)
        self._top = None
        self.show(stale=self.stale)

    def action_pick(self) -> None:
        """Offer the price under the cursor, even if its level has just gone."""
        if self.cursor is not None:
            side, price = self.cursor
            self.post_message(self.Picked(price, side))

    def action_move(self, step: int) -> None:
        """Move the cursor by lines; from nowhere it comes to the best price."""
        found = moved(self.cursor, [rung for rung in self._laid.rows.rungs if rung is not None], step)
        if found is not None:
            self.cursor = found
            self.show(stale=self.stale)

    def action_group(self, by: int) -> None:
        """Group prices by the next coarser or finer step."""
        terms, last = self._model.trading, self._reference
        if terms is not None and last is not None:
            ladder = self._model.ladder
            ladder.group(terms.market, turned(ladder.step(terms.market, terms.tick), terms.tick, last, by), terms.tick)
            self.show(stale=self.stale)

    @property
    def _reference(self) -> Decimal | None:
        depth = self._model.depth
        best = depth and (depth.bids or depth.asks)
        return best[0].price if best else self._model.last

    def on_click(self, event: events.Click) -> None:
        """Offer the price under the pointer."""
        offset = event.get_content_offset(self)
        rung = rung_at(self._laid, offset.y) if offset else None
        if rung is not None:
            self.cursor = (rung.side, rung.price)
            self.post_message(self.Picked(rung.price, rung.side))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the cursor up."""
        self._scroll(event, -1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the cursor down."""
        self._scroll(event, 1)

    def _scroll(self, event: events.MouseEvent, step: int) -> None:
        """Move the cursor, with the focus, without which it is not seen."""
        event.stop()
        self.focus()
        self.action_move(step)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Read out the level under the pointer."""
        offset = event.get_content_offset(self)
        self._point(offset.y if offset else None)

    def on_leave(self) -> None:
        """Read out no level."""
        self._point(None)

    def _point(self, y: int | None) -> None:
        if y != self._pointer_y:
            self._pointer_y = y
            self.show(stale=self.stale)

    def watch_has_focus(self, has_focus: bool) -> None:
        """Show or hide the cursor."""
        super().watch_has_focus(has_focus)
        self.show(stale=self.stale)
