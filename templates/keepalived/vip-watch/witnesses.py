# Written by mcp from keepalived/vip-watch/witnesses.py. Changes here are overwritten.
"""Whether this host is cut off from the others."""

import os
import select
import socket
import time
from collections.abc import Callable

from configuration import Network, Witness
from echo import answer_in, echo_request

# On the wire it is less than a millisecond.
DEADLINE_SECONDS = 0.4
# A holder that hears nobody and is heard by all (a broken receiver) keeps its VIPs until it is found, after 2 to 3 s.
# Three looks in a row, since one packet gets lost now and then.
INTERVAL_SECONDS = 0.5
FALL = 3
RISE = 2

# How many votes those have that answer when asked from the first address, counted until they are enough.
Ask = Callable[[str, list[Witness], int], int]


def is_connected(network: Network, ask: Ask) -> bool:
    """Whether enough of the other hosts answer. Where nothing is wrong no more than these are asked."""
    needed = network["needed"]
    witnesses = network["witnesses"]
    first = fewest_for(needed, witnesses)
    answered = 0
    for group in (witnesses[:first], witnesses[first:]):
        answered += ask(network["source"], group, needed - answered)
        if answered >= needed:
            return True
    return False


def fewest_for(needed: int, witnesses: list[Witness]) -> int:
    """How many of them, from the first, have the votes that are needed."""
    votes = 0
    for number, witness in enumerate(witnesses):
        if votes >= needed:
            return number
        votes += witness["votes"]
    return len(witnesses)


def ask_witnesses(source: str, witnesses: list[Witness], enough: int) -> int:
    """How many votes those have that answer an ICMP echo, counted until they are enough or the time is up."""
    is_v6 = ":" in source
    family, protocol = (
        (socket.AF_INET6, socket.IPPROTO_ICMPV6) if is_v6 else (socket.AF_INET, socket.IPPROTO_ICMP)
    )
    token = os.urandom(16)
    identifier = int.from_bytes(token[:2], "big")
    try:
        with socket.socket(family, socket.SOCK_RAW, protocol) as wire:
            wire.setblocking(False)
            wire.bind((source, 0))
            for number, witness in enumerate(witnesses):
                try:
                    wire.sendto(echo_request(is_v6, identifier, number, token), (witness["address"], 0))
                except OSError:
                    continue
            votes = [witness["votes"] for witness in witnesses]
            return count_votes(wire, is_v6, token, votes, min(enough, sum(votes)))
    except OSError:
        # The card or its address is gone.
        return 0


def count_votes(wire: socket.socket, is_v6: bool, token: bytes, votes: list[int], enough: int) -> int:
    deadline = time.monotonic() + DEADLINE_SECONDS
    answered: set[int] = set()
    while sum(votes[number] for number in answered) < enough:
        # What has arrived is read even when the time is up: a host that drowns wakes us late.
        if not select.select([wire], [], [], max(0.0, deadline - time.monotonic()))[0]:
            break
        try:
            number = answer_in(is_v6, wire.recv(2048), token)
        except OSError:
            continue
        if number is not None and number < len(votes):
            answered.add(number)
    return sum(votes[number] for number in answered)
