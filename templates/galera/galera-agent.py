# Written by mcp from galera/galera-agent.py. Changes here are overwritten.
"""Answers GET /writer with 200 while this Galera member can take writes, and with 503 and the reason otherwise.

HAProxy asks several times a second from every load balancer. One thread alone speaks to the server, over one
connection that stays open. A server that hangs is waited for on that connection and never asked over another, so
nothing piles up on it; whoever asks meanwhile gets 503 when the deadline is over.
"""

import os
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pymysql

SERVER_SOCKET = "/run/mysqld/mysqld.sock"
USER = "mcp-galera-agent"
MAINTENANCE_MARK = "/run/mcp-galera-agent/galera"
# HAProxy waits 750 ms for the whole exchange.
DEADLINE_SECONDS = 0.6
# A server that is frozen for longer than this is asked again over a new connection.
REPLY_SECONDS = 60
RETRY_SECONDS = 0.2

STATUS = (
    "SHOW GLOBAL STATUS WHERE Variable_name IN"
    " ('wsrep_ready', 'wsrep_cluster_status', 'wsrep_local_state', 'wsrep_local_state_comment')"
)
VARIABLES = (
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('wsrep_reject_queries', 'wsrep_sst_method', 'read_only')"
)

SYNCED = "4"
DONOR = "2"


def why_not(state: dict[str, str]) -> str | None:
    """What keeps a member in this state from taking writes; None when nothing does."""
    if state.get("wsrep_cluster_status") != "Primary":
        return "component is %s" % state.get("wsrep_cluster_status", "unknown")
    if state.get("wsrep_ready") != "ON":
        return "not ready"
    # mariadb-backup does not block the donor. Refusing it would move the writer whenever it helps another member.
    donor_is_usable = state.get("wsrep_sst_method") == "mariabackup"
    usable = (SYNCED, DONOR) if donor_is_usable else (SYNCED,)
    if state.get("wsrep_local_state") not in usable:
        return "state is %s" % state.get("wsrep_local_state_comment", "unknown")
    if state.get("wsrep_reject_queries") != "NONE":
        return "rejects queries"
    if state.get("read_only") == "ON":
        return "read only"
    return None


class Watch:
    """Asks the server when somebody wants to know, once for all who want to know at that time."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._wanted = 0
        self._answered = 0
        self._reason: str | None = "not asked yet"

    def reason(self) -> str | None:
        """Why this member can't take writes now, None if it can: never older than the call, never later than the deadline."""
        if os.path.lexists(MAINTENANCE_MARK):
            return "maintenance"
        until = time.monotonic() + DEADLINE_SECONDS
        with self._condition:
            # An exchange that is under way may have begun before this call: only the next one counts.
            self._wanted += 1
            ticket = self._wanted
            self._condition.notify_all()
            while self._answered < ticket:
                left = until - time.monotonic()
                if left <= 0:
                    return "the server did not answer within %d ms" % (DEADLINE_SECONDS * 1000)
                self._condition.wait(left)
            return self._reason

    def run(self) -> None:
        """Serves the wishes, for ever."""
        connection: pymysql.Connection | None = None
        while True:
            with self._condition:
                while self._wanted == self._answered:
                    self._condition.wait()
                serving = self._wanted
            connection, reason = ask(connection)
            with self._condition:
                self._answered = serving
                self._reason = reason
                self._condition.notify_all()
            if connection is None:
                time.sleep(RETRY_SECONDS)


def ask(connection: pymysql.Connection | None) -> tuple[pymysql.Connection | None, str | None]:
    """One exchange; a connection that was lost, by a restart of the server, is opened anew once."""
    was_open = connection is not None
    try:
        connection = connection or connect()
        return connection, why_not(state_of(connection))
    except (pymysql.MySQLError, OSError) as failure:
        close(connection)
        if was_open:
            return ask(None)
        return None, "the server does not answer: %s" % describe(failure)


def connect() -> pymysql.Connection:
    return pymysql.connect(
        unix_socket=SERVER_SOCKET,
        user=USER,
        connect_timeout=REPLY_SECONDS,
        read_timeout=REPLY_SECONDS,
        write_timeout=REPLY_SECONDS,
        autocommit=None,
    )


def state_of(connection: pymysql.Connection) -> dict[str, str]:
    state: dict[str, str] = {}
    with connection.cursor() as cursor:
        for question in (STATUS, VARIABLES):
            cursor.execute(question)
            state.update(cursor.fetchall())
    return state


def close(connection: pymysql.Connection | None) -> None:
    if connection is None:
        return
    try:
        connection.close()
    except (pymysql.MySQLError, OSError):
        pass


def describe(failure: Exception) -> str:
    return " ".join(str(part) for part in failure.args).splitlines()[0] if failure.args else "no reason given"


class Handler(BaseHTTPRequestHandler):
    server: "Server"
    timeout = 2

    def do_GET(self) -> None:
        if self.path != "/writer":
            self.answer(404, "only /writer is here")
            return
        reason = self.server.watch.reason()
        self.server.tell(reason)
        if reason is None:
            self.answer(200, "writer")
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

    def __init__(self, watch: Watch) -> None:
        listening = socket.socket(fileno=3)
        self.address_family = listening.family
        super().__init__(listening.getsockname(), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.server_name, self.server_port = listening.getsockname()[:2]
        self.watch = watch
        self._told: str | None = "nothing yet"

    def tell(self, reason: str | None) -> None:
        if reason != self._told:
            self._told = reason
            print("writer" if reason is None else "no writer: %s" % reason, file=sys.stderr, flush=True)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Load balancers give up and hang up; nothing to say about that."""


def main() -> None:
    watch = Watch()
    threading.Thread(target=watch.run, daemon=True).start()
    Server(watch).serve_forever(poll_interval=60)


if __name__ == "__main__":
    main()
