"""Headless Chromium, driven over its debugging protocol: no library is needed for the few calls that tests make."""

import base64
import re
import shutil
import subprocess
import threading
import time
from collections import deque
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

import msgspec
from websockets.sync.client import connect

WAIT_S: Final = 40.0
BINARY: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_LISTENING: Final = re.compile(r"DevTools listening on (ws://\S+)")
_FLAGS: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    "--window-size=1500,900",
)
_CODES: Final = {"Enter": 13, "Tab": 9, "Escape": 27}

Fields = dict[str, object]


class _Message(msgspec.Struct):
    """An answer, or an event."""

    id: int = 0
    method: str = ""
    params: Fields = {}
    result: Fields = {}
    error: Fields = {}


class Chromium:
    """A browser with one page, its profile in `folder`. Use it as a context manager.

    `requests` are the addresses that the page asked for; `drawn` is all that came over its websocket.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open = ExitStack()
        self._number = 0
        self._session = ""
        self._reader: threading.Thread | None = None
        self.requests: list[str] = []
        self.drawn = ""

    def __enter__(self) -> Self:
        assert BINARY is not None
        self._process = subprocess.Popen(
            [BINARY, *_FLAGS, f"--user-data-dir={self._folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            self._wire = self._open.enter_context(connect(self._address(), max_size=None))
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            self._session = str(self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
            for domain in ("Page", "Network"):
                self.call(f"{domain}.enable")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()
        self._process.terminate()
        self._process.wait(WAIT_S)
        if self._reader is not None:
            self._reader.join(WAIT_S)
        assert self._process.stderr is not None
        self._process.stderr.close()

    def go(self, url: str) -> None:
        """Go to an address."""
        self.call("Page.navigate", url=url)

    def type(self, text: str) -> None:
        """Type a text, key by key."""
        for character in text:
            self._key("keyDown", text=character, key=character)
            self._key("keyUp", key=character)

    def press(self, name: str) -> None:
        """Press Enter, Tab or Escape."""
        text = {"text": "\r"} if name == "Enter" else {}
        self._key("keyDown", key=name, code=name, windowsVirtualKeyCode=_CODES[name], **text)
        self._key("keyUp", key=name, code=name, windowsVirtualKeyCode=_CODES[name])

    def press_control(self, letter: str) -> None:
        """Press a letter with Control."""
        code = ord(letter.upper())
        for kind in ("rawKeyDown", "keyUp"):
            self._key(kind, key=letter, code=f"Key{letter.upper()}", windowsVirtualKeyCode=code, modifiers=2)

    def evaluate(self, script: str) -> object:
        """Return what a script on the page gives: text or a number."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True)["result"]
        assert isinstance(found, dict)
        return found.get("value")

    def until(self, text: str) -> None:
        """Wait until the terminal draws a text, and forget what it drew up to there."""
        deadline = time.monotonic() + WAIT_S
        while text not in self.drawn:
            left_s = deadline - time.monotonic()
            assert left_s > 0, f"{text!r} does not come; last drawn: {self.drawn[-1500:]!r}"
            try:
                self._take(self._wire.recv(left_s))
            except TimeoutError:
                continue
        self.drawn = self.drawn.partition(text)[2]

    def call(self, method: str, **params: object) -> Fields:
        """Have the browser do something; return its answer."""
        self._number += 1
        message: Fields = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._wire.send(msgspec.json.encode(message).decode())
        while True:
            answer = self._take(self._wire.recv(WAIT_S))
            if answer.id == self._number:
                assert not answer.error, answer.error
                return answer.result

    def _key(self, kind: str, **fields: object) -> None:
        self.call("Input.dispatchKeyEvent", type=kind, **fields)

    def _take(self, data: str | bytes) -> _Message:
        message = msgspec.json.decode(data, type=_Message)
        if message.method == "Network.requestWillBeSent":
            request = message.params["request"]
            assert isinstance(request, dict)
            self.requests.append(str(request["url"]))
        elif message.method == "Network.webSocketCreated":
            self.requests.append(str(message.params["url"]))
        elif message.method == "Network.webSocketFrameReceived":
            frame = message.params["response"]
            assert isinstance(frame, dict)
            if frame["opcode"] == 2:
                self.drawn += base64.b64decode(str(frame["payloadData"])).decode("utf-8", "replace")
        return message

    def _address(self) -> str:
        """Return where the browser listens, once it says so; what it says after that is read and left."""
        errors = self._process.stderr
        assert errors is not None
        for line in errors:
            found = _LISTENING.match(line)
            if found:
                self._reader = threading.Thread(target=deque, args=(errors, 0), daemon=True)
                self._reader.start()
                return found[1]
        raise AssertionError("Chromium does not start")
