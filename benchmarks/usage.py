"""What processes use of the machine, by Linux's /proc."""

import os
from pathlib import Path
from time import perf_counter
from typing import Final

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


class Usage:
    """What a process uses from here on."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._begin_s, self._cpu_s, self._waited_s = perf_counter(), _cpu_s(pid), _waited_s(pid)

    def cpu_s(self) -> float:
        """Return the processor time that it has used."""
        return _cpu_s(self._pid) - self._cpu_s

    def cores(self) -> float:
        """Return how many cores it has used, on average."""
        return self.cpu_s() / (perf_counter() - self._begin_s)

    def waited(self) -> float:
        """Return the share of the time that its main thread was ready to run and got no core: others had them."""
        return (_waited_s(self._pid) - self._waited_s) / (perf_counter() - self._begin_s)


def memory_bytes(pid: int) -> int:
    """Return the resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_BYTES


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def _waited_s(pid: int) -> float:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
