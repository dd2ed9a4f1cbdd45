"""Simulated markets: the scenarios there are, what is in them, and runs as fast as they can."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import typer

from cryptex.cli.common import Run, command, group
from cryptex.cli.faults import SYSTEM_CODE, Fault, refused
from cryptex.cli.own_bots import bots_aside, bots_judged
from cryptex.cli.sheets import Sheet
from cryptex.cli.sim_tables import LIST_COLUMNS, flat, report_text, run_sheet, run_text
from cryptex.cli.table import Row
from cryptex.protocol.problems import ExitCode
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND

if TYPE_CHECKING:
    from cryptex.sim.scenario import Scenario

_SCENARIO_HELP: Final = "A name of `cryptex sim list`, or the path of a .toml file."
_RUN_FIRST: Final = "`cryptex sim run calm --out DIR` writes such a folder."

FolderArgument = Annotated[
    Path, typer.Argument(metavar="DIR", help="The folder that `cryptex sim run --out` wrote.", show_default=False)
]
ScenarioArgument = Annotated[str, typer.Argument(metavar="NAME|FILE", help=_SCENARIO_HELP, show_default=False)]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a key, such as groups.noise.count=40; again for more."),
]

BotOption = Annotated[
    list[str] | None,
    typer.Option("--bot", metavar="FILE:CLASS", help="Let a bot of your own take part; again for more."),
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    sim_app = typer.Typer(help="Run simulated markets, each time the same.")
    group(sim_app)(sim)
    command(sim_app, "list", example="cryptex sim list")(list_scenarios)
    command(sim_app, "show", example="cryptex sim show calm")(show)
    command(sim_app, "check", example="cryptex sim check my-market.toml")(check)
    command(sim_app, "report", example="cryptex sim report run-7")(report)
    command(sim_app, "run", example="cryptex sim run calm --seed 7 --duration 1h --out run-7")(run_scenario)
    app.add_typer(sim_app, name="sim", epilog="Example: cryptex sim run calm --duration 1h")


def sim(run: Run) -> None:
    """Run simulated markets, each time the same."""
    run.help()


def list_scenarios(run: Run) -> None:
    """List the scenarios of the house."""
    from cryptex.sim import library

    scenarios = [library.load(name) for name in library.names()]
    fields = [{"name": each.name, "duration": each.duration, "title": each.title} for each in scenarios]
    rows: list[Row] = [tuple(each.values()) for each in fields]
    sheet = Sheet(("name", "duration", "title"), "scenarios")
    run.out.answer(msgspec.json.encode({"scenarios": fields}), sheet, lambda: run.out.table(LIST_COLUMNS, rows))


def show(run: Run, name: ScenarioArgument, settings: SetOption = None) -> None:
    """Print a scenario's file.

    With -o json, ndjson or csv: the whole scenario, with what it extends, what was set, and every default.
    """
    from cryptex.sim import library

    with refused():
        text, scenario = library.text_of(name), library.load(name, settings or ())
    run.out.answer(msgspec.json.encode(scenario), Sheet(("key", "value"), flatten=flat), lambda: text)


def check(run: Run, name: ScenarioArgument, settings: SetOption = None) -> None:
    """Check a scenario file: what is wrong is named by its key. Exit code 1 where something is.

    Bots of your own that it names are loaded, as when it runs.
    """
    from cryptex.sim import library
    from cryptex.sim.clock import VirtualClock
    from cryptex.sim.simulation import Simulation

    with refused():
        scenario = library.load(name, settings or ())
        world = Simulation(scenario, scenario.seed, VirtualClock()).world
    agents = sum(each.agents(world) for each in scenario.members.values())
    run.out.fields(
        [
            ("scenario", scenario.name),
            ("market", scenario.market.define().symbol),
            ("duration", scenario.duration),
            ("groups", len(scenario.groups)),
            ("agents", agents),
            ("events", len(scenario.events)),
        ]
    )


def run_scenario(
    run: Run,
    name: ScenarioArgument,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Another market each [the file's].")] = None,
    duration: Annotated[str | None, typer.Option("--duration", metavar="TIME", help="Such as 8h [the file's].")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where the tape goes: CSV files and run.json.")
    ] = None,
    settings: SetOption = None,
    bots: BotOption = None,
) -> None:
    """Run a scenario as fast as it can.

    Through the real engine with wallets, fees and ledger. The same scenario, seed and version give the same files,
    byte by byte. What a bot of your own prints goes to stderr.
    """
    from cryptex.sim.run import run as run_to_the_end

    scenario = _chosen(name, duration, settings, bots)
    if out is not None:
        run.out.done = f"What there is of the run is in {out}."
    begin = perf_counter()
    with refused(), bots_judged(), _told(run, scenario) as tell:
        summary = run_to_the_end(scenario, scenario.seed if seed is None else seed, out, tell)
    seconds = perf_counter() - begin
    speed = scenario.duration_ns / NANOSECONDS_PER_SECOND / seconds
    run.out.note(f"{scenario.duration} of market time in {seconds:.1f} s: {speed:,.0f} times as fast.")
    if out is not None:
        _write_report(run, out)
    run.out.answer(msgspec.json.encode(summary), run_sheet(summary), lambda: run_text(run.out, summary))


@contextmanager
def _told(run: Run, scenario: "Scenario") -> Iterator[Callable[[int, int], None]]:
    """Show how far a run is; with bots of one's own, what they print instead."""
    if scenario.has_own_bots:
        with bots_aside():
            yield lambda _done, _all: None
    else:
        with run.out.progress(f"Running {scenario.name}") as tell:
            yield tell


