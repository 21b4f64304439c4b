# Written by mcp from rabbitmq/broker-watch/broker.py. Changes here are overwritten.
"""The broker on this host, and its way to the other members."""

import contextlib
import os
import socket
import struct
import subprocess
from collections.abc import Iterator

# Closed both ways, with a reset, so that both ends know at once. What this host says to itself goes on (rabbitmqctl).
TABLE = "mcp_broker_apart"
RULES = """table inet %(table)s
delete table inet %(table)s
table inet %(table)s {
  chain input {
    type filter hook input priority -10; policy accept;
    iifname "lo" accept
    tcp dport %(port)d reject with tcp reset
    tcp sport %(port)d reject with tcp reset
  }
  chain output {
    type filter hook output priority -10; policy accept;
    oifname "lo" accept
    tcp dport %(port)d reject with tcp reset
    tcp sport %(port)d reject with tcp reset
  }
}
"""
# For everybody, this host's own services too: what they are told here counts for nothing. The resets themselves have to
# get out, those of the first rule as well, or clients would meet silence.
ALONE_TABLE = "mcp_broker_alone"
ALONE_RULES = """table inet %(table)s
delete table inet %(table)s
table inet %(table)s {
  chain input {
    type filter hook input priority -10; policy accept;
    tcp dport { %(ports)s } reject with tcp reset
  }
  chain output {
    type filter hook output priority -10; policy accept;
    tcp sport { %(ports)s } tcp flags & rst == 0 reject with tcp reset
  }
}
"""
# Its presence says to mcp why the broker is paused.
MARK = "/run/mcp-broker-watch/apart"
ALONE_MARK = "/run/mcp-broker-watch/alone"
LISTENING = "0A"


def stand_apart(own: str, port: int) -> None:
    with open(MARK, "w", encoding="ascii"):
        pass
    subprocess.run(["nft", "-f", "-"], input=RULES % {"table": TABLE, "port": port}, text=True, check=True, timeout=10)
    # Those that are open say nothing for seconds, and would not meet the rules before. What it complains of are
    # connections that end meanwhile.
    end(f"( sport = :{port} or dport = :{port} ) and ! dst {own}")


def rejoin() -> None:
    subprocess.run(["nft", "delete", "table", "inet", TABLE], stderr=subprocess.DEVNULL, check=False, timeout=10)
    if os.path.exists(MARK):
        os.unlink(MARK)


def keep_out(ports: list[int]) -> None:
    rules = ALONE_RULES % {"table": ALONE_TABLE, "ports": ", ".join(map(str, ports))}
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True, timeout=10)
    with open(ALONE_MARK, "w", encoding="ascii"):
        pass
    # Those that are open meet the rules with their next word; this only has them end at once.
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        end("( %s )" % " or ".join(f"sport = :{port}" for port in ports))


def let_in() -> None:
    """Also where nobody was kept out."""
    gone = f"table inet {ALONE_TABLE}\ndelete table inet {ALONE_TABLE}\n"
    subprocess.run(["nft", "-f", "-"], input=gone, text=True, check=True, timeout=10)
    if os.path.exists(ALONE_MARK):
        os.unlink(ALONE_MARK)


def end(connections: str) -> None:
    """Those that a filter of ss names."""
    words = ["ss", "-K", "state", "established", connections]
    subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=10)


def start_anew() -> None:
    """It takes no clients, so there is nothing to end in order; systemd starts it again."""
    subprocess.run(["systemctl", "kill", "--signal=KILL", "rabbitmq-server.service"], check=True, timeout=10)


def listening() -> set[tuple[str, int]]:
    """Where somebody listens for TCP here: an address as the kernel writes it, and a port."""
    return {place for path in ("/proc/net/tcp", "/proc/net/tcp6") for place in listening_in(path)}


def is_open(places: set[tuple[str, int]], address: str, port: int) -> bool:
    """On that address, or on all. The same port of a VIP is a load balancer's."""
    wanted = written(address)
    return (wanted, port) in places or any((written(each), port) in places for each in ("0.0.0.0", "::"))


def written(address: str) -> str:
    """As /proc/net/tcp has it: words of four bytes, each in the order of this machine."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    data = socket.inet_pton(family, address)
    return "".join("%08X" % word for word in struct.unpack("=%dI" % (len(data) // 4), data))


def listening_in(path: str) -> Iterator[tuple[str, int]]:
    try:
        with open(path, encoding="ascii") as file:
            for line in file:
                if (place := listener_in(line)) is not None:
                    yield place
    except OSError:
        return


def listener_in(line: str) -> tuple[str, int] | None:
    columns = line.split()
    if len(columns) < 4 or columns[3] != LISTENING:
        return None
    address, port = columns[1].rsplit(":", 1)
    return address, int(port, 16)
