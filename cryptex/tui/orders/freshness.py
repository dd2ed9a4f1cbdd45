"""Whether what orders are weighed against is true now. Plain state, set once a frame."""

from dataclasses import dataclass

from cryptex.tui.drawing import texts


@dataclass(slots=True)
class Freshness:
    """`book_live` and so on: the channel is in touch; `book_age_s`: since when the book is not, where known."""

    book_live: bool = True
    book_age_s: int | None = None
    orders_live: bool = True
    wallet_live: bool = True

    @property
    def complaint(self) -> str:
        """What is wrong with the book, in words; empty while it is live."""
        if self.book_live:
            return ""
        return "there is no live book" if self.book_age_s is None else f"the book is {texts.age(self.book_age_s)} old"
