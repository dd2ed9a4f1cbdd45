"""After every test here, too: no money was made or lost."""

from tests.faults.conftest import money_is_conserved

__all__ = ["money_is_conserved"]
