"""Seeded traders: each does what users and their programs do, keeps a record of it, and tries again what it lost."""

import asyncio
import json
from random import Random
from typing import Any

from tests.simulation.forms import Forms
from tests.simulation.network import Lost, Network, SimulatedSocket
from tests.simulation.record import Asked, Heard, Record

PASSWORD = "correct horse"
RETRIED = frozenset({"order.place", "deposit", "withdraw"})
CHANNELS: tuple[dict[str, Any], ...] = (
    {"channel": "book", "markets": ["BTC-USDT"], "depth": 10},
    {"channel": "book", "markets": ["BTC-USDT", "ETH-BTC"], "depth": 100},
    {"channel": "trades", "markets": ["BTC-USDT", "ETH-BTC"]},
    {"channel": "ticker", "markets": ["BTC-USDT"]},
    {"channel": "candles", "markets": ["BTC-USDT"], "interval": "1m"},
    {"channel": "orders"},
    {"channel": "fills"},
    {"channel": "wallet"},
)


class Trader:
    """One user with one program, which has one websocket at a time."""

    def __init__(self, name: str, rng: Random, network: Network, record: Record, *, poison: float) -> None:
        self.name = name
        self.forms = Forms(name, rng, network.host.clock, record, poison=poison)
        self.is_admin = False
        self.account_id = 0
        self._rng = rng
        self._network = network
        self._record = record
        self._token = ""
        self._socket: SimulatedSocket | None = None
        self._connection = 0
        self._ids = 0
        self._waiting: dict[int, tuple[Asked, asyncio.Future[None]]] = {}
        self._background: set[asyncio.Task[None]] = set()
        self._again: list[tuple[str, dict[str, Any]]] = []
        self._last_heard: dict[str, tuple[int, int]] = {}
        self._reader: asyncio.Task[None] | None = None
        self._known = 0

    # coming and going

    async def enter(self) -> None:
        """Register and log in, as often as it takes."""
        while not self.account_id:
            try:
                status, answer = await self._ask("POST", "/users", {"username": self.name, "password": PASSWORD})
                assert status in (201, 409, 503, 500, 504), answer
                status, answer = await self._ask("POST", "/sessions", {"username": self.name, "password": PASSWORD})
                if status == 201:
                    self._token, self.account_id = answer["token"], answer["user_id"]
                    self._record.names[self.name] = self.account_id
            except Lost:
                pass
            await self._pause(0.05)

    async def _ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        return await self._network.ask(self.name, method, path, body, self._token or None)

    async def connect(self) -> None:
        """Open a websocket and log in, as often as it takes; subscribe to some channels."""
        while True:
            try:
                self._socket = socket = await self._network.open(self.name)
            except Lost:
                await self._pause(0.1)
                continue
            self._connection = self._record.connected(self.account_id)
            self._reader = asyncio.get_running_loop().create_task(self._read(socket, self._connection))
            asked = await self.call("login", token=self._token)
            if asked.ok:
                for params in CHANNELS:
                    if self._rng.random() < 0.5:
                        self.begin("subscribe", self._with_since(params))
                return
            assert asked.is_unknown or asked.code == "unavailable", asked
            socket.close()
            await self._pause(0.1)

    def _with_since(self, params: dict[str, Any]) -> dict[str, Any]:
        """Ask to go on after the last message of a channel, now and then."""
        found = [self._last_heard[key] for key in self._keys_of(params) if key in self._last_heard]
        if len(found) == len(self._keys_of(params)) == 1 and self._rng.random() < 0.7:
            return {**params, "since": {"epoch": found[0][0], "sequence": found[0][1]}}
        return params

    @staticmethod
    def _keys_of(params: dict[str, Any]) -> list[str]:
        return [f"{params['channel']} {market} {params.get('depth', '')}" for market in params.get("markets", [""])]

    async def _read(self, socket: SimulatedSocket, connection: int) -> None:
        try:
            while True:
                message = json.loads(await socket.receive())
                if "ok" in message:
                    assert message["id"] in self._waiting, f"a reply to nothing that was asked: {message}"
                    asked, done = self._waiting.pop(message["id"])
                    asked.answer(message["ok"], message.get("result") if message["ok"] else message["error"])
                    self._learn(asked)
                    done.set_result(None)
                elif message["channel"] != "status":
                    self._record.heard.append(Heard(self.account_id, connection, message))
                    key = f"{message['channel']} {message.get('market', '')} {message.get('depth', '')}"
                    self._last_heard[key] = (message["epoch"], message["sequence"])
                    self._known = max(self._known, message["sequence"])
                    for order in message.get("orders") or ():
                        self.forms.orders[order["id"]] = order
        except Lost:
            self._give_up()
        except Exception as error:
            self._record.fault = error
            socket.close()
            self._give_up()

    def _give_up(self) -> None:
        """What waits for a reply gets none."""
        for asked, done in self._waiting.values():
            if asked.method in RETRIED and self._rng.random() < 0.8:
                self._again.append((asked.method, asked.params))
            if not done.done():
                done.set_result(None)
        self._waiting.clear()

    def _learn(self, asked: Asked) -> None:
        result = asked.result
        if isinstance(result, dict) and "remaining" in result:
            self.forms.orders[result["id"]] = result
            self._known = max(self._known, result["sequence"])
        if asked.method == "withdraw" and asked.ok and result["id"] not in self.forms.withdrawals:
            self.forms.withdrawals.append(result["id"])
        if asked.method in RETRIED and asked.code in ("unavailable", "outcome_unknown") and self._rng.random() < 0.8:
            self._again.append((asked.method, asked.params))

    # asking

    def begin(self, method: str, params: dict[str, Any]) -> "asyncio.Future[None]":
        """Send a request, and return what is done when its reply is there or the connection is gone."""
        assert self._socket is not None
        self._ids += 1
        asked = self._record.asked(Asked(self.account_id, self._connection, method, params))
        asked.known = self._known
        done = asyncio.get_running_loop().create_future()
        if self._socket.alive:
            self._waiting[self._ids] = (asked, done)
            self._socket.send(json.dumps({"id": self._ids, "method": method, "params": params}))
        else:
            asked.never_sent = True
            if method in RETRIED:
                self._again.append((method, params))
            done.set_result(None)
        self._last = asked
        return done

    async def call(self, method: str, **params: Any) -> Asked:
        """Send a request and return it with its reply, if there is one."""
        done = self.begin(method, params)
        asked = self._last
        await done
        return asked

    async def _call_http(self, method: str, verb: str, path: str, params: dict[str, Any], body: object) -> Asked:
        asked = self._record.asked(Asked(self.account_id, 0, method, params))
        asked.known = self._known
        try:
            status, answer = await self._ask(verb, path, body)
        except Lost:
            if method in RETRIED and self._rng.random() < 0.8:
                self._again.append((method, params))
            return asked
        asked.answer(status < 400, answer)
        asked.status = status
        self._learn(asked)
        return asked

    async def transfer(self, method: str, params: dict[str, Any]) -> Asked:
        """Deposit or withdraw, and ask again now and then, as who is not sure that it was sent."""
        path = "/wallet/deposits" if method == "deposit" else "/wallet/withdrawals"
        if self._rng.random() < 0.2:
            self._again.append((method, params))
        return await self._call_http(method, "POST", path, params, params)

    async def see_withdrawals(self) -> Asked:
        """Read the list of its withdrawals."""
        return await self._call_http("withdrawals", "GET", "/wallet/withdrawals", {}, None)

    async def see_addresses(self) -> Asked:
        """Read where it receives funds, and tell everybody."""
        asked = await self._call_http("addresses", "GET", "/wallet/addresses", {}, None)
        if asked.ok:
            for line in asked.result["addresses"]:
                self._record.at_home(line["asset"], line["address"], self.account_id)
        return asked

    async def decide(self, method: str, number: int) -> Asked:
        """Cancel a withdrawal; as an admin, approve or reject one."""
        if method == "withdrawal.cancel":
            verb, path = "DELETE", f"/wallet/withdrawals/{number}"
        else:
            verb, path = "POST", f"/admin/withdrawals/{number}/{method}"
        return await self._call_http(method, verb, path, {"id": number}, None)

    async def _pause(self, mean_s: float) -> None:
        await asyncio.sleep(self._rng.expovariate(1 / mean_s))

    # what it does

    async def trade(self, steps: int) -> None:
        """Do so many things."""
        await self.connect()
        await self.see_addresses()
        for _ in range(steps):
            if self._socket is None or not self._socket.alive:
                await self.connect()
            await self._act()
            if self._rng.random() < 0.6:
                await self._pause(self._rng.choice((0.0005, 0.005, 0.05, 0.5)))
        await self._finish_requests()

    async def _finish_requests(self) -> None:
        while waiting := [done for _, done in self._waiting.values()] + list(self._background):
            await asyncio.wait(waiting)

    async def settle(self) -> None:
        """In calm weather: try again what is open, look at everything once more, and leave."""
        while self._again:
            if self._socket is None or not self._socket.alive:
                await self.connect()
            await self._retry()
            await self._finish_requests()
        for params in CHANNELS:
            await self._until_done("subscribe", **params)
        for method in ("wallet.balances", "orders.open", "ping"):
            await self._until_done(method)
        while not (await self.see_addresses()).ok or not (await self.see_withdrawals()).ok:
            await self._pause(0.1)
        await self._finish_requests()

    async def _until_done(self, method: str, **params: Any) -> None:
        """Ask until it is done: the node may still be on its way up."""
        while True:
            if self._socket is None or not self._socket.alive:
                await self.connect()
            asked = await self.call(method, **params)
            if asked.ok:
                return
            assert not asked.answered or asked.code == "unavailable", asked

    async def leave(self) -> None:
        """Close the websocket."""
        if self._socket is not None:
            self._socket.close()
        if self._reader is not None:
            await self._reader

    async def _retry(self) -> None:
        method, params = self._again.pop(0)
        if method == "order.place":
            await self.begin(method, params)
        else:
            await self.transfer(method, params)

    async def _act(self) -> None:
        rng = self._rng
        if self._again and rng.random() < 0.5:
            await self._retry()
            return
        draw = rng.random()
        if draw < 0.46:
            await self._send("order.place", self.forms.order())
        elif draw < 0.55:
            await self._send("order.cancel", self.forms.reference())
        elif draw < 0.66:
            await self._send("order.amend", self.forms.amendment())
        elif draw < 0.79:
            await self._look()
        elif draw < 0.84:
            await self._switch()
        elif draw < 0.92:
            self._later(self.transfer(*self.forms.transfer()))
        elif draw < 0.97:
            self._later(self._look_after_withdrawals())
        elif draw < 0.985:
            await self._resubscribe()
        else:
            assert self._socket is not None
            self._socket.close()

    async def _look_after_withdrawals(self) -> None:
        if self._rng.random() < 0.25:
            await self.see_withdrawals()
        elif self.is_admin and self._rng.random() < 0.7:
            await self.decide(self._rng.choice(("approve", "reject")), self.forms.any_withdrawal())
        else:
            await self.decide("withdrawal.cancel", self.forms.withdrawal())

    def _later(self, work: Any) -> None:
        async def run() -> None:
            await work

        task = asyncio.get_running_loop().create_task(run())
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _send(self, method: str, params: dict[str, Any]) -> None:
        """Send it over the websocket, mostly; wait for the reply, mostly; and by REST now and then."""
        if method == "order.place" and self._rng.random() < 0.1:
            self._later(self._call_http(method, "POST", "/orders", params, params))
        elif self._rng.random() < 0.6:
            await self.begin(method, params)
        else:
            self.begin(method, params)

    async def _look(self) -> None:
        rng = self._rng
        method = rng.choice(("wallet.balances", "orders.open", "order.get", "ping"))
        params = self.forms.reference() if method == "order.get" else {}
        if rng.random() < 0.5:
            await self.begin(method, params)
        else:
            self.begin(method, params)

    async def _switch(self) -> None:
        rng = self._rng
        draw = rng.random()
        if draw < 0.4:
            self.begin("cancel_after", {"seconds": rng.choice((0, 1, 3, 30))})
        elif draw < 0.7:
            self.begin("cancel_on_disconnect", {"enabled": rng.random() < 0.8})
        else:
            self.begin("order.cancel_all", rng.choice(({}, {"market": "BTC-USDT"}, {"market": "ETH-BTC"})))

    async def _resubscribe(self) -> None:
        params = self._rng.choice(CHANNELS)
        if self._rng.random() < 0.5:
            self.begin("unsubscribe", params)
        self.begin("subscribe", params)
