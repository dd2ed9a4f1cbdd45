"""What clients asked and heard: all that the auditor has to go by, beside what is on disk."""

from typing import Any


class Asked:
    """One request and what came of it: a reply, or nothing (then its outcome is not known)."""

    def __init__(self, account_id: int, connection: int, method: str, params: dict[str, Any]) -> None:
        self.account_id = account_id
        self.connection = connection
        self.method = method
        self.params = params
        self.answered = False
        self.never_sent = False
        self.ok = False
        self.result: Any = None
        self.code = ""
        self.status = 0
        """Of an answer over HTTP."""
        self.known = 0
        """The newest sequence that its sender knew of."""

    def __repr__(self) -> str:
        said = self.result if self.answered else "never sent" if self.never_sent else "lost"
        return f"account {self.account_id}: {self.method} {self.params} -> {said}"

    def answer(self, ok: bool, result: Any) -> None:
        """Take the reply."""
        assert not self.answered, f"a second reply to {self!r}"
        self.answered, self.ok, self.result = True, ok, result
        self.code = "" if ok else result["code"]

    @property
    def is_unknown(self) -> bool:
        """Whether its sender can not know if it was done."""
        return (not self.answered and not self.never_sent) or self.code == "outcome_unknown"


class Heard:
    """A channel's message, and the connection it came on."""

    def __init__(self, account_id: int, connection: int, message: dict[str, Any]) -> None:
        self.account_id = account_id
        self.connection = connection
        self.message = message


class Record:
    """Everything that clients asked and heard, in order."""

    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self.heard: list[Heard] = []
        self.names: dict[str, int] = {}
        self.homes: dict[tuple[str, str], int] = {}
        """Whose deposit address an asset's address is, as its owner was told."""
        self.fault: Exception | None = None
        """What a client could make no sense of."""
        self._connections = 0

    def at_home(self, asset: str, address: str, account_id: int) -> None:
        """Note a deposit address. It stays the same, and no two accounts or assets have the same one."""
        known = self.homes.setdefault((asset, address), account_id)
        assert known == account_id, f"accounts {known} and {account_id} receive {asset} at {address}"
        own = [each for each, owner in self.homes.items() if owner == account_id and each[0] == asset]
        assert own == [(asset, address)], f"account {account_id} was told of more than one address: {own}"

    def asked(self, asked: Asked) -> Asked:
        """Add a request."""
        self.requests.append(asked)
        return asked

    def connected(self, _account_id: int) -> int:
        """Return a number for a new connection."""
        self._connections += 1
        return self._connections
