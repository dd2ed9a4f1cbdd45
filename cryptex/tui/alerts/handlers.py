"""Handlers of the actions on alerts."""

from cryptex.tui.alerts.alert_screen import AlertScreen
from cryptex.tui.alerts.alerts_table import AlertsTable
from cryptex.tui.alerts.text import proposal
from cryptex.tui.desk.part import Part
from cryptex.tui.model import Tone
from cryptex.tui.stage import Handlers, Stage


def alert_handlers(stage: Stage) -> Handlers:
    """Return them by the names of their actions."""
    return {"alerts.add": lambda: _add(stage)}


def _add(stage: Stage) -> None:
    """Ask for a rule; the last price is proposed."""
    terms = stage.model.trading
    if terms is None:
        stage.note(Tone.PLAIN, "there is no market yet to set an alert on")
        return
    _ask(stage, terms.market, proposal(terms, stage.model.last))


def asked(stage: Stage, event: AlertsTable.Asked) -> None:
    """Change or delete an alert; the one on own fills is turned on or off."""
    if event.number is None:
        _say(stage, stage.alerts.turn_fills(on=not (event.delete or stage.model.alerts.on_fills)))
    elif event.delete:
        _say(stage, stage.alerts.remove(event.number))
    else:
        found = stage.model.alerts.get(event.number)
        if found is not None:
            _ask(stage, found.market, str(found.rule), found.number)


def _ask(stage: Stage, market: str, proposed: str, instead_of: int | None = None) -> None:
    def given(rule: str | None) -> None:
        if not rule or (instead_of is not None and rule == proposed):
            return
        complaint = stage.alerts.add(market, rule)
        if instead_of is not None and not complaint:
            complaint = stage.alerts.remove(instead_of)
        _say(stage, complaint)
        stage.desk.bring(Part.ALERTS)

    where = "It is kept for the next time." if stage.alerts.is_kept else "It lasts until you quit."
    stage.open(AlertScreen(market, proposed, where), given)


def _say(stage: Stage, complaint: str) -> None:
    if complaint:
        stage.note(Tone.WARN, f"alert: {complaint}")
