# Written by mcp from api-checker/api-checker/processes.py. Changes here are overwritten.
"""What the kernel knows of the processes of a unit."""

import os
import time


def ticks_of(unit: str) -> int | None:
    """CPU time that the processes of a unit have used, in ticks; None while it can't be told."""
    numbers = processes_of(unit)
    return sum(sum(map(int, fields_of(number)[11:13])) for number in numbers) if numbers else None


def started_at(unit: str) -> float | None:
    """When the oldest process of a unit was started, in seconds since boot; None while it can't be told."""
    starts = [int(fields[19]) for fields in map(fields_of, processes_of(unit)) if len(fields) > 19]
    return min(starts) / os.sysconf("SC_CLK_TCK") if starts else None


def processes_of(unit: str) -> list[str]:
    for hierarchy in ("/sys/fs/cgroup", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"):
        try:
            with open("%s/system.slice/%s/cgroup.procs" % (hierarchy, unit), encoding="ascii") as file:
                numbers = file.read().split()
        except OSError:
            continue
        if numbers:
            return numbers
    return []


def fields_of(number: str) -> list[str]:
    """What follows a process's name in its stat; nothing when it is gone."""
    try:
        with open("/proc/%s/stat" % number, encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def since_boot() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)
