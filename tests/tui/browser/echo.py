"""A terminal of a few lines, in Textual's protocol: says its environment, then every packet back; `x` ends it badly.

After `hang` it hears nothing any more, after `flood` it only writes, and after `heir` another process has its pipes.
"""

import json
import os
import signal
import subprocess
import sys

signal.signal(signal.SIGTERM, signal.SIG_IGN)


def send(kind: bytes, payload: bytes) -> None:
    """Send a packet."""
    os.write(1, kind + len(payload).to_bytes(4, "big") + payload)


os.write(1, b"__GANGLION__\n")
send(b"D", json.dumps({"pid": os.getpid(), "environment": dict(os.environ)}).encode())
stdin = sys.stdin.buffer
while head := stdin.read(5):
    payload = stdin.read(int.from_bytes(head[1:], "big"))
    if head[:1] == b"M":
        if json.loads(payload)["type"] == "quit":
            break
    elif payload == b"x":
        sys.exit("it broke")
    elif payload == b"hang":
        while True:
            signal.pause()
    elif payload == b"flood":
        while True:
            send(b"D", bytes(16 * 1024))
    elif payload == b"heir":
        heir = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"], start_new_session=True)
        send(b"D", str(heir.pid).encode())
        while True:
            signal.pause()
    send(b"D", head[:1] + payload)
