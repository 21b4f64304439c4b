# Written by mcp from api-checker/api-checker/pages.py. Changes here are overwritten.
"""How one API's own page is."""

import http.client
import socket
from collections.abc import Callable

from configuration import Api
from failures import describe

# Longer is of no use to a client who has two seconds.
DEADLINE_SECONDS = 1.0
# Of CPU time within a deadline; a process that is stopped or waits for a lock uses none.
PROGRESS_TICKS = 2


class Pages:
    """Asks the page of one API, and tells a hang from too much work."""

    def __init__(self, api: Api, ticks_of: Callable[[str], int | None]) -> None:
        self.api = api
        self.ticks_of = ticks_of
        # While it loads it is slow as well, and busy: that is excused only when it has answered before.
        self.has_answered = False

    def look(self, ask: Callable[[Api], int]) -> tuple[str | None, bool]:
        """(reason or None, whether something listens there)."""
        ticks = self.ticks_of(self.api["unit"])
        try:
            status = ask(self.api)
        except ConnectionRefusedError:
            self.has_answered = False
            return "does not listen", False
        except (TimeoutError, socket.timeout):
            return self.why_late(ticks), True
        except OSError as failure:
            return "no answer: %s" % describe(failure), True
        except http.client.HTTPException:
            # It hung up in the middle: a restart looks like this.
            return "hung up", True
        if status != self.api["expect"]:
            return "answers %d" % status, True
        self.has_answered = True
        return None, True

    def why_late(self, before: int | None) -> str | None:
        """More requests than it can carry make it slow, not unwell: taking it out would leave more to the others."""
        after = self.ticks_of(self.api["unit"])
        if not self.has_answered:
            return "not started yet"
        if before is None or after is None or after - before >= PROGRESS_TICKS:
            return None
        return "hangs: no answer within %d ms, and it does nothing" % (DEADLINE_SECONDS * 1000)


def ask_page(api: Api) -> int:
    connection = http.client.HTTPConnection(api["address"], api["port"], timeout=DEADLINE_SECONDS)
    try:
        connection.request("GET", api["path"], headers={"Host": api["address"], "Connection": "close"})
        return connection.getresponse().status
    finally:
        connection.close()
