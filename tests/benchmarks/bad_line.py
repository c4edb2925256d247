"""A bad line between two network namespaces: rate, delay, random loss both ways, and total breaks.

For kernels without ``netem``: each namespace has a TUN device, and this process carries the IP packets from
one to the other.  Needs root and ``ip``; for benchmarks only.
"""

from __future__ import annotations

import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType

_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 1, 0x1000
MTU = 1400
CLIENT, SERVER = "10.77.0.1", "10.77.0.2"
_SYN, _RST = 2, 4


@dataclass(frozen=True)
class Quality:
    """``rate`` bit/s, ``delay`` s both ways, ``loss`` a share, breaks ``lasting`` s after ``every`` s."""

    rate: float
    delay: float
    loss: float
    every: float = 0.0
    lasting: float = 0.0


@dataclass
class Flow:
    """One connection: first number, highest byte delivered, the break after which it was opened."""

    first: int
    epoch: int
    end: int = 0
    before: int = 0


@dataclass
class Count:
    """Bytes going up as IP packets (also those lost), breaks, resets, and the flows."""

    offered: int = 0
    breaks: int = 0
    resets: int = 0
    flows: dict[tuple[int, int], Flow] = field(default_factory=dict)

    @property
    def stream(self) -> int:
        """Give the bytes delivered in all connections going up, all headers above TCP counted."""
        return sum(flow.before + max(0, flow.end - 1) for flow in self.flows.values())


