"""The figures of a run's report: in the terminal, and as SVG files."""

from pathlib import Path
from typing import Final, NamedTuple

from cryptex.protocol.problems import invalid
from cryptex.sim.report.braille import text_of
from cryptex.sim.report.chart import Chart
from cryptex.sim.report.evidence import Evidence
from cryptex.sim.report.figures import FIGURES
from cryptex.sim.report.statistics import NotComputable
from cryptex.sim.report.svg import svg_of

WIDTH: Final = 80


def terminal_plots(folder: Path, width: int = WIDTH) -> str:
    """Return the figures of a run as text of at most `width` columns. What cannot be drawn says why. Raises Refusal."""
    run = Evidence(folder)
    drawn = []
    for name in FIGURES:
        charts, reason = _charts(run, name)
        drawn += [text_of(chart, width) for chart in charts] or [f"{name}: {reason}\n"]
    return "\n".join(drawn)


class Written(NamedTuple):
    """The figures that have a file, and why others have none."""

    paths: list[Path]
    missing: list[str]


def write_plots(folder: Path, into: Path) -> Written:
    """Write the figures of a run's folder as SVG files into another, which is made where it is not there.

    A figure that cannot be drawn has no file, not even one of an earlier run. Raises Refusal.
    """
    run = Evidence(folder)
    written = Written([], [])
    try:
        into.mkdir(parents=True, exist_ok=True)
        for name in FIGURES:
            path = into / f"{name}.svg"
            charts, reason = _charts(run, name)
            if charts:
                path.write_text(svg_of(charts), encoding="utf-8", newline="\n")
                written.paths.append(path)
            else:
                path.unlink(missing_ok=True)
                written.missing.append(f"{name}: {reason}")
    except OSError as error:
        raise invalid("plots", f"{into} cannot be written: {error.strerror}") from None
    return written


def _charts(run: Evidence, name: str) -> tuple[list[Chart], str]:
    """Return the charts of a figure, or why there are none."""
    try:
        return FIGURES[name](run), ""
    except NotComputable as reason:
        return [], str(reason)
