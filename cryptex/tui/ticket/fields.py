"""The rows of the ticket: a form as widgets."""

from collections.abc import Mapping
from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from cryptex.protocol.terms import Side
from cryptex.tui.drawing.choice import Choice
from cryptex.tui.drawing.number_field import NumberField
from cryptex.tui.drawing.theme import Ground
from cryptex.tui.drawing.toggle import Toggle
from cryptex.tui.ticket.form import FORCES, NUMBERS, Form, can_post_only
from cryptex.tui.ticket.parts import Row, Tag
from cryptex.tui.ticket.rows import rows
from cryptex.tui.ticket.text import FORCE_WORDS, SELF_TRADES, SIDES, TYPES

_SIDE_TINTS: Final = {Side.BUY.value: Ground.BUY, Side.SELL.value: Ground.SELL}


class Fields(Vertical):
    """Shows a form and reads what is typed. Which rows there are follows from the order type."""

    DEFAULT_CSS = """
    Fields { height: auto; }
    Fields #time_in_force { width: 21; }
    """

    def compose(self) -> ComposeResult:
        """Lay the rows."""
        yield Row("side", Choice("side", SIDES, _SIDE_TINTS))
        yield Row("type", Choice("type", TYPES))
        yield Row("price", NumberField("price"), Tag("price_unit"))
        yield Row("stop_price", NumberField("stop_price"), Tag("stop_unit"))
        yield Row("size", NumberField("size"), Tag("size_unit"))
        yield Row("time_in_force", Choice("time_in_force", FORCE_WORDS), Toggle("Post", "post_only"))
        yield Row("expires", Tag("until"))
        yield Row("self_trade_prevention", Choice("self_trade_prevention", SELF_TRADES))

    def read(self, form: Form) -> Form:
        """Return the form with the numbers as they stand in the fields now, their own messages not awaited."""
        for name in NUMBERS:
            form = form.with_number(name, self.field(name).value)
        return form

    def write(self, form: Form) -> None:
        """Put the numbers of a form into the fields."""
        with self.prevent(Input.Changed):
            for name in NUMBERS:
                field, value = self.field(name), form.number(name)
                if field.value != value:
                    field.value = value

    def show(self, form: Form, room: int, tags: Mapping[str, str], only: tuple[str, ...] | None = None) -> None:
        """Show the rows for which the whole ticket has `room` (or `only` some), and what is chosen in them."""
        shown = rows(form, room) if only is None else only
        for row in self.query(Row):
            row.display = row.field in shown
        for name, value in (
            ("side", form.side),
            ("type", form.type),
            ("self_trade_prevention", form.self_trade_prevention),
        ):
            self.query_one(f"#{name}", Choice).choose(value)
        forces = self.query_one("#time_in_force", Choice)
        forces.allow([force.value for force in FORCES[form.type]])
        forces.choose(form.time_in_force)
        self.query_one("#post_only", Toggle).show(form.post_only, can_post_only(form))
        for name, text in tags.items():
            self.query_one(f"#{name}", Tag).tell(text)

    def field(self, name: str) -> NumberField:
        """Return a number field."""
        return self.query_one(f"#{name}", NumberField)
