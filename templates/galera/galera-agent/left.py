# Written by mcp from galera/galera-agent/left.py. Changes here are overwritten.
"""Whether replication has ended for good while the server goes on.

Galera calls that "node restart required", after an error (a copy with a gap in it, say): nothing but a restart brings the
member back.
"""

# A server that starts or stops is in that state for a moment.
LEFT_SECONDS = 20
# With this exit code of ours systemd starts the server anew: we may not (ExecStopPost of our unit).
RESTART_SERVER = 75


def has_left(state: dict[str, str]) -> bool:
    """One that sees nobody is still connected; one that was taken out by hand has no address."""
    return (
        state.get("wsrep_connected") == "OFF"
        and state.get("wsrep_cluster_status") == "Disconnected"
        and state.get("wsrep_cluster_address", "") != ""
    )


class Left:
    """For how long it has been so, look by look."""

    def __init__(self) -> None:
        self.since: float | None = None

    def is_for_good(self, is_so: bool, now: float) -> bool:
        if not is_so:
            self.since = None
            return False
        if self.since is None:
            self.since = now
        return now - self.since >= LEFT_SECONDS
