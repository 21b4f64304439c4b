# Written by mcp from api-checker/api-checker/turns.py. Changes here are overwritten.
"""One API is warmed at a time: on a host that boots, all of them together would be what makes each of them slow."""

import fcntl
import os
from collections.abc import Callable


class Turns:
    """One process at a time, on this host. Each opens the file for itself; who is ended lets go of it."""

    def __init__(self, path: str) -> None:
        self.file = os.open(path, os.O_RDONLY)

    def taking(self, act: Callable[[], float]) -> Callable[[], float]:
        def wait_and_act() -> float:
            fcntl.flock(self.file, fcntl.LOCK_EX)
            try:
                return act()
            finally:
                fcntl.flock(self.file, fcntl.LOCK_UN)

        return wait_and_act
