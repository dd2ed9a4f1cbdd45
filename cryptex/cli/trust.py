"""Believing a node that speaks TLS: by its fingerprint, by what is known here, or because a person says so."""

import os
import sys

from cryptex.cli.environment import TRUST_VARIABLE
from cryptex.cli.folders import NodeFile
from cryptex.cli.output import Output
from cryptex.client.errors import UnknownNodeError
from cryptex.client.trust import NodeTrust


def entrusted(out: Output, url: str, flag: str | None, here: NodeFile | None) -> NodeTrust | None:
    """Return what judges the node of an address, settled: a person on a terminal has been asked about a new one.

    `here` is the node of this machine's data folder. Raises UntrustedNodeError, NodeUnreachableError, Fault.
    """
    if not is_secure(url):
        return None
    trust = NodeTrust(url, named_fingerprint(flag) or fingerprint_here(url, here))
    try:
        trust.check()
    except UnknownNodeError as error:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise
        out.note(f"The node at {trust.place} is not known here yet. Its fingerprint is\n{error.met.fingerprint}")
        out.note("It must be that of the `ready` line on the node's own side.")
        out.confirm("Is it, and is this node to be trusted from now on?", yes=False)
        trust.accept(error.met)
    return trust


def is_secure(url: str) -> bool:
    """Return whether an address is of a node that speaks TLS."""
    return url.lower().startswith("https:")


def named_fingerprint(flag: str | None) -> str | None:
    """Return the fingerprint that was given, if any."""
    return flag or os.environ.get(TRUST_VARIABLE) or None


def fingerprint_here(url: str, here: NodeFile | None) -> str | None:
    """Return the fingerprint of an address that is of the user's own node: nobody needs to be asked."""
    return here.fingerprint or None if here is not None and here.url == url else None
