"""The menus of coming and going: what one can do about oneself, and what becomes of a node that was started here."""

from typing import Final

from cryptex.tui.drawing import texts
from cryptex.tui.drawing.menu import Offer
from cryptex.tui.drawing.menu_screen import MenuScreen
from cryptex.tui.entry.entrance import LocalNode

DEPOSIT: Final = "account.deposit"
WITHDRAW: Final = "account.withdraw"
"""The names of their actions."""
NODES: Final = "nodes"
LOG_OUT: Final = "log-out"
STOP: Final = "stop"
GO_ON: Final = "go-on"
TRUST: Final = "trust"
LEAVE: Final = "leave"


def account_menu(username: str, url: str, fate: str, *, fixed: bool) -> MenuScreen:
    """Return the menu of who is trading; `fate` is what becomes of open orders."""
    offers = [Offer(DEPOSIT, "d", "Deposit simulated funds"), Offer(WITHDRAW, "w", "Withdraw funds to an address")]
    if not fixed:
        offers.append(Offer(NODES, "n", "Another node, or another profile"))
    offers.append(Offer(LOG_OUT, "l", "Log out", fate))
    return MenuScreen("Account", f"You are {texts.plain(username)} at {texts.plain(url)}.", offers)


def unanswered_menu(unanswered: str) -> MenuScreen:
    """Return the question that is asked before a terminal ends that waits for the outcome of orders."""
    words = f"{unanswered} If you stay, it is asked for until the exchange answers; esc stays."
    return MenuScreen("Leave", words, [Offer(LEAVE, "l", "Leave all the same", "open orders and fills will tell")])


def leave_menu(node: LocalNode) -> MenuScreen:
    """Return the question that is asked before a terminal ends that started a node."""
    offers = [
        Offer(STOP, "s", "Stop it, and leave"),
        Offer(GO_ON, "k", "Keep it running, and leave", "cryptex node stop ends it"),
    ]
    words = (
        f"The node that you started here still runs at {texts.plain(node.url)}. Its data stays in "
        f"{texts.plain(node.folder)} either way."
    )
    return MenuScreen("Leave", words, offers)


def trust_menu(url: str, fingerprint: str) -> MenuScreen:
    """Return the question about a node whose key is seen for the first time."""
    offers = [Offer(TRUST, "t", "It is the same: trust this node"), Offer("no", "n", "It is not, or I do not know")]
    words = (
        f"The node at {texts.plain(url)} is not known here yet. Its fingerprint is\n{texts.plain(fingerprint)}\n"
        "It must be that of the `ready` line on the node's own side. What is trusted once is not asked again."
    )
    return MenuScreen("A new node", words, offers)
