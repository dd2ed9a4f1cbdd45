"""The keys in force: those of the registry, save where the user wants others."""

from collections.abc import Mapping, Sequence
from typing import Final

from cryptex.tui.keys.action import Action
from cryptex.tui.keys.key_names import cap, for_textual, is_key, is_typed, one_form
from cryptex.tui.keys.registry import ACTIONS

_Keys = dict[str, list[str]]


class Keymap:
    """Actions with the keys in force, and in `complaints` what is not as the user wants or may expect.

    An entry of the user's that names no action, no key or a key that is taken is left out. Else it takes its keys from
    those actions of the registry that they would clash with.
    """

    def __init__(self, wanted: Mapping[str, str] | None = None, actions: Sequence[Action] = ACTIONS) -> None:
        self.complaints: list[str] = []
        self._registered = {action.name: action for action in actions}
        self._default = {action.name: _split(action.keys) for action in actions}
        self._given: _Keys = {}
        for name, text in (wanted or {}).items():
            flaw = self._flaw(name, _split(text))
            if flaw:
                self.complaints.append(f"keys: {flaw}")
            else:
                self._given[name] = _split(text)
        left = {name: self._left(name) for name in self._default}
        self.actions = tuple(self._in_force(action, left[action.name]) for action in actions)
        self._by_name = {action.name: action for action in self.actions}

    @property
    def overrides(self) -> dict[str, str]:
        """The user's keys by the id of their binding, for `App.set_keymap`."""
        return {name: _joined(keys) for name, keys in self._given.items()}

    def of(self, name: str) -> Action:
        """Return an action with its keys in force. Raises KeyError."""
        return self._by_name[name]

    def cap_of(self, name: str) -> str:
        """Return the keys of an action as written on the screen; nothing where there is no such action."""
        action = self._by_name.get(name)
        return "" if action is None else action.cap

    def _flaw(self, name: str, keys: list[str]) -> str:
        action = self._registered.get(name)
        if action is None:
            return f"there is no action {name!r}; the page of keys (?) names them all"
        for key in keys:
            if not is_key(key):
                return f"{name} stays as it is: {key!r} is no key"
            if is_typed(key) and action.is_taken_first:
                return f"{name} stays as it is: {key!r} is typed into fields"
            holder = self._holder(action, key)
            if holder:
                return f"{name} stays as it is: {key!r} is {holder}"
        return ""

    def _holder(self, action: Action, key: str) -> str:
        """Return the action that keeps the key from this one: the user's own wish, or one that is taken first."""
        for name, keys in self._given.items():
            if key in keys and _clash(action, self._registered[name]):
                return name
        firsts = (other for other in self._registered.values() if other.is_taken_first and not action.is_taken_first)
        return next((o.name for o in firsts if key in self._default[o.name] and o.name not in self._given), "")

    def _left(self, name: str) -> list[str]:
        """Return the keys that an action has: the user's, or those of the registry that nobody took."""
        if name in self._given:
            return self._given[name]
        keys = self._default[name]
        taken = {key: taker for taker, wanted in self._given.items() for key in wanted if self._takes(taker, name)}
        left = [key for key in keys if key not in taken]
        for key in keys:
            if key in taken:
                rest = f"has {' '.join(map(cap, left))}" if left else "has no key"
                self.complaints.append(f"keys: {cap(key)} is {taken[key]} now; {name} {rest}")
        return left

    def _takes(self, taker: str, loser: str) -> bool:
        return taker != loser and _clash(self._registered[taker], self._registered[loser])

    def _in_force(self, action: Action, keys: list[str]) -> Action:
        if keys == self._default[action.name]:
            return action
        return action._replace(keys=_joined(keys), shown=" ".join(map(cap, keys)))


def _split(keys: str) -> list[str]:
    return list(dict.fromkeys(map(one_form, keys.split(","))))


def _joined(keys: list[str]) -> str:
    return ",".join(map(for_textual, keys))


def _clash(one: Action, other: Action) -> bool:
    """Return whether the same key can not be for both."""
    return one.place is other.place or one.is_taken_first or other.is_taken_first


DEFAULT: Final = Keymap()
