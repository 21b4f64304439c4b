# Written by mcp from api-checker/api-checker/watched.py. Changes here are overwritten.
"""The APIs of this host, and who looks at them."""

import json
import os
import select
import time

from configuration import Api
from entrance import Entrance
from finding import STALE_SECONDS, Finding
from looking import look_at
from turns import Turns


class Watched:
    """One API of this host: the process that looks at it, and what it found."""

    def __init__(self, api: Api, config_path: str) -> None:
        self.api = api
        # The APIs take turns by a lock on it: it is always there, and is opened while the process is still root.
        self.config_path = config_path
        self.finding = Finding()
        self.entrance = Entrance()
        self.told: tuple[bool, str] | None = None

    def run(self) -> None:
        """Starts the process, and again whenever it ends or says nothing for long."""
        while True:
            reading, writing = os.pipe()
            child = os.fork()
            if child == 0:
                os.close(reading)
                try:
                    look_at(self.api, Turns(self.config_path), writing)
                finally:
                    os._exit(1)
            os.close(writing)
            self.follow(reading)
            os.close(reading)
            try:
                os.kill(child, 9)
            except ProcessLookupError:
                pass
            os.waitpid(child, 0)
            time.sleep(1)

    def follow(self, reading: int) -> None:
        rest = b""
        while True:
            if not select.select([reading], [], [], STALE_SECONDS)[0]:
                return
            read = os.read(reading, 65536)
            if not read:
                return
            *lines, rest = (rest + read).split(b"\n")
            for line in lines:
                self.finding.take(**json.loads(line))
