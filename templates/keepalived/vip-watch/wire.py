# Written by mcp from keepalived/vip-watch/wire.py. Changes here are overwritten.
"""Datagrams to and from the watches of the other hosts, with the time at which the kernel took each in."""

import select
import socket
import struct
import time
from collections.abc import Iterator

from message import LARGEST

# Of <asm-generic/socket.h>; Python has no name for it. The time comes as seconds and nanoseconds.
SO_TIMESTAMPNS = 35
STAMP = struct.Struct("ll")
# A network that is flooded must not hold us for ever.
MOST_PACKETS = 200


def open_wire(source: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    wire = socket.socket(family, socket.SOCK_DGRAM)
    try:
        wire.setblocking(False)
        wire.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        wire.bind((source, port))
    except OSError:
        wire.close()
        raise
    return wire


def arrivals(wire: socket.socket) -> Iterator[tuple[bytes, str, float]]:
    """What has come, from which address, and when by the monotonic clock: a process that wakes up late knows that it does."""
    for _ in range(MOST_PACKETS):
        if not select.select([wire], [], [], 0)[0]:
            return
        try:
            data, extras, _, sender = wire.recvmsg(LARGEST, socket.CMSG_SPACE(STAMP.size))
        except OSError:
            continue
        yield data, str(sender[0]), time.monotonic() - age_in(extras)


def age_in(extras: list[tuple[int, int, bytes]]) -> float:
    for level, kind, data in extras:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS and len(data) >= STAMP.size:
            seconds, nanoseconds = STAMP.unpack_from(data)
            # That is the clock on the wall, which may have been set since.
            age: float = time.time() - seconds - nanoseconds / 1e9
            return min(max(0.0, age), 5.0)
    return 0.0
