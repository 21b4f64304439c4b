# Written by mcp from keepalived/vip-watch/claims.py. Changes here are overwritten.
"""
Who says that it holds a VIP, and whether this host may take it.

VRRP knows one thing: that this host hears no adverts. Where only the way between two hosts is cut, or one direction of it,
that means nothing: the holder is there, everybody else hears it, and the VIP would be on both. So a host that hears
nothing asks the others. What tells the cases apart is when somebody heard the holder last: one that has died is silent
for all alike, and its VIP moves as quickly as VRRP moves it; one that is cut off from this host alone has been heard by
others since.
"""

from collections.abc import Iterator

# Others heard it so much later than this host: it holds the VIP, and we don't hear it. A holder says so every 50 ms.
LATER_SECONDS = 0.2
# What somebody heard longer ago is no claim any more.
CURRENT_SECONDS = 0.5
# Without a word for so long this host asks the others. All must be known before VRRP takes over: 0.44 s after the death
# of a holder at the earliest, three intervals after an advert that may be as old as one.
SILENT_SECONDS = 0.15
# Two that took it at about the same time can't tell who was first: the lower address keeps it.
ABOUT_SECONDS = 0.25
# And who has fewer of the others than it needs may not take anything, after so long.
ALONE_SECONDS = 0.35

FREE, HELD, ALONE = 0, 1, 2


class Claims:
    """
    What is known of one VIP. All times are of this host's clock: when each host that holds it was heard, by us and by any
    of the others, and since when it says that it holds it.
    """

    def __init__(self, own: str, now: float) -> None:
        self.own = own
        self.began = now
        self.holds_since: float | None = None
        self.heard: dict[str, float] = {}
        self.told: dict[str, float] = {}
        self.since: dict[str, float] = {}

    def hold(self, now: float, holds: bool) -> None:
        """What the kernel says of this host itself."""
        if not holds:
            self.holds_since = None
        elif self.holds_since is None:
            self.holds_since = now

    def hear(self, host: str, at: float, since: float) -> None:
        """`host` says itself that it holds the VIP."""
        self.heard[host] = max(at, self.heard.get(host, at))
        self.be_told(host, at, since)

    def be_told(self, host: str, at: float, since: float) -> None:
        """Somebody has heard `host` say so."""
        if host == self.own:
            return
        if at >= self.told.get(host, at):
            self.told[host] = at
            self.since[host] = since

    def silence(self, now: float) -> float:
        """For how long this host has heard nobody hold it."""
        return now - max(self.heard.values(), default=self.began)

    def judge(self, now: float, has_votes: bool) -> int:
        """FREE: Keepalived may do as it thinks. HELD: somebody has it whom we don't hear. ALONE: too few others are there."""
        if any(self.is_elsewhere(host, now) for host in self.told):
            return HELD
        if self.holds_since is None and not has_votes and self.silence(now) >= ALONE_SECONDS:
            return ALONE
        return FREE

    def is_elsewhere(self, host: str, now: float) -> bool:
        at = self.told[host]
        if now - at > CURRENT_SECONDS or at - self.heard.get(host, self.began) < LATER_SECONDS:
            return False
        if self.holds_since is None:
            return True
        # Of two that hold it, who took it later took it by mistake.
        earlier_by = self.holds_since - self.since[host]
        return earlier_by > ABOUT_SECONDS or (abs(earlier_by) <= ABOUT_SECONDS and host < self.own)

    def current(self, now: float) -> Iterator[tuple[str, float, float]]:
        """For who asks: each host that we heard lately, or are, how long ago, and for how long it has held it."""
        if self.holds_since is not None:
            yield self.own, 0.0, now - self.holds_since
        for host, at in self.heard.items():
            if now - at <= CURRENT_SECONDS:
                yield host, now - at, now - self.since[host]
