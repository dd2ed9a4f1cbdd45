"""The system's keyring, where there is one that really keeps secrets.

A keyring is trusted only if it is one of the known real ones and gives back what was written: without a desktop the
`keyring` package offers backends that fail, forget, or write plain text.
"""

from contextlib import suppress
from typing import Final, Protocol

SERVICE: Final = "cryptex"

KNOWN_BACKENDS: Final = frozenset(
    {
        "keyring.backends.macOS",
        "keyring.backends.Windows",
        "keyring.backends.SecretService",
        "keyring.backends.libsecret",
        "keyring.backends.kwallet",
    }
)
"""Modules of backends that really keep secrets."""


class Backend(Protocol):
    """What is used of a keyring."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return a secret."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret."""

    def delete_password(self, service: str, username: str) -> None:
        """Forget a secret."""


def system_keyring() -> Backend | None:
    """Return the system's keyring, or None where there is none that is known to keep secrets."""
    try:
        import keyring  # 100 ms: only those who need it pay

        backend: Backend = keyring.get_keyring()
        candidates: list[Backend] = list(getattr(backend, "backends", [])) or [backend]
    except Exception:  # a backend raises whatever its platform raises
        return None
    return next((each for each in candidates if type(each).__module__ in KNOWN_BACKENDS), None)


def keep(backend: Backend, name: str, secret: str) -> bool:
    """Write a secret and read it back; return whether it is kept. Where it is not, nothing is left behind."""
    with suppress(Exception):
        backend.set_password(SERVICE, name, secret)
        if backend.get_password(SERVICE, name) == secret:
            return True
    forget(backend, name)
    return False


def recall(backend: Backend, name: str) -> str | None:
    """Return a secret; None where it is not there, or the keyring does not answer."""
    with suppress(Exception):
        return backend.get_password(SERVICE, name)
    return None


def forget(backend: Backend, name: str) -> None:
    """Let a secret go, if it is there."""
    with suppress(Exception):
        backend.delete_password(SERVICE, name)