def report(
    run: Run,
    folder: FolderArgument,
    plots: Annotated[
        Path | None, typer.Option("--plots", metavar="DIR", help="Where the figures go, as SVG files.")
    ] = None,
) -> None:
    """Judge a run by the stylised facts of its tape.

    Each with its value, accepted range, verdict and source. Writes report.json into the folder; on a terminal figures
    follow. It needs the extra `sim`: pip install 'cryptex[sim]'.
    """
    from cryptex.sim.report.numerics import NumericsMissing, require_numerics

    try:
        require_numerics()
    except NumericsMissing as missing:
        raise Fault(str(missing), code=SYSTEM_CODE, suggestion=missing.suggestion, exit_code=ExitCode.REFUSED) from None
    from cryptex.sim.report.rows import summary
    from cryptex.sim.report.write import write_report

    with refused(_RUN_FIRST):
        found = write_report(folder)
    sheet = Sheet(("tier", "name", "title", "value", "accepted", "verdict", "source", "note"), "metrics")
    run.out.answer(msgspec.json.encode(found), sheet, lambda: report_text(run.out, folder, found))
    run.out.note(summary(found))
    if plots is not None:
        _write_plots(run, folder, plots)


def _write_plots(run: Run, folder: Path, into: Path) -> None:
    from cryptex.sim.report.plots import write_plots

    with refused():
        paths, missing = write_plots(folder, into)
    names = ", ".join(path.name for path in paths) or "nothing"
    run.out.note("\n".join([f"In {into}: {names}.", *(f"Not drawn: {each}." for each in missing)]))


def _write_report(run: Run, folder: Path) -> None:
    """Write report.json beside the tape, where it can be computed."""
    from cryptex.sim.report.numerics import NumericsMissing, require_numerics

    try:
        require_numerics()
    except NumericsMissing as missing:
        run.out.note(f"There is no report.json: {missing}. {missing.suggestion}.")
        return
    from cryptex.sim.report.rows import summary
    from cryptex.sim.report.write import write_report

    with refused():
        run.out.note(summary(write_report(folder)))


def _chosen(name: str, duration: str | None, settings: list[str] | None, bots: list[str] | None) -> "Scenario":
    from cryptex.sim import library

    with refused():
        return library.load(name, [*(settings or ()), *([f'duration="{duration}"'] if duration else [])], bots or ())
