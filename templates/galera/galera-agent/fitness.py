# Written by mcp from galera/galera-agent/fitness.py. Changes here are overwritten.
"""Whether this member can take the writes."""

import os
import time
from typing import Protocol

from others import Others
from room import Room

MAINTENANCE_MARK = "/run/mcp-galera-agent/galera"
INTERVAL_SECONDS = 0.5


class Asked(Protocol):
    """Who says why the server can't take writes."""

    def reason(self) -> str | None: ...

    def members(self) -> str: ...


class Fitness:
    """What the server says, what its disk says, and whether somebody else could take over."""

    def __init__(self, watch: Asked, room: Room, others: Others) -> None:
        self.watch = watch
        self.room = room
        self.others = others
        self.no_room: str | None = None

    def follow(self) -> None:
        """Looks at the disk, and asks the others while it is full. For ever."""
        while True:
            self.no_room = self.room.reason()
            if self.no_room is not None:
                self.others.ask()
            time.sleep(INTERVAL_SECONDS)

    def reason(self) -> str | None:
        """Why HAProxy should not send writes here, None when it should."""
        if os.path.lexists(MAINTENANCE_MARK):
            return "maintenance"
        # The last one that can be read stays.
        if self.no_room is not None and self.others.are_fit():
            return self.no_room
        return self.watch.reason()

    def server_reason(self) -> str | None:
        """Why this is no full member, None when it is, whether or not there is room for more."""
        return self.watch.reason()

    def members(self) -> str:
        """How many members the component has in which this one is."""
        return self.watch.members()

    def own_reason(self) -> str | None:
        """Why this member could not take over, None when it could."""
        if os.path.lexists(MAINTENANCE_MARK):
            return "maintenance"
        return self.no_room or self.watch.reason()
