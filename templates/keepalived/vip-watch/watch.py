# Written by mcp from keepalived/vip-watch/watch.py. Changes here are overwritten.
"""Looks at one thing for as long as this program lives."""

import threading
import time
from collections.abc import Callable

from tell import tell_journal
from verdict import Verdict


class Watch(threading.Thread):
    """Looks again and again, and keeps a file that says what is held to be so."""

    def __init__(self, name: str, look: Callable[[], bool], verdict: Verdict, interval: float, path: str) -> None:
        super().__init__(daemon=True)
        self.title = name
        self.look = look
        self.verdict = verdict
        self.interval = interval
        self.path = path
        self.written: bool | None = None
        self.looked_at = time.monotonic()

    def run(self) -> None:
        while True:
            began = time.monotonic()
            self.take(self.look())
            self.looked_at = time.monotonic()
            time.sleep(max(0.05, self.interval - (self.looked_at - began)))

    def take(self, is_well: bool) -> None:
        held = self.verdict.take(is_well)
        if held is None or held == self.written:
            return
        # In place, so that there is no moment without the file; Keepalived reads it when it is closed.
        try:
            with open(self.path, "w", encoding="ascii") as file:
                file.write("0\n" if held else "1\n")
        except OSError as failure:
            tell_journal("%s: %s; tried again" % (self.path, failure))
            return
        self.written = held
        tell_journal("%s %s" % (self.title, "is well" if held else "is not well"))
