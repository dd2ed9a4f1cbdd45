"""Passwords and tokens are written nowhere: not in the data folder, not in the log, not in an answer that follows."""

import logging
from pathlib import Path

import pytest

from tests.node.edge import PASSWORD, edge, limit
from tests.node.signed import new_signing_key, signed
from tests.node.test_second_factor_logins import turned_on


def files(folder: Path) -> dict[str, bytes]:
    """Return what every file in a folder holds."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


async def test_what_signs_and_what_counts_once_is_said_nowhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with edge(tmp_path) as node:
        _, token = await node.user("ann")
        key = await new_signing_key(node, token, "hmac")
        factor, codes = await turned_on(node, token)
        login = {"username": "ann", "password": PASSWORD, "code": codes[0]}
        answers = [
            await node.ask("GET", "/wallet", headers=signed(node, key, "GET", "/wallet")),
            await node.ask("GET", "/api_keys", headers=signed(node, key, "GET", "/api_keys")),
            await node.ask("GET", "/api_keys", token=token),
            await node.ask("GET", "/users/me/second_factor", token=token),
            *[await node.ask("POST", "/sessions", login) for _ in range(2)],
        ]
        heard = [answer.body for answer in answers]
    unsaid = [key["secret"], factor, PASSWORD, *codes, *(code.replace("-", "") for code in codes)]
    places = {"the log": caplog.text.encode(), "answers": b"".join(heard)}
    assert [name for name, data in places.items() for secret in unsaid if secret.encode() in data] == []
    needed = {key["secret"], factor}  # what the node checks by, in users.db alone
    for name, data in files(tmp_path).items():
        found = {secret for secret in unsaid if secret.encode() in data}
        assert found <= (needed if name.startswith("users.db") else set()), name


async def test_secrets_reach_neither_the_disk_nor_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    form = {"label": "bot", "scopes": ["read", "trade", "withdraw"]}
    heard: list[bytes] = []
    async with edge(tmp_path) as node:
        _, token = await node.user("ann")
        kept, revoked = [(await node.post("/api_keys", form, token))["secret"] for _ in range(2)]
        secrets = [kept, revoked, kept.removeprefix("cxk_"), revoked.removeprefix("cxk_"), token, PASSWORD]
        await node.post("/orders", limit("BTC-USDT", "buy", "0.1", "100"), kept)
        await node.post("/wallet/withdrawals", {"asset": "USDT", "amount": "5", "address": "bc1q"}, kept)
        async with node.socket(kept) as socket:
            await socket.call("cancel_on_disconnect", enabled=True)
            await socket.call("order.place", **limit("BTC-USDT", "buy", "0.1", "100"))
            heard.append(str(await socket.refused("login", token=f"{kept}x")).encode())
            heard.append(str(await socket.refused("login", token=kept * 5)).encode())
        heard += [(await node.ask("GET", path, token=token)).body for path in ("/api_keys", "/users/me")]
        wrong: dict[str, object] = {"x": kept, "label": "l", "scopes": [kept]}
        heard.append((await node.ask("POST", "/api_keys", wrong, token=token)).body)
        heard.append((await node.ask("DELETE", "/api_keys/2", token=token)).body)
        await node.refused("GET", "/wallet", token=revoked)
    async with edge(tmp_path) as node:
        await node.get("/wallet", kept)
    written = files(tmp_path)
    assert {"journal.db", "users.db", "history.db"} <= written.keys()
    assert any(b"bc1q" in data for name, data in written.items() if "journal" in name)  # what is there can be found
    places = {**written, "the log": caplog.text.encode(), "answers": b"".join(heard)}
    assert [name for name, data in places.items() for secret in secrets if secret.encode() in data] == []
