"""The command palette: everything that can be done, found by a few letters of its name."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

from textual import on
from textual.command import Command, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widgets import OptionList

from cryptex.tui.drawing.modal import Modal
from cryptex.tui.drawing.theme import Ink

_CAP_WIDTH: Final = 8


class Choice(NamedTuple):
    """Something to do. `cap` is its key as written; `preview` shows what it would be like, and `run` does it."""

    text: str
    run: Callable[[], Awaitable[None] | None]
    cap: str = ""
    preview: Callable[[], None] | None = None


class Palette(CommandPalette, Modal[None]):
    """Textual's palette with our choices alone. `forget` ends the preview of a choice that was not made."""

    DEFAULT_CSS = """
    Palette { background: $background 40%; }
    Palette > Vertical { margin-top: 2; width: 72; max-width: 100%; background: $surface; }
    Palette SearchIcon { display: none; }
    Palette #--input, Palette #--input.--list-visible { border: round $focus; background: $surface; }
    Palette CommandInput, Palette CommandInput:focus { border: none; padding: 0 1; height: 1; }
    Palette CommandList { max-height: 16; background: $surface; border: none; }
    Palette CommandList > .option-list--option { padding: 0 1; text-style: none; }
    Palette CommandList > .option-list--option-highlighted {
        background: $block-cursor-background; color: $block-cursor-foreground;
        text-style: $block-cursor-text-style;
    }
    """

    def __init__(self, choices: Sequence[Choice], forget: Callable[[], None]) -> None:
        super().__init__([provider_of(choices)], placeholder="What to do")
        self._previews = {choice.text: choice.preview for choice in choices}
        self._forget = forget

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show what a choice would be like."""
        text = event.option.hit.text if isinstance(event.option, Command) else None
        (self._previews.get(text or "") or self._forget)()

    def on_unmount(self) -> None:
        """Forget what was only looked at."""
        self._forget()


def provider_of(choices: Sequence[Choice]) -> type[Provider]:
    """Return a provider of these choices, in their order until something is typed."""

    class Choices(Provider):
        async def discover(self) -> Hits:
            for choice in choices:
                yield DiscoveryHit(_line(choice, Content(choice.text)), choice.run, choice.text)

        async def search(self, query: str) -> Hits:
            matcher = self.matcher(query)
            for choice in choices:
                score = matcher.match(choice.text)
                if score > 0:
                    yield Hit(score, _line(choice, matcher.highlight(choice.text)), choice.run, choice.text)

    return Choices


def _line(choice: Choice, text: Content) -> Content:
    return Content.assemble((f"{choice.cap:>{_CAP_WIDTH}}  ", Ink.ACCENT), text)
