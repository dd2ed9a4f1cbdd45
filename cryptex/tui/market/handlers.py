"""Handlers of the actions on markets that work anywhere."""

from cryptex.tui.stage import Handlers, Stage


def market_handlers(stage: Stage) -> Handlers:
    """Return them by the names of their actions."""
    return {"market.next": lambda: _step(stage, 1), "market.previous": lambda: _step(stage, -1)}


def _step(stage: Stage, step: int) -> None:
    names = list(stage.model.terms)
    if len(names) > 1:
        stage.turn_market(names[(names.index(stage.model.market) + step) % len(names)])
