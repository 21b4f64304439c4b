# Written by mcp from keepalived/vip-watch/kernel.py. Changes here are overwritten.
"""What the kernel knows, read from /proc: no process is started and no other right is needed for it."""

import re
import socket


def uptime() -> float:
    """Seconds. The clock that a shell can read as well."""
    with open("/proc/uptime", encoding="ascii") as file:
        return float(file.read().split()[0])


def has_address(address: str) -> bool:
    """Whether this host has it now. To bind to it would tell nothing: a load balancer may bind to what is not there."""
    return address in held_of([address])


def held_of(addresses: list[str]) -> set[str]:
    """Which of them this host has now, by one look."""
    held: set[str] = set()
    if any(":" in address for address in addresses):
        with open("/proc/net/if_inet6", encoding="ascii") as file:
            known = {line.split(" ", 1)[0] for line in file}
        held |= {each for each in addresses if ":" in each and socket.inet_pton(socket.AF_INET6, each).hex() in known}
    if any(":" not in address for address in addresses):
        with open("/proc/net/fib_trie", encoding="ascii") as file:
            routes = file.read()
        held |= {each for each in addresses if ":" not in each and is_local_in(routes, each)}
    return held


def is_local_in(routes: str, address: str) -> bool:
    return re.search(r"\|-- %s\n +/32 host LOCAL" % re.escape(address), routes) is not None


def neighbours() -> str:
    """Of IPv4 alone; those of IPv6 are in no file."""
    with open("/proc/net/arp", encoding="ascii") as file:
        return file.read()


def addresses_of(mac: str, table: str) -> list[str]:
    """Under which addresses a station is known."""
    rows = [line.split() for line in table.splitlines()[1:]]
    return sorted({row[0] for row in rows if len(row) > 3 and row[3] == mac})
