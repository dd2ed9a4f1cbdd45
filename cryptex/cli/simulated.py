"""Simulated traders for a node: from what its settings say to the companion that it is given."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from cryptex.cli.faults import refused
from cryptex.protocol.problems import Refusal

if TYPE_CHECKING:
    from cryptex.node.settings import Settings
    from cryptex.sim.live.traders import SimulatedTraders
    from cryptex.sim.scenario import Scenario

SEED_MAX: Final = 1_000_000_000

SeedOption = Annotated[
    int | None,
    typer.Option(
        "--seed",
        metavar="N",
        min=0,
        max=SEED_MAX,
        help="What the simulated traders do follows from it [the scenario's].",
    ),
]


def simulated_by(settings: "Settings", key: str) -> tuple["Settings", "SimulatedTraders | None"]:
    """Return the settings as the scenario changes them, and its traders; None where they name no scenario.

    Raises Fault that names `key`: unknown_scenario, invalid_scenario, scenario_not_live.
    """
    wanted = settings.simulation
    if not wanted.scenario:
        return settings, None
    scenario = live_scenario(wanted.scenario, key)
    from cryptex.sim.live.fit import with_breaker
    from cryptex.sim.live.traders import SimulatedTraders

    seed = scenario.seed if wanted.seed is None else wanted.seed
    return with_breaker(settings, scenario), SimulatedTraders(scenario, seed)


def live_scenario(name: str, key: str) -> "Scenario":
    """Return a scenario that runs on a node. Raises Fault that names `key`."""
    from cryptex.sim import library
    from cryptex.sim.live.fit import check_live

    with refused():
        try:
            scenario = library.load(name)
            check_live(scenario)
        except Refusal as refusal:
            raise Refusal(refusal.code, f"{key}: {refusal.message}", **refusal.details) from None
    return scenario
