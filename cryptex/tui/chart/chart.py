"""The chart's panel: candles of the chosen market, or how deep its book is."""

from dataclasses import replace

from textual import events

from cryptex.protocol.terms import Interval, OrderStatus
from cryptex.tui.chart.depth import DepthDrawing, render_depth
from cryptex.tui.chart.headline import DEPTH, Choice, tools
from cryptex.tui.chart.indicators import Study
from cryptex.tui.chart.render import Drawing, render
from cryptex.tui.chart.scene import Look, OrderMark
from cryptex.tui.chart.sheet import Sheet, timeline
from cryptex.tui.chart.state import Older
from cryptex.tui.chart.view import View
from cryptex.tui.desk.part import Part
from cryptex.tui.drawing import texts
from cryptex.tui.drawing.panel import BLANK, Line, Panel, message
from cryptex.tui.keys import registry as keys
from cryptex.tui.keys.action import Place
from cryptex.tui.market.waiting import first_order, waiting
from cryptex.tui.model import TerminalModel, Terms


class Chart(Panel):
    """Draws `model.chart`; keys and mouse choose interval, zoom, place in time, indicators and the crosshair."""

    TITLE = "Chart"
    PLACE = Place.CHART
    BINDINGS = [*keys.bindings(Place.CHART)]  # noqa: RUF012 (Textual's shape)

    def __init__(self, model: TerminalModel) -> None:
        super().__init__(id=Part.CHART)
        self._model = model
        self._state = model.chart
        self._drawing: Drawing | DepthDrawing = Drawing([])

    def lines(self, width: int, height: int) -> list[Line]:
        """Draw candles or depth, and ask for older candles where the oldest on hand come near."""
        terms = self._model.trading
        self._drawing = self._waiting(width, height) if terms is None else self._picture(terms, width, height)
        sheet = self._sheet
        if sheet is not None and sheet.slots[0].first < len(sheet.slots):
            self._state.want_older()
        return self._drawing.lines

    @property
    def _sheet(self) -> Sheet | None:
        return self._drawing.sheet if isinstance(self._drawing, Drawing) else None

    def _picture(self, terms: Terms, width: int, height: int) -> Drawing | DepthDrawing:
        state = self._state
        if state.view.depth and state.levels is not None:
            return render_depth(*state.levels, width, height, state.view, self._look(terms))
        if state.view.depth or state.series is None:
            return self._waiting(width, height)
        return render(state.series, width, height, state.view, self._look(terms))

    def _waiting(self, width: int, height: int) -> Drawing:
        head, spots = tools(self._state.view, width)
        told = waiting(self._model, "the book" if self._state.view.depth else "candles", width)
        if self._state.refusal and not self._state.view.depth:
            told = [message(texts.plain(self._state.refusal), width)]
        return Drawing([head, *[BLANK] * (height // 2 - 1), *told], spots)

    def _look(self, terms: Terms) -> Look:
        orders = [order for order in self._model.orders or () if order.market == terms.market]
        marks = [
            OrderMark(order.side, price, order.status is OrderStatus.PENDING)
            for order in orders
            if (price := order.stop_price if order.status is OrderStatus.PENDING else order.price) is not None
        ]
        return Look(
            terms.tick,
            terms.price_places,
            terms.size_places,
            terms.base,
            tuple(marks),
            self._state.fills,
            self._state.note,
            f"{first_order(self._model)}: an order that meets another makes a trade",
            self._state.now_s,
        )

    @property
    def _view(self) -> View:
        """The view as it is drawn, with a zoom."""
        return self._state.view if self._sheet is None else self._sheet.view

    def _see(self, view: View) -> None:
        """Look at the chart differently, now."""
        self._state.look_at(view)
        self.show(stale=self.stale)

    def action_interval(self, step: int) -> None:
        """Turn to longer or shorter candles."""
        view = self._state.view
        self._see(view.with_interval(view.interval) if view.depth else view.next_interval(step))

    def action_zoom(self, step: int) -> None:
        """Go nearer or farther."""
        self._see(self._view.zoomed(step))

    def action_now(self) -> None:
        """Go back to now, without a crosshair."""
        self._see(self._state.view.now())

    def action_studies(self) -> None:
        """Show the next set of indicators."""
        self._see(self._state.view.next_studies())

    def action_study(self, name: str) -> None:
        """Show an indicator, or no longer."""
        self._see(self._state.view.toggled(Study(name)))

    def action_depth(self) -> None:
        """Turn from candles to depth, or back."""
        view = self._state.view
        self._see(replace(view.now(), depth=not view.depth))

    def action_pan(self, screens: float) -> None:
        """Go back or forward in time by so many screens."""
        sheet = self._sheet
        if sheet is None:
            return
        if screens < 0 and self._state.older is Older.FAILED:
            self._state.set_older(Older.THERE)
        count = max(1, round(abs(screens) * sheet.places))
        self._pan(sheet, count if screens > 0 else -count)

    def action_cursor(self, step: int) -> None:
        """Move the crosshair by a candle, or by a column of the depth chart; the chart moves along at its edges."""
        view, sheet = self._view, self._sheet
        if view.depth:
            self._see(replace(view, depth_cursor=(view.depth_cursor or 0) + step))
        elif sheet is not None:
            self._move_cursor(sheet, step)

    def _move_cursor(self, sheet: Sheet, step: int) -> None:
        place = sheet.cursor
        if place is None:
            self._point_at(sheet, len(sheet.slots) - 1)
        elif 0 <= place + step < len(sheet.slots):
            self._point_at(sheet, place + step)
        else:
            self._pan(sheet, step)
            moved = self._sheet
            if moved is not None:
                self._point_at(moved, 0 if step < 0 else len(moved.slots) - 1)

    def _point_at(self, sheet: Sheet, place: int) -> None:
        self._see(replace(self._view, cursor_s=sheet.slots[place].start_s))

    def _pan(self, sheet: Sheet, slots: int) -> None:
        view = self._view
        end_s = timeline(sheet.series, view, self._state.now_s).moved(view.end_s, slots, sheet.places)
        self._see(replace(view, end_s=end_s))

    def _choose(self, choice: Choice) -> None:
        view = self._state.view
        if isinstance(choice, Interval):
            self._see(view.with_interval(choice))
        elif isinstance(choice, Study):
            self._see(view.toggled(choice))
        elif choice == DEPTH:
            self.action_depth()

    def on_click(self, event: events.Click) -> None:
        """Choose what is under the pointer, or put the crosshair there; a second click takes it away."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        spot = next((spot for spot in self._drawing.spots if spot.start <= offset.x < spot.past), None)
        if offset.y == 0 and spot is not None:
            self._choose(spot.choice)
        elif isinstance(self._drawing, DepthDrawing):
            self._see(replace(self._view, depth_cursor=offset.x - self._drawing.middle))
        elif self._sheet is not None:
            place = self._sheet.place_at(offset.x)
            if place is None or place == self._sheet.cursor:
                self._see(replace(self._view, cursor_s=None))
            else:
                self._point_at(self._sheet, place)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in."""
        event.stop()
        self.action_zoom(1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out."""
        event.stop()
        self.action_zoom(-1)

    def on_show(self) -> None:
        """Follow the market once the chart is seen."""
        self._state.is_wanted = True
