"""Which TCP ports of some addresses answer a SYN, as whoever is on the network finds out. SOURCE ADDRESS…

Prints JSON: for each address its open ports, and how many ports said nothing at all. Half of a handshake is enough: the
kernel, which knows of no such connection, resets the answer at once, and no daemon hears of it. Asking by connect() takes ten
times as long, and there are half a million ports.
"""

import json
import select
import socket
import struct
import sys
import time

# Of <asm-generic/socket.h>; Python has no name for it. Not bounded by net.core.rmem_max.
SO_RCVBUFFORCE = 33

SYN, RST, ACK = 0x02, 0x04, 0x10
PORTS = range(1, 65536)
# Ahead of what the kernel uses itself for connections (net.ipv4.ip_local_port_range).
OWN_PORT = 31_007
# SYNs between two looks at what came back: as many answers fit into the buffer many times over.
BURST = 128
BUFFER_BYTES = 8_000_000
# A reset comes within a millisecond. Who hears nothing asks again: an answer can get lost where processors are busy.
PATIENCE_SECONDS = 1.0
TRIES = 3


def scan(source: str, address: str) -> tuple[list[int], int]:
    """The open ports, and the number of those that neither accepted nor refused."""
    found: set[int] = set()
    silent = set(PORTS)
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP) as wire:
        wire.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
        wire.bind((source, 0))
        wire.connect((address, 0))
        wire.setblocking(False)
        for _ in range(TRIES):
            ask(wire, sum_of_constants(source, address), Answers(found, silent))
            if not silent:
                break
    return sorted(found), len(silent)


class Answers:
    """Sorts what comes back."""

    def __init__(self, found: set[int], silent: set[int]) -> None:
        self.found = found
        self.silent = silent

    def take_in(self, wire: socket.socket) -> None:
        while True:
            try:
                packet = wire.recv(128)
            except BlockingIOError:
                return
            header = (packet[0] & 15) * 4
            port, own = struct.unpack_from("!HH", packet, header)
            if own != OWN_PORT:
                continue
            self.silent.discard(port)
            if packet[header + 13] & (SYN | RST | ACK) == SYN | ACK:
                self.found.add(port)


def ask(wire: socket.socket, begin: int, answers: Answers) -> None:
    """All ports that were silent so far."""
    for count, port in enumerate(sorted(answers.silent), 1):
        try:
            wire.send(syn(port, begin))
        except OSError:
            # Nobody has the address: its ports stay silent.
            break
        if count % BURST == 0:
            answers.take_in(wire)
    until = time.monotonic() + PATIENCE_SECONDS
    while answers.silent and (left := until - time.monotonic()) > 0:
        select.select([wire], [], [], left)
        answers.take_in(wire)


SEQUENCE = 0x4D435031
LENGTH = 20
WINDOW = 1024


def syn(port: int, begin: int) -> bytes:
    checksum = begin + port
    checksum = (checksum & 0xFFFF) + (checksum >> 16)
    checksum = ~((checksum & 0xFFFF) + (checksum >> 16)) & 0xFFFF
    return struct.pack("!HHIIBBHHH", OWN_PORT, port, SEQUENCE, 0, LENGTH // 4 << 4, SYN, WINDOW, checksum, 0)


def sum_of_constants(source: str, address: str) -> int:
    """Of the words that are the same in each SYN, for the checksum (RFC 9293, 3.1)."""
    pseudo = socket.inet_aton(source) + socket.inet_aton(address) + struct.pack("!HH", socket.IPPROTO_TCP, LENGTH)
    header = struct.pack("!HIIBBH", OWN_PORT, SEQUENCE, 0, LENGTH // 4 << 4, SYN, WINDOW)
    return sum(struct.unpack(f"!{(len(pseudo) + len(header)) // 2}H", pseudo + header))


if __name__ == "__main__":
    own, *others = sys.argv[1:]
    seen = {address: scan(own, address) for address in others}
    print(json.dumps({address: {"open": ports, "silent": silent} for address, (ports, silent) in seen.items()}))
