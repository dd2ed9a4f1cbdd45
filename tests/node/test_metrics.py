"""`/metrics`: what a node counts about itself."""

from pathlib import Path

from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from cryptex.node.metrics import Metrics
from cryptex.protocol.commands import PlaceOrder, Stamped, Tick
from cryptex.protocol.events import OrderAccepted, OrderRejected, Ticked
from cryptex.protocol.problems import Code
from cryptex.protocol.terms import OrderType, Side
from cryptex.store.journal import JournalUnavailable
from tests.node.edge import Edge, edge, limit

PLACE = PlaceOrder(1, "BTC-USDT", Side.BUY, OrderType.LIMIT, 1, 1)


def values(text: bytes) -> dict[str, float]:
    """Return every sample by its name and labels."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sample.labels.items())
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


async def read(node: Edge) -> dict[str, float]:
    """Return what a node says."""
    answer = await node.ask("GET", "/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return values(answer.body)


async def test_commands_are_counted_by_kind_and_outcome(node: Edge) -> None:
    _, token = await node.user("ann", BTC="1")
    await node.post("/orders", limit("BTC-USDT", "sell", "1", "100", client_order_id="k"), token)
    await node.ask("POST", "/orders", limit("BTC-USDT", "sell", "1", "100", client_order_id="k"), token=token)
    await node.refused("POST", "/orders", limit("BTC-USDT", "sell", "1", "100"), token=token)
    found = await read(node)
    assert found["cryptex_commands_total{kind=open,outcome=done}"] == 1
    assert found["cryptex_commands_total{kind=place,outcome=done}"] == 1
    assert found["cryptex_commands_total{kind=place,outcome=repeated}"] == 1
    assert found["cryptex_commands_total{kind=place,outcome=rejected}"] == 1
    assert found["cryptex_batch_commands_sum"] == found["cryptex_batch_commands_count"] == 5
    assert found["cryptex_commit_seconds_count"] == 5
    assert found["cryptex_sequence"] == node.core.exchange.sequence
    assert found["cryptex_epoch"] == 1
    assert found["cryptex_inbox_commands"] == 0
    assert found["cryptex_start_time_seconds"] == node.core.clock.now_ns() / 1e9


async def test_connections_and_subscriptions_are_counted_while_they_last(node: Edge) -> None:
    async with node.socket() as socket:
        await socket.call("subscribe", channel="book", markets=["BTC-USDT", "ETH-USDT"])
        found = await read(node)
        assert (found["cryptex_connections"], found["cryptex_subscriptions"]) == (1, 2)
    found = await read(node)
    assert (found["cryptex_connections"], found["cryptex_subscriptions"]) == (0, 0)
    for action in ("resync", "drop", "close"):
        assert found[f"cryptex_slow_consumers_total{{action={action}}}"] == 0


async def test_projector_lag_is_in_sequences(node: Edge) -> None:
    _, token = await node.user("ann", BTC="1")
    await node.get("/wallet/entries", token)  # waits for history
    assert (await read(node))["cryptex_projector_lag_sequences"] == 0


async def test_two_nodes_count_apart(node: Edge, tmp_path: Path) -> None:
    await node.user("ann")
    async with edge(tmp_path / "other") as other:
        assert "cryptex_commands_total{kind=open,outcome=done}" not in await read(other)
    assert (await read(node))["cryptex_commands_total{kind=open,outcome=done}"] == 1
    assert not [family for family in REGISTRY.collect() if family.name.startswith("cryptex")]


async def test_what_the_journal_does_not_take_is_counted(node: Edge) -> None:
    _, token = await node.user("ann", BTC="1")
    append = node.core.journal.append

    def refuse(commands: object) -> None:
        raise JournalUnavailable("the disk is full")

    node.core.journal.append = refuse  # type: ignore[method-assign, assignment]
    assert (await node.refused("DELETE", "/orders", token=token))[0] == 503
    node.core.journal.append = append  # type: ignore[method-assign]
    assert (await read(node))["cryptex_commands_total{kind=cancel_all,outcome=unavailable}"] == 1


def test_a_batch_is_counted_in_one_go() -> None:
    metrics = Metrics(0)
    metrics.committed(3, 0.003)
    rejected = OrderRejected(1, 1, PLACE, Code.TICK_SIZE, "", {})
    batch = [Stamped(1, PLACE), Stamped(2, PLACE), Stamped(3, Tick())]
    metrics.applied(batch, [OrderAccepted(1, 1, PLACE), rejected, Ticked()])
    metrics.unapplied(batch[:2], Code.OUTCOME_UNKNOWN)
    found = values(metrics.text())
    assert found["cryptex_commands_total{kind=place,outcome=done}"] == 1
    assert found["cryptex_commands_total{kind=place,outcome=rejected}"] == 1
    assert found["cryptex_commands_total{kind=place,outcome=outcome_unknown}"] == 2
    assert found["cryptex_commands_total{kind=tick,outcome=done}"] == 1
    assert found["cryptex_batch_commands_bucket{le=4.0}"] == 1
    assert found["cryptex_commit_seconds_bucket{le=0.002}"] == 0
    assert found["cryptex_commit_seconds_bucket{le=0.005}"] == 1
