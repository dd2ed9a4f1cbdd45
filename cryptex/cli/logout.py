"""Ending a login. An API key has none to end: it is never said to have ended, nor forgotten without a question."""

import os

from cryptex.cli.common import Run
from cryptex.cli.environment import TOKEN_VARIABLE
from cryptex.cli.faults import Fault
from cryptex.cli.orders import YesOption
from cryptex.client.errors import AccessError
from cryptex.client.signing import signing_key_id
from cryptex.protocol.problems import Code, ExitCode


def logout(run: Run, yes: YesOption = False) -> None:
    """End the session and forget its token.

    An API key has no session. One that a profile signs with is forgotten here and stays active at the node; this asks
    first, since it may be the only copy: elsewhere than on a terminal it needs --yes.
    """
    run.check_address()
    token = run.token()
    given = bool(os.environ.get(TOKEN_VARIABLE))
    key_id = signing_key_id(token)
    if key_id is not None and given:
        raise _is_key(key_id)
    if key_id is not None:
        _forget_key(run, key_id, yes)
        return
    _end_session(run, token)
    if given:
        run.out.note(f"The session of {TOKEN_VARIABLE} has ended; the variable is still set.")
    else:
        _forget(run)
        run.out.note(f"Logged out of {run.url}.")


def _end_session(run: Run, token: str) -> None:
    """End the session of a token that is sent. Raises Fault where it is an API key, whose session is not to end."""
    try:
        run.door(token).send("DELETE", "/sessions/current", type(None), changes=False)
    except AccessError as error:
        if error.code is Code.FORBIDDEN:
            raise _is_key(None) from None
        if error.code is not Code.UNAUTHENTICATED:  # such as a node that is not to be trusted
            raise
        run.out.note("The session had already ended.")


def _forget_key(run: Run, key_id: int, yes: bool) -> None:
    """Forget the private key of a profile, whose owner agrees."""
    stays = f"stays active at {run.url} until `cryptex keys revoke {key_id}` ends it, with your own login"
    run.out.note(f"Profile {run.profile} is no login: it signs with API key {key_id}, which {stays}.")
    run.out.confirm(f"Delete the private key of API key {key_id} from here? There may be no other copy.", yes=yes)
    _forget(run)
    run.out.note(f"The private key of API key {key_id} was deleted from here.")


def _forget(run: Run) -> None:
    from cryptex.client.session import TokenStore

    TokenStore().delete(run.url, run.profile)


def _is_key(key_id: int | None) -> Fault:
    named = "an API key" if key_id is None else f"API key {key_id}"
    revoke = "`cryptex keys revoke ID`" if key_id is None else f"`cryptex keys revoke {key_id}`"
    where = "`cryptex keys list` shows its id. " if key_id is None else ""
    return Fault(
        f"this is {named}, which has no session to end; it goes on working",
        code=Code.FORBIDDEN.value,
        suggestion=f"With your own login ({TOKEN_VARIABLE} unset) {revoke} ends it. {where}".strip(),
        exit_code=ExitCode.NOT_ALLOWED,
    )
