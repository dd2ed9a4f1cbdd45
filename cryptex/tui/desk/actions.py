"""What can be done with panels, and with the terminal itself."""

from typing import Final

from cryptex.tui.keys.action import Action

DESK: Final = (
    Action("panel.ladder", "l", "ladder", "ladder"),
    Action("panel.chart", "c", "chart", "chart"),
    Action("panel.tape", "t", "tape"),
    Action("panel.markets", "m", "markets"),
    Action("panel.wallet", "w", "wallet"),
    Action("panel.orders", "f2", "open orders", "orders", shown="F2"),
    Action("panel.history", "f3", "order history", shown="F3"),
    Action("panel.fills", "f4", "fills", shown="F4"),
    Action("panel.alerts", "f5", "alerts", shown="F5"),
    Action("panel.ledger", "f6", "ledger", shown="F6"),
    Action("panel.activity", "f7", "activity", shown="F7"),
    Action("tab.next", "greater_than_sign", "next tab", shown=">"),
    Action("tab.previous", "less_than_sign", "previous tab", shown="<"),
    Action("layout.next", "f9", "next layout", shown="F9"),
    Action("layout.save", "f10", "save this layout", shown="F10"),
    Action("desk.panes", "v", "layouts, and panels on or off", "panels"),
    Action("desk.wider", "right_curly_bracket", "this panel wider, narrower", shown="} {"),
    Action("desk.narrower", "left_curly_bracket", "", shown="{"),
    Action("desk.higher", "right_parenthesis", "this panel higher, lower", shown=") ("),
    Action("desk.lower", "left_parenthesis", "", shown="("),
    Action("desk.zoom", "z", "this panel alone, and back", "zoom"),
)
GENERAL: Final = (
    Action("focus.next", "tab", "next field or panel"),
    Action("focus.previous", "shift+tab", "previous one", shown="⇧ tab"),
    Action("focus.leave", "escape", "back to the ladder", shown="esc"),
    Action("app.help", "question_mark,f1", "this page", "help", shown="?"),
    Action("app.quit", "q", "quit; orders stay unless a switch is on", "quit"),
)
