# Written by mcp from api-checker/api-checker/warm_up.py. Changes here are overwritten.
"""Fresh processes load for seconds when they are first asked something real, so they are asked before clients are."""

import threading
import time
from collections.abc import Callable

from processes import since_boot

# Clients have two seconds: a process that answers within one of them while others are asked too is warm.
QUICK_SECONDS = 1.0
# In a row; one alone may have missed a process.
QUICK_ROUNDS = 2
PAUSE_SECONDS = 0.2
# Then clients are sent there however slow it is: it is not loading that makes it so.
PATIENCE_SECONDS = 120.0
# What was started longer ago had its first requests before this program was here.
LONG_AGO_SECONDS = 120.0


def tell_nobody(seconds: float) -> None:
    """For who does not want to know how it ended."""


class WarmUp:
    """Asks fresh processes what clients ask, round after round, until all of a round is answered quickly."""

    def __init__(
        self,
        ask_round: Callable[[], float],
        started: Callable[[], float | None],
        is_done: Callable[[float], None] = tell_nobody,
        give_up: Callable[[float], None] = tell_nobody,
        clock: Callable[[], float] = since_boot,
    ) -> None:
        self.ask_round = ask_round
        self.started = started
        self.is_done = is_done
        self.give_up = give_up
        self.clock = clock
        # The processes of which start are warm, and of which are being asked.
        self.warm: float | None = None
        self.fresh: float | None = None
        # However long that took: on a host that boots, minutes.
        self.saw_it_start = False

    def is_away(self) -> None:
        """It does not answer, or not yet."""
        self.saw_it_start = True

    def look(self) -> str | None:
        """Why clients should not be sent there yet, None when they may be. Returns at once: the asking goes on meanwhile."""
        start = self.started()
        if start is None or start == self.warm:
            return None
        if start != self.fresh:
            self.fresh = start
            if not self.saw_it_start and self.clock() - start > LONG_AGO_SECONDS:
                self.warm = start
                return None
            threading.Thread(target=self.ask, args=(start,), daemon=True).start()
        return "warming up"

    def is_warming(self) -> bool:
        return self.fresh is not None and self.fresh != self.warm

    def ask(self, start: float) -> None:
        began = self.clock()
        quick_rounds = 0
        while self.fresh == start and quick_rounds < QUICK_ROUNDS and self.clock() - began < PATIENCE_SECONDS:
            is_quick = self.ask_round() < QUICK_SECONDS
            quick_rounds = quick_rounds + 1 if is_quick else 0
            if not is_quick:
                # What is refused is refused at once.
                time.sleep(PAUSE_SECONDS)
        # Restarted meanwhile, it is another's to say so.
        if self.fresh == start:
            tell = self.is_done if quick_rounds == QUICK_ROUNDS else self.give_up
            tell(self.clock() - began)
            self.warm = start
