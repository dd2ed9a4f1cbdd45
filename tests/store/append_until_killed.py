"""Run by test_journal_failure: appends batches and prints the sequence and hash of each once append has returned."""

import sys
from pathlib import Path

from tests.store.journal_tools import deposits, open_journal


def main() -> None:
    """Append until killed."""
    journal = open_journal(Path(sys.argv[1]))
    while True:
        journal.append(deposits(journal.last_sequence % 5 + 1, journal.last_time_ns + 1))
        sys.stdout.write(f"{journal.last_sequence} {journal.last_hash.hex()}\n")
        sys.stdout.flush()
        if journal.last_sequence % 50 < 5:
            journal.checkpoint()


main()
