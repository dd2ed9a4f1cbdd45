"""What traders were told, held against what the journal has: nothing lost, nothing doubled, nothing from nowhere."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from cryptex.node.applied import Applied
from cryptex.protocol.commands import CancelOrder, Command, PlaceOrder
from cryptex.protocol.events import OrderAccepted
from tests.faults.money import audit

Wish = tuple[str, str]
"""What was asked for: `place` and a client_order_id, or `cancel` and an order id."""


@dataclass
class Told:
    """What one trader sent and was told; refusals may be in the log or not."""

    account_id: int
    sent: Counter[Wish] = field(default_factory=Counter)
    sequences: dict[Wish, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Of the answers that it was done, where they name one."""
    done: Counter[Wish] = field(default_factory=Counter)
    refused: Counter[Wish] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    """By code."""

    def hear(self, line: str) -> None:
        """Take in a line of `tests.faults.load`."""
        word, kind, name, *rest = line.split()
        wish = (kind, name)
        if word == "send":
            self.sent[wish] += 1
        elif word == "refused":
            self.refused[wish] += 1
            self.refusals[rest[0]] += 1
        else:
            self.done[wish] += 1
            self.sequences[wish] |= {int(sequence) for sequence in rest}


@dataclass
class Figures:
    """What came of a storm."""

    kills: int = 0
    kills_in_start: int = 0
    acknowledged: int = 0
    extra: int = 0
    """Commands in the log that were sent and never answered."""
    lost: int = 0
    doubled: int = 0
    from_nowhere: int = 0

    def __str__(self) -> str:
        return (
            f"{self.kills} kills ({self.kills_in_start} of them during a start), {self.acknowledged} acknowledged, "
            f"{self.lost} lost, {self.doubled} doubled, {self.from_nowhere} from nowhere, "
            f"{self.extra} in the log and never answered"
        )


class Logged:
    """What the journal has of each account's wishes."""

    def __init__(self, data_dir: Path) -> None:
        """Audit the folder and take in its journal. Raises AssertionError."""
        self.sequences: dict[tuple[int, Wish], set[int]] = defaultdict(set)
        self.accepted: Counter[tuple[int, str]] = Counter()
        audit(data_dir, self._watch)

    def _watch(self, command: Command, applied: Applied) -> None:
        if isinstance(command, PlaceOrder):
            self.sequences[command.account_id, ("place", command.client_order_id)].add(applied.sequence)
            for event in applied.events:
                if isinstance(event, OrderAccepted):
                    self.accepted[command.account_id, command.client_order_id] += 1
        elif isinstance(command, CancelOrder):
            self.sequences[command.account_id, ("cancel", str(command.order_id))].add(applied.sequence)


def compare(data_dir: Path, told: list[Told]) -> Figures:
    """Audit a folder whose node is dead, and count where it differs from what traders were told."""
    logged = Logged(data_dir)
    figures = Figures(doubled=sum(count > 1 for count in logged.accepted.values()))
    known = {(each.account_id, wish) for each in told for wish in each.sent}
    figures.from_nowhere = len(logged.sequences.keys() - known)
    for each in told:
        for wish, times in each.sent.items():
            there, done = logged.sequences[each.account_id, wish], each.done[wish]
            figures.acknowledged += done
            figures.lost += len(each.sequences[wish] - there) + max(0, done - len(there))
            figures.from_nowhere += max(0, len(there) - times)
            figures.extra += max(0, len(there) - done - each.refused[wish])
    return figures
