"""Believing a node that speaks TLS: by its fingerprint, by what is known here, or because a person says so."""

import os
import sys

from cryptex.cli.environment import TRUST_VARIABLE
from cryptex.cli.faults import Fault
from cryptex.cli.folders import NodeFile
from cryptex.cli.output import Output
from cryptex.client.errors import UnknownNodeError
from cryptex.client.trust import NodeTrust
from cryptex.protocol.problems import Code, ExitCode


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
        if not out.agrees("Is it, and is this node to be trusted from now on?"):
            raise _not_trusted(trust.place) from None
        trust.accept(error.met)
    return trust


def _not_trusted(place: str) -> Fault:
    return Fault(
        f"the node at {place} is not trusted, and nothing was sent to it",
        code=Code.NODE_UNKNOWN.value,
        suggestion="Ask its operator for the fingerprint; the next command asks again.",
        exit_code=ExitCode.NOT_ALLOWED,
    )


def is_secure(url: str) -> bool:
    """Return whether an address is of a node that speaks TLS."""
    return url.lower().startswith("https:")


def named_fingerprint(flag: str | None) -> str | None:
    """Return the fingerprint that was given, if any."""
    return flag or os.environ.get(TRUST_VARIABLE) or None


def fingerprint_here(url: str, here: NodeFile | None) -> str | None:
    """Return the fingerprint of an address that is of the user's own node: nobody needs to be asked."""
    return here.fingerprint or None if here is not None and here.url == url else None
