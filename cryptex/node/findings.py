"""What a verification finds: each rule that was checked, whether it holds, and where it is first broken."""

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """A rule. `sequence` is the first command where it does not hold, where that can be said."""

    check: str
    ok: bool
    detail: str
    sequence: int | None = None


class Findings:
    """Collects findings: of each rule that is broken the first place counts."""

    def __init__(self) -> None:
        self._broken: dict[str, Finding] = {}
        self._held: dict[str, Finding] = {}

    def broken(self, check: str, detail: str, sequence: int | None = None) -> None:
        """A rule does not hold."""
        known = self._broken.get(check)
        if known is None or (sequence is not None and (known.sequence is None or sequence < known.sequence)):
            self._broken[check] = Finding(check, False, detail, sequence)

    def held(self, check: str, detail: str) -> None:
        """A rule was checked to the end; that counts unless it was found broken."""
        self._held[check] = Finding(check, True, detail)

    def all(self) -> list[Finding]:
        """Return what was found, broken rules in the place of the same rules held."""
        names = dict.fromkeys([*self._held, *self._broken])
        return [self._broken.get(name) or self._held[name] for name in names]
