"""What the market room watches beside prices: when the market last spoke. Plain state without clock or output."""


class MarketWatch:
    """The chosen market's last message. Times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self.last_tick_s: float | None = None

    def turn(self) -> None:
        """Forget the market that was chosen before."""
        self.last_tick_s = None

    def ticked(self, now_s: float) -> None:
        """Remember that the book or the trades of the market changed at `now_s`."""
        if self.last_tick_s is None or now_s > self.last_tick_s:
            self.last_tick_s = now_s

    def tick_age_s(self, now_s: float) -> int | None:
        """Return for how long the market has said nothing, in whole seconds; None before its first word."""
        return None if self.last_tick_s is None else int(max(0.0, now_s - self.last_tick_s))
