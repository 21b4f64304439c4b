# Written by mcp from rabbitmq/broker-watch/hearing.py. Changes here are overwritten.
"""
Whom each member of the broker hears, and whether this one should stand apart.

RabbitMQ takes a cut between two members that both see a third for one that nobody can judge: both ends pause until every
member sees every other again, and a single one serves. So one of the two ends leaves the others alone, before RabbitMQ
notices (its ticks are missed after 15 s): to them it looks like a member that is gone, which they know how to go on without,
and it pauses by itself, since it sees nobody. It comes back when the way is whole again.
"""

from typing import NamedTuple

# Each says twice a second that it is there. Three words missed: it is not; six: the way to it is cut.
FRESH_SECONDS = 1.6
CUT_SECONDS = 3.0
# A way that is whole for so long stays whole.
WHOLE_SECONDS = 3.0
# Each waits longer than those before it in the inventory: where one is enough to go, the next sees that it went.
TURN_SECONDS = 2.0


class Word(NamedTuple):
    """What a member says: whether its broker runs, whether it stands apart, whom it hears itself and how long ago."""

    runs: bool
    is_apart: bool
    heard: dict[str, "Heard"]


class Heard(NamedTuple):
    """What a member knows of another."""

    ago: float
    runs: bool
    is_apart: bool


class Hearing:
    """All times are of this host's clock."""

    def __init__(self, own: str, members: list[str], now: float) -> None:
        self.own = own
        self.members = members
        self.others = [each for each in members if each != own]
        self.began = now
        self.words: dict[str, tuple[float, Word]] = {}
        self.is_apart = False
        self.since: float | None = None

    def hear(self, member: str, word: Word, now: float) -> None:
        if member in self.others:
            self.words[member] = (now, word)

    def heard(self, now: float) -> dict[str, Heard]:
        """What this member says of the others. Whom it never heard it has not heard for as long as it listens."""
        return {other: self.heard_of(other, now) for other in self.others}

    def heard_of(self, other: str, now: float) -> Heard:
        if other not in self.words:
            return Heard(now - self.began, False, False)
        at, word = self.words[other]
        return Heard(now - at, word.runs, word.is_apart)

    def take(self, now: float, runs: bool) -> bool:
        """Whether this member should stand apart now; `runs`: its own broker does."""
        cut = self.cut_from(now)
        wants = bool(cut) if self.is_apart else runs and self.should_go(cut, now)
        if wants == self.is_apart:
            self.since = None
            return self.is_apart
        if self.since is None:
            self.since = now
        patience = WHOLE_SECONDS if self.is_apart else TURN_SECONDS * (self.members.index(self.own) - 1)
        if now - self.since >= patience:
            self.is_apart = wants
            self.since = None
        return self.is_apart

    def should_go(self, cut: set[str], now: float) -> bool:
        """It is the later one of two that goes, and only where those that stay are a majority."""
        known = {other: self.known_of(other, now) for other in self.others}
        staying = [other for other, it in known.items() if it is not None and it.runs and not it.is_apart]
        is_later = any(self.members.index(other) < self.members.index(self.own) for other in cut if other in staying)
        return is_later and 2 * len(staying) > len(self.members)

    def cut_from(self, now: float) -> set[str]:
        """Members whose broker runs and is seen by others, while the way from here to them, or back, is cut."""
        return {
            other
            for other in self.others
            if not self.is_way_whole(other, now) and (it := self.known_of(other, now)) is not None and it.runs
        }

    def is_way_whole(self, other: str, now: float) -> bool:
        if self.heard_of(other, now).ago >= CUT_SECONDS:
            return False
        # One that is heard here may hear nothing from here.
        word = self.words[other][1] if other in self.words else None
        mine = word.heard.get(self.own) if word is not None else None
        return mine is None or mine.ago < CUT_SECONDS

    def known_of(self, other: str, now: float) -> Heard | None:
        """The newest that is known of a member, from itself or from one who hears it; None where it is not there."""
        told = [
            it._replace(ago=it.ago + now - at)
            for witness, (at, word) in self.words.items()
            if witness != other and now - at <= FRESH_SECONDS and (it := word.heard.get(other)) is not None
        ]
        newest = min([self.heard_of(other, now), *told], key=lambda it: it.ago)
        return newest if newest.ago <= FRESH_SECONDS else None
