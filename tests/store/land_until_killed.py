"""A process that lands one order a landing into the folder it is given, and prints each cursor, until it is killed."""

import sys
from itertools import count
from pathlib import Path

from cryptex.store.projector import Landing, Projector
from tests.store.history_tools import FIRST, START_NS, fill, order, trade


def main() -> None:
    """Land without end."""
    projector = Projector(Path(sys.argv[1]))
    projector.land(FIRST)
    for sequence in count(2):
        at = (sequence, START_NS)
        trades, fills = [(*at, trade(sequence))], [(*at, fill(sequence))]
        projector.land(
            Landing(sequence=sequence, time_ns=START_NS, orders=[order(sequence)], trades=trades, fills=fills)
        )
        sys.stdout.write(f"{sequence}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
