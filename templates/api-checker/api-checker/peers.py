# Written by mcp from api-checker/api-checker/peers.py. Changes here are overwritten.
"""The checkers of the other hosts."""

import http.client
import time
from collections.abc import Callable

from decision import WELL

INTERVAL_SECONDS = 0.25
DEADLINE_SECONDS = 0.5


class Peers:
    """What the checkers of the other hosts find. They are asked only while something is unwell here."""

    def __init__(self, addresses: list[str], port: int) -> None:
        self.addresses = addresses
        self.port = port
        # By address, then by API: when it was last well there, on our clock; None: it is not.
        self.well: dict[str, dict[str, float | None]] = {address: {} for address in addresses}

    def follow(self, address: str, is_needed: Callable[[], bool]) -> None:
        while True:
            if is_needed():
                self.well[address] = self.ask(address)
            time.sleep(INTERVAL_SECONDS)

    def ask(self, address: str) -> dict[str, float | None]:
        connection = http.client.HTTPConnection(address, self.port, timeout=DEADLINE_SECONDS)
        # Ages travel, not times: the hosts' clocks do not agree. The exchange's own time only makes them older.
        asked_at = time.monotonic()
        try:
            connection.request("GET", "/own")
            lines = connection.getresponse().read().decode().splitlines()
        except (OSError, http.client.HTTPException):
            return {}
        finally:
            connection.close()
        found: dict[str, float | None] = {}
        for line in lines:
            name, state, age = line.split(" ", 3)[:3]
            found[name] = asked_at - float(age) if state == WELL else None
        return found

    def of(self, name: str) -> list[float | None]:
        return [apis.get(name) for apis in self.well.values()]
