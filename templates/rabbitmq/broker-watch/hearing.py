# Written by mcp from rabbitmq/broker-watch/hearing.py. Changes here are overwritten.
"""
Whom each member of the broker hears, whether this one should stand apart, and whether it should take clients.

RabbitMQ takes a cut between two members that both see a third for one that nobody can judge: both ends pause until every
member sees every other again, and a single one serves. So one of the two ends leaves the others alone, before RabbitMQ
notices: to them it looks like a member that is gone, which they know how to go on without,
and it pauses by itself, since it sees nobody. It comes back when the way is whole again.

One that is left alone pauses, but not at once: when it notices, it drops the copies that the others have and confirms what
waited for them, for up to a second until it has stopped. All of that is thrown away when it returns: 24 confirmed messages
were lost in four cuts of five. So its clients are sent away before it can notice.
"""

from typing import NamedTuple

# Each says four times a second that it is there. Four words missed: it is not; six: the way to it is cut.
FRESH_SECONDS = 1.1
CUT_SECONDS = 1.5
# A way that is whole for so long stays whole.
WHOLE_SECONDS = 3.0
# What all have seen, and told each other. The connections themselves end some 5 s after nothing was acknowledged any more
# (TCP_USER_TIMEOUT, see rabbitmq-env.conf), 3.3 s where a host drops what it sends itself, and RabbitMQ then judges in its
# own way. One of three that has gone by then leaves the others whole; one that goes afterwards may have been made the
# leader of a queue that then has none for as long as the cut lasts.
SETTLED_SECONDS = 0.5
# Each waits longer than those before it in the inventory: where one is enough to go, the next sees that it went.
TURN_SECONDS = 0.6
# A member that takes no clients for so long, while others serve and the ways to them are whole, does not come back by
# itself: Erlang's registry of names can hang after a cut, and what RabbitMQ 3.10 does about that has no effect since Erlang
# 25.1 (rabbitmq-server issue 6034). Twice as long after each try: one that reads a large store needs its time.
STUCK_SECONDS = 120.0
# One that is left alone and takes clients for so long does not want to pause: its cluster is smaller than the inventory, as
# after `mcp recover --without`.
ALONE_SECONDS = 30.0


class Word(NamedTuple):
    """
    What a member says: whether its broker runs, whether that takes clients, whether it stands apart, and of each of the
    others what it knows of it.
    """

    runs: bool
    serves: bool
    is_apart: bool
    heard: dict[str, "Heard"]


