"""Keeps what TCP carries past a network card, whoever it is meant for. INTERFACE PORT…

A switch hands a frame to the one port that it is for; only on the switch itself (its own interface) everything goes past.
Runs until its input ends, and prints a JSON list of [from, to, payload in base64] then, one for each segment.
"""

import base64
import json
import select
import socket
import struct
import sys
import time
from typing import IO

# Of <asm-generic/socket.h>: a buffer beyond net.core.rmem_max, since everything goes past here.
SO_RCVBUFFORCE, SO_TIMESTAMPNS, BUFFER_BYTES = 33, 35, 32_000_000
# Of <linux/if_packet.h>.
SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC = 263, 1, 1
# Of <linux/if_ether.h>.
EVERYTHING, IPV4 = 0x0003, 0x0800
LINGER_SECONDS = 0.3
# Beyond it nothing is kept: a test asks for what fits.
MOST_BYTES = 16_000_000


def segment(packet: bytes) -> tuple[tuple[str, int], tuple[str, int], bytes] | None:
    """Both ends and the payload; None for what is no TCP."""
    if len(packet) < 40 or packet[9] != socket.IPPROTO_TCP:
        return None
    header = (packet[0] & 15) * 4
    (total,) = struct.unpack_from("!H", packet, 2)
    source, destination = struct.unpack_from("!HH", packet, header)
    payload = packet[header + (packet[header + 12] >> 4) * 4 : total or None]
    return (socket.inet_ntoa(packet[12:16]), source), (socket.inet_ntoa(packet[16:20]), destination), payload


def stamped(wire: socket.socket) -> tuple[bytes, float]:
    """A packet (empty where it is not of IPv4), and when the kernel got it."""
    packet, extra, _flags, origin = wire.recvmsg(70_000, socket.CMSG_SPACE(16))
    if origin[1] != IPV4:
        packet = b""
    for level, kind, data in extra:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
            seconds, nanoseconds = struct.unpack("qq", data[:16])
            return packet, seconds + nanoseconds / 1e9
    return packet, time.time()


def listen(interface: str, ports: set[int]) -> list[tuple[str, str, str]]:
    heard: list[tuple[str, str, str]] = []
    size = 0
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM) as wire:
        wire.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
        # Of one protocol alone a socket hears nothing that its own machine sends.
        wire.bind((interface, EVERYTHING))
        promiscuous = struct.pack("iHH8s", socket.if_nametoindex(interface), PACKET_MR_PROMISC, 0, b"")
        wire.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, promiscuous)
        wire.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        print("listening", flush=True)
        over_at = float("inf")
        while True:
            waiting: list[IO[str] | socket.socket] = [wire] if over_at < float("inf") else [wire, sys.stdin]
            ready = select.select(waiting, [], [], min(max(0.0, over_at - time.time()), 1.0))[0]
            if sys.stdin in ready:
                # What was sent before is on its way to us still.
                over_at = time.time() + LINGER_SECONDS
            if wire not in ready:
                if time.time() > over_at:
                    break
                continue
            # By the kernel's clock: a machine that is busy may be far behind with what it has heard.
            packet, stamped_at = stamped(wire)
            if stamped_at > over_at:
                break
            if (found := segment(packet)) is None:
                continue
            (source, source_port), (destination, destination_port), payload = found
            if payload and size < MOST_BYTES and ports & {source_port, destination_port}:
                size += len(payload)
                ends = f"{source}:{source_port}", f"{destination}:{destination_port}"
                heard.append((*ends, base64.b64encode(payload).decode()))
    return heard


if __name__ == "__main__":
    card, *numbers = sys.argv[1:]
    print(json.dumps(listen(card, {int(number) for number in numbers})), flush=True)
