# Written by mcp from galera/galera-agent/watch.py. Changes here are overwritten.
"""Asks the server for all who want to know."""

import os
import sys
import threading
import time

import pymysql

from left import RESTART_SERVER, Left
from member import Said, ask

# HAProxy waits 750 ms for the whole exchange.
DEADLINE_SECONDS = 0.6
RETRY_SECONDS = 0.2
FOLLOW_SECONDS = 5.0


class Watch:
    """Asks the server when somebody wants to know, once for all who want to know at that time."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._wanted = 0
        self._answered = 0
        self._said = Said("not asked yet", "")

    def reason(self) -> str | None:
        """Why this member can't take writes now, None if it can: never older than the call, never later than the deadline."""
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
            return self._said.reason

    def members(self) -> str:
        """How many members its component had when it was asked last."""
        with self._condition:
            return self._said.members

    def follow(self) -> None:
        """Wants to know now and then, for ever: load balancers that leave this member out ask nothing."""
        while True:
            self.reason()
            time.sleep(FOLLOW_SECONDS)

    def run(self) -> None:
        """Serves the wishes, for ever."""
        connection: pymysql.Connection | None = None
        left = Left()
        while True:
            with self._condition:
                while self._wanted == self._answered:
                    self._condition.wait()
                serving = self._wanted
            connection, said = ask(connection)
            if left.is_for_good(said.has_left, time.monotonic()):
                print("replication has ended for good: the server is started anew", file=sys.stderr, flush=True)
                os._exit(RESTART_SERVER)
            with self._condition:
                self._answered = serving
                self._said = said
                self._condition.notify_all()
            if connection is None:
                time.sleep(RETRY_SECONDS)
