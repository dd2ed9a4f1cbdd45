"""A node as a process: the socket, uvicorn around the app, the ready line, signals, and the way out."""

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec
import uvicorn

from cryptex.garbage import GC_THRESHOLDS
from cryptex.node import logs
from cryptex.node.app import build_app
from cryptex.node.companion import Companion
from cryptex.node.core import FAILED_EXIT_CODE, Core, is_loopback
from cryptex.node.hosts import host_check
from cryptex.node.http_protocol import bounded_http_protocol
from cryptex.node.listener import BACKLOG, allow_connections, listen, node_url, reachable
from cryptex.node.response_headers import response_headers
from cryptex.node.settings import Settings
from cryptex.node.start_words import why_not_started
from cryptex.node.stores import FolderStores
from cryptex.node.tls import NodeTls, TlsUnusable, node_tls
from cryptex.node.tls_gate import TlsGate
from cryptex.node.websocket_protocol import BoundedWebSocketProtocol
from cryptex.protocol.problems import ExitCode
from cryptex.protocol.requests import MESSAGE_BYTES_MAX
from cryptex.store.files import write_durably

KEEP_ALIVE_S: Final = 30
PING_INTERVAL_S: Final = 20.0
GRACE_S: Final = 1
"""How long a stop waits for websockets to hear of it, and again for requests to be answered."""

STOP_LIMIT_S: Final = 4.7
"""A stop that takes longer ends the process by force; the next start recovers, as after a crash."""

SWITCH_INTERVAL_S: Final = 0.0002
"""How long the event loop may go on while the journal's thread wants its turn. A commit needs a few short turns, and at
Python's own pace each of them would take as long as the commit."""

RUN_FILE: Final = "node.json"
"""In the data folder while the node runs: where it is, for `node status` and `node stop`."""

_log: Final = logging.getLogger(__name__)


class RunFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """What node.json holds. By `fingerprint` commands on this machine know a node that speaks TLS."""

    pid: int
    url: str
    fingerprint: str = ""


class ReadyLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a node says when it accepts connections. With TLS, `fingerprint` is what clients are to expect."""

    url: str
    data_dir: str
    epoch: int
    sequence: int
    fingerprint: str = ""

    def text(self) -> str:
        """Return the line for people and scripts."""
        trust = f" fingerprint={self.fingerprint}" if self.fingerprint else ""
        return f"ready {self.url} data_dir={self.data_dir} epoch={self.epoch} sequence={self.sequence}{trust}"


class NodeServer(uvicorn.Server):
    """uvicorn with the node's own stop: stop listening, say good-bye, finish, and exit 0 instead of by the signal."""

    def __init__(
        self,
        config: uvicorn.Config,
        on_ready: Callable[[], None],
        say_goodbye: Callable[[], Awaitable[None]],
        gate: TlsGate | None = None,
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._say_goodbye = say_goodbye
        self._gate = gate

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM, within `STOP_LIMIT_S`; nothing is raised again afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, _number: int, _frame: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop soon, and by force when that takes too long."""
        if self.should_exit:
            return
        self.should_exit = True
        watchdog = threading.Timer(STOP_LIMIT_S, os._exit, (FAILED_EXIT_CODE,))
        watchdog.daemon = True
        watchdog.start()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the app, listen, and say so."""
        await super().startup(sockets if self._gate is None else [])
        if not self.started:
            return
        if self._gate is not None:
            self._gate.open(self._http)
        self._on_ready()

    def _http(self) -> asyncio.Protocol:
        """Return the protocol of a new connection behind the gate, made as uvicorn makes it."""
        given = {"config": self.config, "server_state": self.server_state, "app_state": self.lifespan.state}
        return self.config.http_protocol_class(**given)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, let websockets hear why, then close what is open and stop the app.

        Who does not take an answer is hung up on after the grace: that is no fault, and not told as one.
        """
        logging.getLogger("uvicorn.error").addFilter(_is_no_cancellation)
        for server in self.servers:
            server.close()
        if self._gate is not None:
            self._gate.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._say_goodbye(), GRACE_S)
        await super().shutdown(sockets)


def _is_no_cancellation(record: logging.LogRecord) -> bool:
    return record.exc_info is None or not isinstance(record.exc_info[1], asyncio.CancelledError)


def _tell(message: str) -> None:
    sys.stderr.write(f"error: {message}\n")


def run(
    settings: Settings,
    *,
    as_json: bool = False,
    insecure: bool = False,
    accept_journal: bool = False,
    repair: bool = False,
    companion: Companion | None = None,
    unlock: Callable[[Path], None] = lambda _: None,
    tell: Callable[[str], None] = _tell,
) -> int:
    """Run a node until it is told to stop; return the exit code. `tell` hears why it was refused.

    `insecure` allows to listen beyond loopback without TLS. A node that fails ends the process here and now, because
    a commit that hangs would hold up the interpreter's own exit.
    """
    logs.configure(as_json=as_json)
    if not (settings.tls.enabled or insecure or is_loopback(settings.host)):
        tell(
            f"listening on {settings.host} without TLS would show every password and token to the network: "
            "use --tls, a loopback address, or --insecure where something else encrypts"
        )
        return ExitCode.USAGE
    try:
        listener = listen(settings.host, settings.port)
    except OSError as error:
        tell(f"can not listen on {settings.host} port {settings.port}: {error.strerror or error}")
        return ExitCode.REFUSED
    allow_connections(settings.limits.connections)
    stores = FolderStores(settings.data_dir, settings.database_url, unlock)
    core = Core(settings, accept_journal=accept_journal, repair=repair, companion=companion, stores=stores)
    try:
        tls = node_tls(settings, core.clock)
    except TlsUnusable as error:
        listener.close()
        tell(str(error))
        return ExitCode.REFUSED
    try:
        with listener, asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(core, listener, tls, as_json=as_json))
    except SystemExit:  # uvicorn's way to say that the app did not start
        tell(why_not_started(core.start_error, core.settings.data_dir))
        return ExitCode.REFUSED
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    if core.exit_code:
        logging.shutdown()
        os._exit(core.exit_code)
    return core.exit_code


async def _serve(core: Core, listener: socket.socket, tls: NodeTls | None, *, as_json: bool) -> None:
    gc.set_threshold(*GC_THRESHOLDS)  # from here on: a long replay gains most
    app = build_app(core)
    url = node_url(core.settings.host, listener.getsockname()[1], is_secure=tls is not None)
    fingerprint = "" if tls is None else tls.fingerprint
    run_file = core.settings.data_dir / RUN_FILE
    uvicorn_log = logging.getLogger("uvicorn.error")
    uvicorn_log.setLevel(logging.CRITICAL + 1)  # a refused start is told in one line, not as a traceback

    def on_ready() -> None:
        uvicorn_log.setLevel(logging.ERROR)
        gc.collect()
        gc.freeze()  # what start-up built is there to stay
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        _leave_word(run_file, RunFile(os.getpid(), reachable(url), fingerprint))
        line = ReadyLine(url, str(core.settings.data_dir), core.epoch, core.exchange.sequence, fingerprint)
        with suppress(OSError):  # nobody listens, and the node serves all the same
            sys.stdout.write(f"{msgspec.json.encode(line).decode() if as_json else line.text()}\n")
            sys.stdout.flush()

    gate = None if tls is None else TlsGate(tls, listener)
    server = NodeServer(_config(core, app), on_ready, app.state.streams.shutdown, gate)
    watches = [asyncio.create_task(_stop_when_failed(core, server))]
    if tls is not None:
        watches.append(asyncio.create_task(tls.keep()))
    try:
        await server.serve(sockets=[listener])
    finally:
        for watch in watches:
            watch.cancel()
        if server.started:
            run_file.unlink(missing_ok=True)


def _leave_word(path: Path, run_file: RunFile) -> None:
    """Say where the node is; one that has journaled its start serves, though the disk has become full since."""
    try:
        write_durably(path, msgspec.json.encode(run_file))
    except OSError as error:
        _log.warning(
            "%s can not be written (%s): `node status` and `node stop` do not find this node", path, error.strerror
        )


def _config(core: Core, app: Callable[..., Awaitable[None]]) -> uvicorn.Config:
    settings, on_loopback = core.settings, is_loopback(core.settings.host)
    limits = settings.limits
    is_own_host = host_check(settings, on_loopback=on_loopback)
    return uvicorn.Config(
        app,
        http=bounded_http_protocol(limits.connections, limits.connections_per_address, is_own_host),
        headers=response_headers(is_secure=settings.tls.enabled, is_local=on_loopback),
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        ws=BoundedWebSocketProtocol,
        ws_max_size=MESSAGE_BYTES_MAX,
        ws_ping_interval=PING_INTERVAL_S,
        ws_ping_timeout=PING_INTERVAL_S,
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
    )


async def _stop_when_failed(core: Core, server: NodeServer) -> None:
    await core.failed.wait()
    server.stop()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's loop where there is uvloop, else None: asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def read_run_file(data_dir: Path) -> RunFile | None:
    """Return what a running (or killed) node left in its data folder."""
    with suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode((data_dir / RUN_FILE).read_bytes(), type=RunFile)
    return None
