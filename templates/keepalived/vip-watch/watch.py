# Written by mcp from keepalived/vip-watch/watch.py. Changes here are overwritten.
"""Looks at one thing for as long as this program lives."""

import threading
import time
from collections.abc import Callable

from track_file import TrackFile
from verdict import Verdict


class Watch(threading.Thread):
    """Looks again and again, and keeps a file that says what is held to be so."""

    def __init__(self, name: str, look: Callable[[], bool], verdict: Verdict, interval: float, path: str) -> None:
        super().__init__(daemon=True)
        self.title = name
        self.look = look
        self.verdict = verdict
        self.interval = interval
        self.file = TrackFile(path)
        self.looked_at = time.monotonic()

    def run(self) -> None:
        while True:
            began = time.monotonic()
            self.take(self.look())
            self.looked_at = time.monotonic()
            time.sleep(max(0.05, self.interval - (self.looked_at - began)))

    def take(self, is_well: bool) -> None:
        held = self.verdict.take(is_well)
        if held is not None:
            self.file.say(0 if held else 1, "%s %s" % (self.title, "is well" if held else "is not well"))

    def has_spoken(self) -> bool:
        return self.file.written is not None
