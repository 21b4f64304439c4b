# Written by mcp from rabbitmq/broker-watch/broker.py. Changes here are overwritten.
"""The broker on this host, and its way to the other members."""

import os
import subprocess

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
# Its presence says to mcp why the broker is paused.
MARK = "/run/mcp-broker-watch/apart"
LISTENING = "0A"


def stand_apart(own: str, port: int) -> None:
    with open(MARK, "w", encoding="ascii"):
        pass
    subprocess.run(["nft", "-f", "-"], input=RULES % {"table": TABLE, "port": port}, text=True, check=True, timeout=10)
    # Those that are open say nothing for seconds, and would not meet the rules before.
    ended = ["ss", "-K", "state", "established", f"( sport = :{port} or dport = :{port} ) and ! dst {own}"]
    subprocess.run(ended, stdout=subprocess.DEVNULL, check=False, timeout=10)


def rejoin() -> None:
    subprocess.run(["nft", "delete", "table", "inet", TABLE], stderr=subprocess.DEVNULL, check=False, timeout=10)
    if os.path.exists(MARK):
        os.unlink(MARK)


def runs(port: int) -> bool:
    """Whether this host's broker, paused or not, listens for the other members."""
    return any(is_listening(path, port) for path in ("/proc/net/tcp", "/proc/net/tcp6"))


def is_listening(path: str, port: int) -> bool:
    wanted = ":%04X" % port
    try:
        with open(path, encoding="ascii") as file:
            return any(is_listener(line.split(), wanted) for line in file)
    except OSError:
        return False


def is_listener(columns: list[str], wanted: str) -> bool:
    return len(columns) > 3 and columns[3] == LISTENING and columns[1].endswith(wanted)
