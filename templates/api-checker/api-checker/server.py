# Written by mcp from api-checker/api-checker/server.py. Changes here are overwritten.
"""Answers the load balancers, and the checkers of the other hosts."""

import socket
import socketserver
import sys
import time
from typing import Any

from configuration import Configuration
from decision import WELL, decide
from maintenance import why_at_rest
from peers import Peers
from watched import Watched


class Handler(socketserver.BaseRequestHandler):
    """One question, one answer. Load balancers ask some twenty times a second, so nothing is read but the first line."""

    server: "Server"

    def handle(self) -> None:
        self.request.settimeout(2)
        received = b""
        while b"\r\n\r\n" not in received and len(received) < 8192:
            more = self.request.recv(4096)
            if not more:
                return
            received += more
        words = received.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        status, text = self.answer_to(words[1] if len(words) > 1 else "")
        body = text.encode()
        head = "HTTP/1.0 %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        self.request.sendall((head % (status, len(body))).encode() + body)

    def answer_to(self, path: str) -> tuple[str, str]:
        if path == "/own":
            return "200 OK", self.server.own()
        watched = self.server.apis.get(path.lstrip("/"))
        if watched is None:
            return "404 Not Found", "there is no such API here\n"
        may_serve, text = self.server.decision(watched)
        return ("200 OK" if may_serve else "503 Service Unavailable"), text + "\n"


class Server(socketserver.ThreadingTCPServer):
    """Serves the socket that systemd opened."""

    daemon_threads = True

    def __init__(self, config: Configuration, config_path: str) -> None:
        listening = socket.socket(fileno=3)
        self.address_family = listening.family
        super().__init__(listening.getsockname(), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.apis = {api["name"]: Watched(api, config_path) for api in config["apis"]}
        self.peers = Peers(config["peers"], config["port"])

    def waits(self, watched: Watched, now: float) -> str | None:
        others_load = any(other.finding.loads for other in self.apis.values() if other is not watched)
        # What loads meanwhile is noticed in maintenance, too.
        waits = watched.entrance.look(watched.finding, others_load, now)
        return why_at_rest() or waits

    def reason(self, watched: Watched, now: float) -> str | None:
        """Why clients should not be sent to it, None when they should."""
        return watched.finding.reason(now) or self.waits(watched, now)

    def is_unwell(self) -> bool:
        now = time.monotonic()
        return any(self.reason(watched, now) is not None for watched in self.apis.values())

    def decision(self, watched: Watched) -> tuple[bool, str]:
        now = time.monotonic()
        may_serve, text = decide(watched.finding, self.peers.of(watched.api["name"]), now, self.waits(watched, now))
        told = (may_serve, text)
        if told != watched.told:
            watched.told = told
            print("%s: %s" % (watched.api["name"], text), file=sys.stderr, flush=True)
        return told

    def own(self) -> str:
        """A line for each API: its name, whether it is well, the age of that in seconds, and what is told of it."""
        now = time.monotonic()
        return "\n".join(self.line_for(name, watched, now) for name, watched in self.apis.items()) + "\n"

    def line_for(self, name: str, watched: Watched, now: float) -> str:
        well_at = watched.finding.last_well()
        # One that waits is not well for the others either: two hosts that boot must not count on each other.
        reason = self.reason(watched, now)
        if reason is None and well_at is not None and watched.finding.is_fresh(now):
            state, age = WELL, now - well_at
        else:
            state, age = "unwell" if reason else "unknown", 0.0
        may_serve, text = self.decision(watched)
        return "%s %s %.2f %s %s" % (name, state, age, "in" if may_serve else "out", text)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Load balancers give up and hang up; nothing to say about that."""
