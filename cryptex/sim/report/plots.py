"""The figures of a run's report: in the terminal, and as SVG files in the folder of the run."""

from pathlib import Path
from typing import Final

from cryptex.protocol.problems import invalid
from cryptex.sim.report.braille import text_of
from cryptex.sim.report.chart import Chart
from cryptex.sim.report.evidence import Evidence
from cryptex.sim.report.figures import FIGURES
from cryptex.sim.report.statistics import NotComputable
from cryptex.sim.report.svg import svg_of

PLOTS: Final = "plots"
"""The folder of the SVG files, inside the folder of the run."""

WIDTH: Final = 80


def terminal_plots(folder: Path, width: int = WIDTH) -> str:
    """Return the figures of a run as text of at most `width` columns. What cannot be drawn says why. Raises Refusal."""
    run = Evidence(folder)
    drawn = []
    for name in FIGURES:
        charts, reason = _charts(run, name)
        drawn += [text_of(chart, width) for chart in charts] or [f"{name}: {reason}\n"]
    return "\n".join(drawn)


def write_plots(folder: Path) -> list[Path]:
    """Write the figures of a run as SVG files into its folder `plots`, and return their paths.

    A figure that cannot be drawn has no file, not even one of an earlier run. Raises Refusal.
    """
    run = Evidence(folder)
    written = []
    try:
        (folder / PLOTS).mkdir(exist_ok=True)
        for name in FIGURES:
            path = folder / PLOTS / f"{name}.svg"
            charts, _ = _charts(run, name)
            if charts:
                path.write_text(svg_of(charts), encoding="utf-8", newline="\n")
                written.append(path)
            else:
                path.unlink(missing_ok=True)
    except OSError as error:
        raise invalid(PLOTS, f"{folder / PLOTS} cannot be written: {error.strerror}") from None
    return written


def _charts(run: Evidence, name: str) -> tuple[list[Chart], str]:
    """Return the charts of a figure, or why there are none."""
    try:
        return FIGURES[name](run), ""
    except NotComputable as reason:
        return [], str(reason)
