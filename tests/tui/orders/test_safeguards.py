"""The switches: what is asked for when, and what is said of them."""

from cryptex.tui.orders.lines import guard_at, guards_line
from cryptex.tui.orders.safeguards import RETRY_S, Ask, Guard, Safeguards

ON, OFF = Ask(Guard.DEAD_MAN, True), Ask(Guard.DEAD_MAN, False)
TIED = Ask(Guard.DISCONNECT, True)


def test_off_asks_for_nothing_and_says_off() -> None:
    made = Safeguards()
    assert made.due(0, live=True) == []
    assert [made.text(guard) for guard in Guard] == ["off", "off"]
    assert not any(made.is_on(guard) for guard in Guard)


def test_on_is_said_only_once_the_node_has_confirmed_it() -> None:
    made = Safeguards()
    made.toggle(Guard.DISCONNECT)
    assert made.text(Guard.DISCONNECT) == "arming"
    assert made.due(0, live=True) == [TIED]
    assert made.due(0, live=True) == []
    made.answered(TIED, 0)
    assert made.text(Guard.DISCONNECT) == "on"


def test_the_dead_man_counts_down_and_is_renewed_long_before() -> None:
    made = Safeguards(seconds=60)
    made.toggle(Guard.DEAD_MAN)
    assert made.due(100, live=True) == [ON]
    made.answered(ON, 100)
    assert made.due(107, live=True) == []
    assert made.text(Guard.DEAD_MAN) == "in 53 s"
    assert made.due(120, live=True) == [ON]
    made.answered(ON, 120)
    assert made.due(121, live=True) == []
    assert made.text(Guard.DEAD_MAN) == "in 59 s"


def test_a_lost_connection_leaves_it_counting_and_both_are_armed_anew() -> None:
    made = Safeguards(seconds=60)
    for ask in (TIED, ON):
        made.toggle(ask.guard)
        made.due(0, live=True)
        made.answered(ask, 0)
    assert made.due(30, live=False) == []
    assert [made.text(guard) for guard in Guard] == ["not confirmed", "in 30 s"]
    made.due(75, live=False)
    assert made.text(Guard.DEAD_MAN) == "has fired"
    assert made.due(80, live=True) == [TIED, ON]
    made.answered(TIED, 80)
    made.answered(ON, 80)
    made.due(80, live=True)
    assert [made.text(guard) for guard in Guard] == ["on", "in 60 s"]


def test_off_is_said_only_once_the_node_has_confirmed_it() -> None:
    made = Safeguards()
    made.toggle(Guard.DEAD_MAN)
    made.due(0, live=True)
    made.answered(ON, 0)
    made.toggle(Guard.DEAD_MAN)
    assert made.text(Guard.DEAD_MAN) == "ending"
    assert made.is_on(Guard.DEAD_MAN)
    assert made.due(1, live=True) == [OFF]
    made.failed(OFF, 1)
    assert made.due(1.5, live=True) == []
    assert made.due(1 + RETRY_S, live=True) == [OFF]
    made.answered(OFF, 3)
    made.due(3, live=True)
    assert (made.text(Guard.DEAD_MAN), made.remaining_s(3)) == ("off", None)


def test_a_refusal_leaves_what_was() -> None:
    made = Safeguards()
    made.toggle(Guard.DISCONNECT)
    made.due(0, live=True)
    made.refused(TIED)
    assert made.text(Guard.DISCONNECT) == "off"
    assert made.due(9, live=True) == []


def test_a_lost_answer_is_not_taken_for_one() -> None:
    made = Safeguards()
    made.toggle(Guard.DISCONNECT)
    made.due(0, live=True)
    made.failed(TIED, 0)
    assert made.text(Guard.DISCONNECT) == "not confirmed"
    made.toggle(Guard.DISCONNECT)
    assert made.due(1, live=True) == [Ask(Guard.DISCONNECT, False)]


def test_changed_is_called_only_when_the_second_or_the_state_changes() -> None:
    calls: list[int] = []
    made = Safeguards(lambda: calls.append(1))
    for step in range(20):
        made.due(step / 20, live=True)
    assert not calls
    made.toggle(Guard.DEAD_MAN)
    made.due(1, live=True)
    made.answered(ON, 1)
    before = len(calls)
    for step in range(40):
        made.due(2 + step / 20, live=True)
    assert len(calls) - before == 3


def test_the_line_fits_and_a_click_finds_its_switch() -> None:
    made = Safeguards()
    for width in (37, 120):
        line = guards_line(made, {Guard.DISCONNECT: "D", Guard.DEAD_MAN: "M"}, width)
        text = "".join(span.text for span in line)
        assert len(text.rstrip()) <= width
        assert guard_at(line, text.index("D")) is Guard.DISCONNECT
        assert guard_at(line, text.index("M")) is Guard.DEAD_MAN
        assert guard_at(line, 200) is None
