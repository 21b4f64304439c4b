# Written by mcp from galera/galera-agent/server.py. Changes here are overwritten.
"""Answers the load balancers, and the agents of the other members."""

import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from fitness import Fitness


class Handler(BaseHTTPRequestHandler):
    server: "Server"
    timeout = 2

    def do_GET(self) -> None:
        if self.path == "/fit":
            reason = self.server.fitness.own_reason()
        elif self.path in ("/member", "/component"):
            reason = self.server.fitness.server_reason()
        elif self.path == "/writer":
            reason = self.server.fitness.reason()
            self.server.tell(reason)
        else:
            self.answer(404, "only /writer, /fit, /member and /component are here")
            return
        if reason is None:
            self.answer(200, self.server.fitness.members() if self.path == "/component" else "well")
        else:
            self.answer(503, reason)

    do_HEAD = do_GET

    def answer(self, status: int, text: str) -> None:
        body = (text + "\n").encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Several requests a second are not worth a line each; changes are, see Server.tell."""


class Server(ThreadingHTTPServer):
    """Serves the socket that systemd opened."""

    daemon_threads = True

    def __init__(self, fitness: Fitness) -> None:
        listening = socket.socket(fileno=3)
        self.address_family = listening.family
        super().__init__(listening.getsockname(), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.server_name, self.server_port = listening.getsockname()[:2]
        self.fitness = fitness
        self._told: str | None = "nothing yet"

    def tell(self, reason: str | None) -> None:
        if reason != self._told:
            self._told = reason
            print("writer" if reason is None else "no writer: %s" % reason, file=sys.stderr, flush=True)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Load balancers give up and hang up; nothing to say about that."""
