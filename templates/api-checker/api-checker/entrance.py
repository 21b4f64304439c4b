# Written by mcp from api-checker/api-checker/entrance.py. Changes here are overwritten.
"""When clients are sent to an API that has just loaded."""

from finding import Finding

# That long an API waits for others of its host that load. One that never comes up must not keep it away for as long as a
# deploy waits for it after its restart (180 s, with its own warm-up).
PATIENCE_SECONDS = 100.0


class Entrance:
    """Keeps an API that has loaded from clients until those beside it have: what loads takes the processors from it."""

    def __init__(self) -> None:
        self.is_new = False
        self.ready_at: float | None = None

    def look(self, finding: Finding, others_load: bool, now: float) -> str | None:
        """Why clients should not be sent there yet, None when they may be or when it is unwell itself."""
        if finding.loads:
            self.is_new = True
            self.ready_at = None
        if not self.is_new or finding.reason(now) is not None:
            return None
        if self.ready_at is None:
            self.ready_at = now
        if others_load and now - self.ready_at < PATIENCE_SECONDS:
            return "waits for the other APIs of this host, which load"
        self.is_new = False
        return None
