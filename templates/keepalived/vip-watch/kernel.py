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
    if ":" in address:
        with open("/proc/net/if_inet6", encoding="ascii") as file:
            return any(line.startswith(socket.inet_pton(socket.AF_INET6, address).hex()) for line in file)
    with open("/proc/net/fib_trie", encoding="ascii") as file:
        return is_local_in(file.read(), address)


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