class Heard(NamedTuple):
    """What a member knows of another, and whether each of the two hears the other."""

    ago: float
    runs: bool
    serves: bool
    is_apart: bool
    is_linked: bool


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
        self.stuck_since: float | None = None
        self.patience = STUCK_SECONDS
        # Since when the ways to a majority are whole, or are not, and since when clients are kept out.
        self.majority_since: float | None = None
        self.minority_since: float | None = None
        self.alone_since: float | None = None
        self.had_majority = False

    def hear(self, member: str, word: Word, now: float) -> None:
        if member in self.others:
            self.words[member] = (now, word)

    def heard(self, now: float) -> dict[str, Heard]:
        """What this member says of the others. Whom it never heard it has not heard for as long as it listens."""
        return {other: self.heard_of(other, now) for other in self.others}

    def heard_of(self, other: str, now: float) -> Heard:
        if other not in self.words:
            return Heard(now - self.began, False, False, False, False)
        at, word = self.words[other]
        mine = word.heard.get(self.own)
        is_linked = now - at < CUT_SECONDS and mine is not None and mine.ago < CUT_SECONDS
        return Heard(now - at, word.runs, word.serves, word.is_apart, is_linked)

    def take(self, now: float, runs: bool) -> bool:
        """Whether this member should stand apart now; `runs`: its own broker does."""
        cut = self.cut_from(now)
        wants = bool(cut) if self.is_apart else runs and self.should_go(cut, now)
        if wants == self.is_apart:
            self.since = None
            return self.is_apart
        if self.since is None:
            self.since = now
        turn = SETTLED_SECONDS + TURN_SECONDS * (self.members.index(self.own) - 1)
        patience = WHOLE_SECONDS if self.is_apart else turn
        if now - self.since >= patience:
            self.is_apart = wants
            self.since = None
        return self.is_apart

    def is_stuck(self, now: float, runs: bool, serves: bool) -> bool:
        """Whether the broker here has to be started anew. It is said once, and then not for a while."""
        linked = [it for it in self.heard(now).values() if it.is_linked and it.ago <= FRESH_SECONDS]
        could_serve = 2 * (len(linked) + 1) > len(self.members) and any(it.serves for it in linked)
        if serves:
            self.patience = STUCK_SECONDS
        if serves or not runs or self.is_apart or not could_serve:
            self.stuck_since = None
            return False
        if self.stuck_since is None:
            self.stuck_since = now
        if now - self.stuck_since < self.patience:
            return False
        self.patience *= 2
        self.stuck_since = None
        return True

    def keeps_out(self, now: float, serves: bool) -> bool:
        """
        Whether clients are to be kept out now; `serves`: the broker takes them. From when a majority of running brokers is
        out of reach, which was there before, until it is back or the broker has stopped taking them by itself.
        """
        linked = [other for other in self.others if (it := self.heard_of(other, now)).is_linked and it.runs]
        if 2 * (len(linked) + 1) > len(self.members):
            self.minority_since = None
            self.majority_since = now if self.majority_since is None else self.majority_since
            if now - self.majority_since >= WHOLE_SECONDS:
                self.had_majority = True
                self.alone_since = None
        else:
            self.majority_since = None
            self.minority_since = now if self.minority_since is None else self.minority_since
            # Others did not hear one whose own process was held up, either; they do a moment later.
            if now - self.minority_since < SETTLED_SECONDS:
                return self.alone_since is not None
            if self.alone_since is None and self.had_majority and serves:
                self.alone_since = now
            elif self.alone_since is not None and (not serves or now - self.alone_since >= ALONE_SECONDS):
                self.alone_since = None
            self.had_majority = False
        return self.alone_since is not None

    def should_go(self, cut: set[str], now: float) -> bool:
        """It is the later one of two that goes, and only where those that stay are a majority."""
        staying = {other for other, it in self.told(now).items() if it.runs and not it.is_apart}
        is_later = any(self.members.index(other) < self.members.index(self.own) for other in cut & staying)
        return is_later and 2 * len(staying) > len(self.members)

    def cut_from(self, now: float) -> set[str]:
        """Members whose broker runs among the others, while the way from here to them, or back, is cut."""
        return {other for other, it in self.told(now).items() if it.runs and not self.is_way_whole(other, now)}

    def is_way_whole(self, other: str, now: float) -> bool:
        """Also while it is not known yet: one that has just started, here or there, is no cut."""
        it = self.heard_of(other, now)
        if it.ago >= CUT_SECONDS:
            return False
        mine = self.words[other][1].heard.get(self.own) if other in self.words else None
        return mine is None or mine.ago < CUT_SECONDS

    def told(self, now: float) -> dict[str, Heard]:
        """
        The newest that is known of those that are linked to another of them, this member left out: who hears nobody, or is
        not heard, is of no use to the broker and no reason to go.
        """
        found: dict[str, Heard] = {}
        for witness, (at, word) in self.words.items():
            if now - at > FRESH_SECONDS:
                continue
            for other, it in word.heard.items():
                if other == self.own or other not in self.others or not it.is_linked:
                    continue
                for each, known in ((other, it._replace(ago=it.ago + now - at)), (witness, self.heard_of(witness, now))):
                    if known.ago <= FRESH_SECONDS and (each not in found or known.ago < found[each].ago):
                        found[each] = known
        return found
