# Written by mcp from keepalived/vip-watch/writers.py. Changes here are overwritten.
"""
Sees that all sessions behind a VIP are on the one server that its load balancer has chosen, where there may be one only.

The load balancers teach each other whom they chose, over a table. Where one that was cut off comes back with another choice,
new sessions go there and the older ones stay where they are, for as long as their pools live: two that take writes.
"""

import csv
import io
import socket
import threading
import time

import kernel
from configuration import Writer
from tell import tell_journal

INTERVAL_SECONDS = 0.5
DEADLINE_SECONDS = 2.0
# A session that is just being made, or ended, is not where it will be.
LOOKS = 2
LARGEST = 1 << 20


class WriterWatch(threading.Thread):
    """Looks again and again, on the host that holds the VIP; nobody waits for it."""

    def __init__(self, writer: Writer) -> None:
        super().__init__(daemon=True)
        self.writer = writer
        self.strays: dict[str, int] = {}
        self.failure = ""

    def run(self) -> None:
        while True:
            try:
                if kernel.has_address(self.writer["address"]):
                    self.look()
                self.failure = ""
            except OSError as failure:
                self.tell_once("nobody looks who takes the writes behind %s: %s" % (self.writer["address"], failure))
            time.sleep(INTERVAL_SECONDS)

    def look(self) -> None:
        backend = self.writer["backend"]
        chosen = chosen_in(self.ask("show table %s" % backend))
        servers = servers_in(self.ask("show stat %s 4 -1" % backend))
        for server in self.take(chosen, servers):
            tell_journal("%s has sessions while %s takes the writes: they are ended" % (server, chosen))
            self.ask("shutdown sessions server %s/%s" % (backend, server))

    def take(self, chosen: str | None, servers: dict[str, tuple[bool, int]]) -> list[str]:
        """Whose sessions are to be ended: nobody's while the chosen one could not take them."""
        is_up = chosen is not None and servers.get(chosen, (False, 0))[0]
        strays = {server for server, (_, sessions) in servers.items() if is_up and sessions > 0 and server != chosen}
        self.strays = {server: self.strays.get(server, 0) + 1 for server in strays}
        return sorted(server for server, looks in self.strays.items() if looks >= LOOKS)

    def ask(self, question: str) -> str:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
            wire.settimeout(DEADLINE_SECONDS)
            wire.connect(self.writer["socket"])
            wire.sendall(question.encode() + b"\n")
            said = b""
            while len(said) < LARGEST and (more := wire.recv(65536)):
                said += more
        return said.decode("utf-8", "replace")

    def tell_once(self, text: str) -> None:
        if text != self.failure:
            tell_journal(text)
        self.failure = text


def chosen_in(table: str) -> str | None:
    """The server in the only entry of HAProxy's table; None where it has not chosen yet."""
    for line in table.splitlines():
        for word in line.split():
            if word.startswith("server_key="):
                return word.removeprefix("server_key=")
    return None


def servers_in(stat: str) -> dict[str, tuple[bool, int]]:
    """Of each server in HAProxy's statistics (CSV): whether it is up, and its sessions."""
    rows = csv.DictReader(io.StringIO(stat.removeprefix("# ").strip()))
    return {
        row["svname"]: ((row.get("status") or "").startswith("UP"), int(row["scur"]))
        for row in rows
        if (row.get("scur") or "").isdigit()
    }