class BadLine:
    """The line, as long as the ``with`` block lasts.  ``near`` and ``far`` are the namespaces' names.

    After a break, connections opened before it are gone: their next packet is answered with a reset.
    """

    def __init__(self, name: str, quality: Quality, seed: int) -> None:
        self.quality = quality
        self.count = Count()
        self.near, self.far = f"{name}c", f"{name}s"
        self._random = random.Random(seed)
        self._room = max(20 * MTU, quality.rate / 8 * 0.6)
        self._queue: list[tuple[float, int, int, bytes, tuple[tuple[int, int], int] | None]] = []
        self._number = 0
        self._free: dict[int, float] = {}
        self._epoch = 0
        self._over = threading.Event()
        self._ends = [self._device(self.near, CLIENT), self._device(self.far, SERVER)]
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._began = 0.0

    def __enter__(self) -> BadLine:
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        for end in self._ends:
            os.close(end)
        for space in (self.near, self.far):
            _ip("netns", "del", space, check=False)

    def restart(self) -> None:
        """Begin to count, and the time to the next break, from now."""
        self.count = Count(
            flows={key: Flow(flow.first, flow.epoch) for key, flow in self.count.flows.items()}
        )
        self._began = time.monotonic()

    def _device(self, space: str, address: str) -> int:
        _ip("netns", "del", space, check=False)
        _ip("netns", "add", space)
        handle = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        device = f"{space}t"
        fcntl.ioctl(handle, _TUNSETIFF, struct.pack("16sH", device.encode(), _IFF_TUN | _IFF_NO_PI))
        _ip("link", "set", device, "netns", space)
        _ip("-n", space, "link", "set", "lo", "up")
        _ip("-n", space, "addr", "add", f"{address}/24", "dev", device)
        _ip("-n", space, "link", "set", device, "mtu", str(MTU), "up", "txqueuelen", "1000")
        _ip("-n", space, "route", "replace", "10.77.0.0/24", "dev", device, "congctl", "cubic")
        return handle

    def _is_broken(self, now: float) -> bool:
        quality = self.quality
        if not quality.every:
            return False
        return (now - self._began) % (quality.every + quality.lasting) >= quality.every

    def _carry(self) -> None:
        poll = select.poll()
        for end in self._ends:
            poll.register(end, select.POLLIN)
        was_broken = False
        while not self._over.is_set():
            now = time.monotonic()
            rest = 50.0 if not self._queue else max(0.0, min(50.0, (self._queue[0][0] - now) * 1000))
            ready = poll.poll(rest)
            now = time.monotonic()
            broken = self._is_broken(now)
            if broken and not was_broken:
                self._queue.clear()
                self.count.breaks += 1
                self._epoch += 1
            was_broken = broken
            self._deliver(now)
            for end, _ in ready:
                self._take(end, now, broken=broken)

    def _deliver(self, now: float) -> None:
        while self._queue and self._queue[0][0] <= now:
            _, _, end, packet, mark = heapq.heappop(self._queue)
            _write(end, packet)
            flow = self.count.flows.get(mark[0]) if mark is not None else None
            if mark is not None and flow is not None:
                reached = (mark[1] - flow.first) & 0xFFFFFFFF
                if reached < 1 << 31:
                    flow.end = max(flow.end, reached)

    def _take(self, end: int, now: float, *, broken: bool) -> None:
        is_up = end == self._ends[0]
        other = self._ends[1] if is_up else self._ends[0]
        for _ in range(64):
            try:
                packet = os.read(end, 4096)
            except BlockingIOError:
                return
            if packet[0] >> 4 != 4:
                continue
            if is_up:
                self.count.offered += len(packet)
            mark, is_dead = self._follow(packet, is_up=is_up)
            if broken:
                continue
            if is_dead:
                if not packet[(packet[0] & 15) * 4 + 13] & _RST:
                    self.count.resets += 1
                    _write(end, _reset(packet))
                continue
            begin = max(now, self._free.get(end, 0.0))
            if (begin - now) * self.quality.rate / 8 > self._room:
                continue
            leaves = self._free[end] = begin + len(packet) * 8 / self.quality.rate
            if self._random.random() < self.quality.loss:
                continue
            self._number += 1
            entry = (leaves + self.quality.delay / 2, self._number, other, packet, mark)
            heapq.heappush(self._queue, entry)

    def _follow(self, packet: bytes, *, is_up: bool) -> tuple[tuple[tuple[int, int], int] | None, bool]:
        """Give the flow and the byte a packet reaches, and whether its connection is from before a break."""
        if packet[9] != 6:
            return None, False
        head = (packet[0] & 15) * 4
        near, far, number, _, offset, flags = struct.unpack("!HHIIBB", packet[head : head + 14])
        key = (near, far) if is_up else (far, near)
        flow = self.count.flows.get(key)
        if flags & _SYN and is_up and (flow is None or flow.first != number):
            before = flow.before + max(0, flow.end - 1) if flow is not None else 0
            self.count.flows[key] = Flow(number, self._epoch, before=before)
        elif flags & _SYN and is_up and flow is not None:
            flow.epoch = self._epoch
        flow = self.count.flows.get(key)
        length = len(packet) - head - (offset >> 4) * 4
        mark = (key, (number + length) & 0xFFFFFFFF) if is_up else None
        return mark, flow is not None and flow.epoch != self._epoch


def _ip(*words: str, check: bool = True) -> None:
    subprocess.run(("ip", *words), check=check, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _write(end: int, packet: bytes) -> None:
    try:
        os.write(end, packet)
    except OSError:
        return


def _checksum(content: bytes) -> int:
    content += b"\0" * (len(content) % 2)
    total: int = sum(struct.unpack(f"!{len(content) // 2}H", content))
    total = (total >> 16) + (total & 0xFFFF)
    total += total >> 16
    return ~total & 0xFFFF


def _reset(packet: bytes) -> bytes:
    head = (packet[0] & 15) * 4
    near, far, number, acknowledged = struct.unpack("!HHII", packet[head : head + 12])
    source, target = packet[12:16], packet[16:20]
    tcp = struct.pack("!HHIIHHHH", far, near, acknowledged, number, 0x5004, 0, 0, 0)
    pseudo = target + source + struct.pack("!BBH", 0, 6, 20)
    tcp = tcp[:16] + struct.pack("!H", _checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 0, 0x4000, 64, 6, 0, target, source)
    return ip[:10] + struct.pack("!H", _checksum(ip)) + ip[12:] + tcp
