"""The nodes that are known here by their keys: seen, trusted by fingerprint, and forgotten."""

from typing import Annotated, Final

import msgspec
import typer

from cryptex.cli.common import Run, command, group
from cryptex.cli.faults import Fault
from cryptex.cli.sheets import Sheet
from cryptex.cli.table import Column
from cryptex.cli.trust import is_secure
from cryptex.client.known_nodes import KnownNodes, place_of

_COLUMNS: Final = (Column("NODE"), Column("FINGERPRINT"), Column("SINCE", spare=1))

UrlArgument = Annotated[str, typer.Argument(metavar="URL", help="The node's address.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    nodes_app = typer.Typer(help="See, trust and forget the nodes whose keys are known here.")
    group(nodes_app)(nodes)
    command(nodes_app, "list", example="cryptex nodes list")(list_nodes)
    command(nodes_app, "trust", example="cryptex nodes trust https://exchange.example:7070 SHA256:...")(trust_node)
    command(nodes_app, "forget", example="cryptex nodes forget https://exchange.example:7070")(forget)
    app.add_typer(nodes_app, name="nodes", epilog="Example: cryptex nodes list")


def nodes(run: Run) -> None:
    """See, trust and forget the nodes whose keys are known here."""
    run.help()


def list_nodes(run: Run) -> None:
    """List the nodes that are known here by their keys.

    Those with a certificate of a public authority need not be: they are not in this list.
    """
    known = KnownNodes().all()
    facts = [{"node": each.place, "fingerprint": each.fingerprint, "since": each.since} for each in known]
    run.out.listing(
        msgspec.json.encode({"nodes": facts}),
        Sheet(("node", "fingerprint", "since"), "nodes"),
        lambda: known,
        lambda rows: run.out.table(_COLUMNS, [(each.place, each.fingerprint, each.since) for each in rows]),
        "No nodes are known by their keys.",
    )


def trust_node(
    run: Run,
    url: UrlArgument,
    fingerprint: Annotated[
        str, typer.Argument(metavar="FINGERPRINT", help="What its `ready` line says.", show_default=False)
    ],
) -> None:
    """Trust a node from now on, if it shows the key of this fingerprint.

    What was known of its address before is replaced.
    """
    from cryptex.client.trust import NodeTrust

    trust = NodeTrust(_secure(url), fingerprint)
    met = trust.meet()
    if met.fingerprint != trust.fingerprint:
        trust.check()  # refuses, and says why
    trust.accept(met)
    run.out.done = f"The node at {trust.place} is trusted."
    run.out.fields([("trusted", trust.place), ("fingerprint", met.fingerprint)])


def forget(run: Run, url: UrlArgument) -> None:
    """Forget a node: the next connection asks about its key again."""
    place = place_of(url)
    known = KnownNodes().forget(place)
    if known is None:
        raise Fault(f"no node is known at {place}", suggestion="`cryptex nodes list` lists those that are.")
    run.out.done = f"The node at {place} is forgotten."
    run.out.fields([("forgotten", place), ("fingerprint", known.fingerprint)])


def _secure(url: str) -> str:
    if is_secure(url):
        return url
    raise Fault(
        f"{url} is not the address of a node that speaks TLS", suggestion="Such an address begins with https://."
    )
