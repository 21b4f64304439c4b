# Written by mcp from api-checker/api-checker/finding.py. Changes here are overwritten.
"""What is known of one API."""

# A finding that is older says something about this program and nothing about the API.
STALE_SECONDS = 5.0


class Finding:
    """What the latest looks at one API came to. Times are this host's monotonic clock, of the beginning of a look."""

    def __init__(self) -> None:
        self.reasons: dict[str, str | None] = {}
        self.well_at: dict[str, float] = {}
        self.unwell_since: dict[str, float] = {}
        self.looked_at: dict[str, float] = {}
        self.listens = True
        self.loads = False

    def take(self, aspect: str, reason: str | None, began: float, listens: bool = True, loads: bool = False) -> None:
        """One look at one aspect (page, database); no reason: it was well."""
        self.looked_at[aspect] = began
        self.reasons[aspect] = reason
        if reason is None:
            self.well_at[aspect] = began
            self.unwell_since.pop(aspect, None)
        else:
            self.unwell_since.setdefault(aspect, began)
        if aspect == "page":
            self.listens = listens
            self.loads = loads

    def is_fresh(self, now: float) -> bool:
        """Whether somebody has looked at both lately; what was found longer ago says nothing."""
        return len(self.looked_at) == 2 and all(now - at < STALE_SECONDS for at in self.looked_at.values())

    def reason(self, now: float) -> str | None:
        """Why the API is unwell, None if it is not, or if nobody has looked lately."""
        for aspect in ("page", "database"):
            reason = self.reasons.get(aspect)
            if reason is not None and now - self.looked_at[aspect] < STALE_SECONDS:
                return reason
        return None

    def since(self) -> float:
        """When it was first seen to be unwell."""
        return min(self.unwell_since.values(), default=0.0)

    def last_well(self) -> float | None:
        """When it was last well as a whole; None while it was not yet."""
        return min(self.well_at["page"], self.well_at["database"]) if len(self.well_at) == 2 else None
