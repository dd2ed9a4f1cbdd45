"""Simulated markets: the scenarios there are, what is in them, and runs as fast as they can."""

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import typer

from cryptex.cli.common import Run, command, group
from cryptex.cli.faults import SYSTEM_CODE, Fault, refused
from cryptex.cli.sheets import Record, Sheet
from cryptex.cli.table import Cell, Column, Row, Style, number
from cryptex.protocol.problems import ExitCode
from cryptex.protocol.terms import NANOSECONDS_PER_SECOND

if TYPE_CHECKING:
    from cryptex.sim.run import Summary
    from cryptex.sim.scenario import Scenario

_LIST_COLUMNS: Final = (Column("NAME"), Column("DURATION"), Column("TITLE", spare=1))
_REPORT_COLUMNS: Final = (
    Column("TIER"),
    Column("METRIC"),
    number("VALUE"),
    Column("ACCEPTED"),
    Column("VERDICT"),
    Column("SOURCE", spare=1),
)
_SESSION_COLUMNS: Final = (
    Column("GROUP"),
    Column("AGENT"),
    number("PERIODS"),
    number("LEAST SHOUTS"),
    number("EFFICIENCY"),
    number("PAPER"),
    number("FIRST ALPHA"),
    number("LAST ALPHA"),
)
_SCENARIO_HELP: Final = "A name of `cryptex sim list`, or the path of a .toml file."

FolderArgument = Annotated[
    Path, typer.Argument(metavar="DIR", help="The folder that `cryptex sim run --out` wrote.", show_default=False)
]
ScenarioArgument = Annotated[str, typer.Argument(metavar="NAME|FILE", help=_SCENARIO_HELP, show_default=False)]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a key, such as groups.noise.count=40; again for more."),
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    sim_app = typer.Typer(help="Run simulated markets, the same every time they are asked for.")
    group(sim_app)(sim)
    command(sim_app, "list", example="cryptex sim list")(list_scenarios)
    command(sim_app, "show", example="cryptex sim show calm")(show)
    command(sim_app, "check", example="cryptex sim check my-market.toml")(check)
    command(sim_app, "report", example="cryptex sim report run-7")(report)
    command(sim_app, "run", example="cryptex sim run calm --seed 7 --duration 1h --out run-7")(run_scenario)
    app.add_typer(sim_app, name="sim", epilog="Example: cryptex sim run calm --duration 1h")


def sim(run: Run) -> None:
    """Run simulated markets, the same every time they are asked for."""
    run.help()


def list_scenarios(run: Run) -> None:
    """List the scenarios of the house."""
    from cryptex.sim import library

    scenarios = [library.load(name) for name in library.names()]
    fields = [{"name": each.name, "duration": each.duration, "title": each.title} for each in scenarios]
    rows: list[Row] = [tuple(each.values()) for each in fields]
    sheet = Sheet(("name", "duration", "title"), "scenarios")
    run.out.answer(msgspec.json.encode({"scenarios": fields}), sheet, lambda: run.out.table(_LIST_COLUMNS, rows))


def show(run: Run, name: ScenarioArgument, settings: SetOption = None) -> None:
    """Print a scenario's file.

    With -o json, ndjson or csv: the whole scenario, with what it extends, what was set, and every default.
    """
    from cryptex.sim import library

    with refused():
        text, scenario = library.text_of(name), library.load(name, settings or ())
    run.out.answer(msgspec.json.encode(scenario), Sheet(("key", "value"), flatten=_flat), lambda: text)


def check(run: Run, name: ScenarioArgument, settings: SetOption = None) -> None:
    """Check a scenario file: what is wrong is named by its key. Exit code 1 where something is."""
    from cryptex.sim import library

    with refused():
        scenario = library.load(name, settings or ())
    agents = sum(each.count for each in scenario.members.values())
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
) -> None:
    """Run a scenario as fast as it can.

    Through the real engine with wallets, fees and ledger. The same scenario, seed and version give the same files,
    byte by byte.
    """
    from cryptex.sim.run import run as run_to_the_end

    scenario = _chosen(name, duration, settings)
    if out is not None:
        run.out.done = f"What there is of the run is in {out}."
    begin = perf_counter()
    with run.out.progress(f"Running {scenario.name}") as tell, refused():
        summary = run_to_the_end(scenario, scenario.seed if seed is None else seed, out, tell)
    seconds = perf_counter() - begin
    speed = scenario.duration_ns / NANOSECONDS_PER_SECOND / seconds
    run.out.note(f"{scenario.duration} of market time in {seconds:.1f} s: {speed:,.0f} times as fast.")
    if out is not None:
        _write_report(run, out)
    document = msgspec.json.encode(summary)
    run.out.answer(document, Sheet(tuple(summary.__struct_fields__), flatten=_cells), lambda: _drawn(run, summary))


def report(run: Run, folder: FolderArgument) -> None:
    """Judge a run by the stylised facts of its tape.

    Each with its value, accepted range, verdict and source. Writes report.json into the folder. It needs the extra
    `sim`: pip install 'cryptex[sim]'.
    """
    from cryptex.sim.report.numerics import NumericsMissing, require_numerics

    try:
        require_numerics()
    except NumericsMissing as missing:
        raise Fault(str(missing), code=SYSTEM_CODE, suggestion=missing.suggestion, exit_code=ExitCode.REFUSED) from None
    from cryptex.sim.report.rows import report_rows, summary
    from cryptex.sim.report.write import write_report

    with refused():
        found = write_report(folder)
    rows: list[Row] = [
        (row.tier, row.title, row.value, row.accepted, _verdict(row.verdict), row.source) for row in report_rows(found)
    ]
    sheet = Sheet(("tier", "name", "title", "value", "accepted", "verdict", "source", "note"), "metrics")
    run.out.answer(msgspec.json.encode(found), sheet, lambda: run.out.table(_REPORT_COLUMNS, rows))
    run.out.note(summary(found))


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


def _verdict(text: str) -> Cell:
    return Cell(text, {"pass": Style.BUY, "fail": Style.SELL}.get(text, Style.DIM))


def _drawn(run: Run, summary: "Summary") -> str:
    """Return a run's summary as a card, and its experiments as a table beside what the paper has."""
    fields = [(name, value) for name, value in msgspec.to_builtins(summary).items() if name != "sessions"]
    card = run.out.card([(name.replace("_", " "), value) for name, value in fields])
    if not summary.sessions:
        return card
    rows: list[Row] = [tuple(_figure(value) for value in msgspec.structs.astuple(each)) for each in summary.sessions]
    return f"{card}\n{run.out.table(_SESSION_COLUMNS, rows)}"


def _figure(value: object) -> str | None:
    return f"{value:.2f}" if isinstance(value, float) else None if value is None else str(value)


def _cells(record: Record) -> Iterator[Record]:
    """Yield the summary as one row; its experiments are in JSON."""
    yield {key: value for key, value in record.items() if key != "sessions"}


def _chosen(name: str, duration: str | None, settings: list[str] | None) -> "Scenario":
    from cryptex.sim import library

    with refused():
        return library.load(name, [*(settings or ()), *([f'duration="{duration}"'] if duration else [])])


def _flat(record: Record, prefix: str = "") -> Iterator[Record]:
    """Yield a row for each value, under its key with those above it."""
    for key, value in record.items():
        if isinstance(value, list):
            value = {str(place): each for place, each in enumerate(value)}  # noqa: PLW2901
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield {"key": f"{prefix}{key}", "value": value}
