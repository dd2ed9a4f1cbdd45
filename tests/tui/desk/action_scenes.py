"""Scenes of the actions on panels, and on the terminal itself."""

from tests.tui.action_scene import Scene, focus, layout, modal

SCENES = {
    "panel.ladder": Scene(focus, ("t",)),
    **{f"panel.{part}": Scene(focus, ("l",)) for part in ("chart", "tape", "markets", "wallet", "orders", "history")},
    **{f"panel.{part}": Scene(focus, ("l",)) for part in ("fills", "alerts", "ledger", "activity")},
    "tab.next": Scene(focus, ("f2",)),
    "tab.previous": Scene(focus, ("f2",)),
    "layout.next": Scene(layout),
    "layout.save": Scene(modal),
    "desk.panes": Scene(modal),
    "desk.zoom": Scene(layout),
    "desk.wider": Scene(layout, ("c", "left_curly_bracket")),
    **{f"desk.{word}": Scene(layout, ("c",)) for word in ("narrower", "higher", "lower")},
    "focus.next": Scene(focus),
    "focus.previous": Scene(focus),
    "focus.leave": Scene(focus, ("t",)),
    "app.help": Scene(modal),
    "app.quit": Scene(lambda on: on.exchange.closed),
}
