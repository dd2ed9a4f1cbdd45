"""The whole node, simulated: seeds that must hold, that are the same again, and broken nodes that must be found."""

import os
import re
import subprocess
import sys

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.world import Failure, run_seed

SEEDS_A_TEST = 25
SEEDS = 200
MUTANT_SEEDS = 25
"""Within so many seeds every mutant must be found."""


@pytest.mark.parametrize("first", range(0, SEEDS, SEEDS_A_TEST))
def test_what_clients_are_told_is_what_the_log_says(first: int) -> None:
    for seed in range(first, first + SEEDS_A_TEST):
        outcome = run_seed(seed)
        assert outcome.commands
        assert outcome.messages


@pytest.mark.parametrize("seed", [3, 5])
def test_a_seed_is_the_same_again_byte_for_byte(seed: int) -> None:
    assert run_seed(seed) == run_seed(seed)


def test_a_seed_is_the_same_in_another_process() -> None:
    command = (sys.executable, "-m", "tests.simulation", "9")
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert told == f"{run_seed(9)}\n"


@pytest.mark.parametrize("name", MUTANTS)
def test_a_node_that_is_broken_on_purpose_is_found(name: str) -> None:
    found = next((failure for seed in range(MUTANT_SEEDS) if (failure := _failure_of(name, seed))), "")
    assert re.search(r"python -m tests\.simulation \d+$", found), f"{MUTANT_SEEDS} seeds did not find {name}"


def _failure_of(name: str, seed: int) -> str:
    with MUTANTS[name]():
        try:
            run_seed(seed)
        except Failure as failure:
            return str(failure)
    return ""
