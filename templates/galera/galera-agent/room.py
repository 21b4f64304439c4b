# Written by mcp from galera/galera-agent/room.py. Changes here are overwritten.
"""Whether there is room for more rows."""

import os

MEGABYTE = 1024 * 1024


class Room:
    """Short of room below `least_bytes`, and until there is twice as much: files that come and go must not move a writer."""

    def __init__(self, path: str, least_bytes: int) -> None:
        self.path = path
        self.least_bytes = least_bytes
        self.is_short = False

    def reason(self) -> str | None:
        """Why no row can be written, None when it can. One that can't be looked at is the server's to complain of."""
        try:
            if is_read_only(self.path):
                return "the file system of its data is read-only"
            found = os.statvfs(self.path)
        except OSError:
            return None
        # What only root may fill is none of the server's. A file system without numbers of its files says 0 of 0.
        free = found.f_bavail * found.f_frsize
        wanted = self.least_bytes * (2 if self.is_short else 1)
        self.is_short = free < wanted or (found.f_files > 0 and found.f_favail == 0)
        return "%d MB are left for its data" % (free // MEGABYTE) if self.is_short else None


def is_read_only(path: str) -> bool:
    """As the kernel has it since a disk failed, say: our own view of all file systems is read-only anyway."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:
        return options_of(path, file.read()).split(",")[0] == "ro"


def options_of(path: str, mounts: str) -> str:
    """The options of the file system itself, behind the dash; the last mount on the longest path counts."""
    best, options = "", ""
    for line in mounts.splitlines():
        place, _, behind = line.partition(" - ")
        point = place.split(" ")[4]
        is_above = point == "/" or path == point or path.startswith(point + "/")
        if is_above and len(point) >= len(best):
            best, options = point, behind.split(" ")[2]
    return options
