"""Keeps the node's switches as the user wants them, for as long as the terminal is alive."""

from collections.abc import Callable, Coroutine
from typing import Any

from cryptex.client.errors import AccessError, CryptexError, InvalidRequestError, RefusedError
from cryptex.client.exchange import Exchange
from cryptex.tui.model import Tone
from cryptex.tui.orders import outcome
from cryptex.tui.orders.safeguards import Ask, Guard, Safeguards


class Guardian:
    """Asks the node for what is due, beat by beat. Without a beat the dead man's switch fires."""

    def __init__(
        self,
        exchange: Exchange,
        safeguards: Safeguards,
        clock: Callable[[], float],
        note: Callable[[Tone, str], None],
        work: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._exchange = exchange
        self._safeguards = safeguards
        self._clock = clock
        self._note = note
        self._work = work

    def beat(self) -> None:
        """Ask for what is due now."""
        for ask in self._safeguards.due(self._clock(), live=self._exchange.state == "live"):
            self._work(self._ask(ask))

    async def _ask(self, ask: Ask) -> None:
        sent_at_s = self._clock()
        news = self._safeguards.text(ask.guard) in ("arming", "not confirmed", "ending")
        try:
            if ask.guard is Guard.DISCONNECT:
                await self._exchange.cancel_on_disconnect(ask.on)
            else:
                await self._exchange.cancel_after(self._safeguards.seconds if ask.on else 0)
        except (AccessError, RefusedError, InvalidRequestError) as error:
            self._safeguards.refused(ask)
            self._note(Tone.BAD, f"{ask.guard}: {outcome.reason(error)}")
        except CryptexError as error:
            self._safeguards.failed(ask, self._clock())
            self._note(Tone.WARN, f"{ask.guard}: {outcome.said(error)}; trying again")
        else:
            self._safeguards.answered(ask, sent_at_s)
            if news:
                self._note(Tone.GOOD, f"{ask.guard}: {'on' if ask.on else 'off'}, confirmed by the node")
