# Written by mcp from keepalived/vip-watch/side.py. Changes here are overwritten.
"""Whether this host is on the side of the cloud that goes on, when the network between its hosts is cut."""

import http.client
import time
from collections.abc import Callable

from configuration import Database, Network
from witnesses import Ask, is_connected

# Without the votes that are needed for so long, it is looked whether the database is served all the same: until then the
# members of one that was cut in two may not have noticed (evs.suspect_timeout and a vote, 3 s).
UNSURE_SECONDS = 3.0
# A database that is served for so long, on this side and without the votes, has been served by those that are left.
SERVED_SECONDS = 5.0
DEADLINE_SECONDS = 0.5


class Side:
    """
    It goes on where most of the database hosts are, since only there rows can be written. Where most of them are gone, and
    their database was told to go on without them, that one decides, as long as all members that it has answer here: else
    it is on the other side as well, over wires of its own.
    """

    def __init__(self, network: Network, ask: Ask, is_served: Callable[[], bool]) -> None:
        self.network = network
        self.ask = ask
        self.is_served = is_served
        self.lost_at: float | None = None
        self.served_at: float | None = None
        self.is_served_without_votes = False

    def look(self) -> bool:
        now = time.monotonic()
        if is_connected(self.network, self.ask):
            self.lost_at = self.served_at = None
            self.is_served_without_votes = False
            return True
        if self.lost_at is None:
            self.lost_at = now
        if now - self.lost_at < UNSURE_SECONDS or not self.is_served():
            self.served_at = None
        elif self.served_at is None:
            self.served_at = now
        self.is_served_without_votes = self.served_at is not None and now - self.served_at >= SERVED_SECONDS
        return self.is_served_without_votes


def is_whole_here(databases: list[Database]) -> bool:
    """Whether the database is served by members that all answer this host."""
    sizes = [size for each in databases if (size := size_of_component(each)) is not None]
    return bool(sizes) and len(sizes) >= max(sizes)


def size_of_component(database: Database) -> int | None:
    """How many members serve together with this one; None where it does not answer, or does not serve."""
    connection = http.client.HTTPConnection(database["address"], database["port"], timeout=DEADLINE_SECONDS)
    try:
        connection.request("GET", database["path"])
        answer = connection.getresponse()
        said = answer.read(100).decode("ascii", "replace").strip()
        return int(said) if answer.status == 200 and said.isdigit() and int(said) > 0 else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
