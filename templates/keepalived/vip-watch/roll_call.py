# Written by mcp from keepalived/vip-watch/roll_call.py. Changes here are overwritten.
"""Which of the other hosts are there, this moment: their kernels answer, however busy their processes are."""

import os
import select
import socket
import time
from types import TracebackType
from typing import Self

from configuration import Witness
from echo import answer_in, echo_request

# An answer counts for so long: two and a bit of the longest time between two calls.
PRESENT_SECONDS = 0.6
# A network that is flooded must not hold us for ever.
MOST_PACKETS = 200


class RollCall:
    """An ICMP echo to each witness, as often as somebody calls, and who answered lately."""

    def __init__(self, source: str, witnesses: list[Witness]) -> None:
        self.is_v6 = ":" in source
        self.witnesses = witnesses
        self.token = os.urandom(16)
        self.answered: dict[int, float] = {}
        family, protocol = (
            (socket.AF_INET6, socket.IPPROTO_ICMPV6) if self.is_v6 else (socket.AF_INET, socket.IPPROTO_ICMP)
        )
        self.wire = socket.socket(family, socket.SOCK_RAW, protocol)
        self.wire.setblocking(False)
        self.wire.bind((source, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.wire.close()

    def fileno(self) -> int:
        return self.wire.fileno()

    def call(self) -> None:
        identifier = int.from_bytes(self.token[:2], "big")
        for number, witness in enumerate(self.witnesses):
            try:
                self.wire.sendto(echo_request(self.is_v6, identifier, number, self.token), (witness["address"], 0))
            except OSError:
                continue

    def take_in(self) -> None:
        for _ in range(MOST_PACKETS):
            if not select.select([self.wire], [], [], 0)[0]:
                return
            try:
                number = answer_in(self.is_v6, self.wire.recv(2048), self.token)
            except OSError:
                continue
            if number is not None and number < len(self.witnesses):
                self.answered[number] = time.monotonic()

    def votes(self, now: float) -> int:
        """How many those have that answered lately."""
        return sum(
            self.witnesses[number]["votes"] for number, at in self.answered.items() if now - at <= PRESENT_SECONDS
        )
