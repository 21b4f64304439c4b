# Written by mcp from keepalived/vip-watch/verdict.py. Changes here are overwritten.
"""When some looks that say the same are believed."""


class Verdict:
    """What is held to be so: it changes only after so many looks in a row that say otherwise."""

    def __init__(self, fall: int, rise: int) -> None:
        self.fall = fall
        self.rise = rise
        self.is_well: bool | None = None
        self.last: bool | None = None
        self.streak = 0

    def take(self, is_well: bool) -> bool | None:
        """One more look. Returns what is held to be so now; None while that is not known yet."""
        self.streak = self.streak + 1 if is_well == self.last else 1
        self.last = is_well
        if self.streak >= (self.rise if is_well else self.fall):
            self.is_well = is_well
        return self.is_well
