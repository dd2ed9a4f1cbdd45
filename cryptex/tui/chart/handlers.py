"""What the chart does beside drawing: it keeps what was chosen for the next run."""

from cryptex.tui.chart.settings import kept
from cryptex.tui.chart.view import View
from cryptex.tui.model import Tone
from cryptex.tui.stage import Stage


def remember_chart(stage: Stage) -> None:
    """Show what was chosen the last time, and keep what is chosen from here on."""
    chart = stage.model.chart
    chart.look_at(stage.settings.value.chart.view())

    def keep(before: View, after: View) -> None:
        for key, value in kept(before, after).items():
            complaint = stage.settings.change("chart", key, value)
            if complaint:
                stage.note(Tone.WARN, complaint)

    chart.chosen = keep
