"""What opens over another screen, and closes once however fast keys come."""

from textual import events, on
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, ScreenResultType


class Modal(ModalScreen[ScreenResultType]):
    """Base of all such screens.

    Keys that were typed before it had gone still reach it: Textual would close the screen below for them.
    """

    _answers: tuple[ScreenResultType | None, ...] = ()
    """What it was closed with while another screen lay over it; at most one."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close it with a result; does nothing once it is closed, and waits where another screen lies over it."""
        if self.is_active:
            return super().dismiss(result)
        if self in self.app.screen_stack:
            self._answers = (result,)
        return AwaitComplete()

    @on(events.ScreenResume)
    def _close_late(self) -> None:
        if self._answers:
            self.dismiss(self._answers[0])
