# Written by mcp from api-checker/api-checker/looking.py. Changes here are overwritten.
"""What the process of one API does: it looks, and tells what it sees."""

import json
import os
import pwd
import sys
import threading
import time
from collections.abc import Callable

from configuration import Api, Wanted
from database import Database
from pages import Pages, ask_page
from processes import processes_of, started_at, ticks_of
from questions import Questions
from turns import Turns
from warm_up import WarmUp

# Twice a second: with HAProxy's second look a hang is out of rotation within three seconds.
INTERVAL_SECONDS = 0.5

# What is told of one look: `reason`, and of a page `listens` and `loads` as well.
Seen = dict[str, str | bool | None]


def look_at(api: Api, turns: Turns, report: int) -> None:
    """Looks at one API for ever, as its own user: what is forbidden to that user alone is seen."""
    become(api["user"])
    pages = Pages(api, ticks_of)
    warm_up = warm_up_of(api, api["warm_up"], turns) if "warm_up" in api else None
    database = Database(api["database"], only_tls=api.get("only_tls", False))

    def look_at_page() -> Seen:
        reason, listens = pages.look(ask_page)
        if warm_up is not None:
            if reason is None:
                reason = warm_up.look()
            else:
                warm_up.is_away()
        is_warm = pages.has_answered and (warm_up is None or not warm_up.is_warming())
        return {"reason": reason, "listens": listens, "loads": not is_warm and bool(processes_of(api["unit"]))}

    def look_at_database() -> Seen:
        return {"reason": database.look()}

    threading.Thread(target=tell, args=("database", look_at_database, report), daemon=True).start()
    tell("page", look_at_page, report)


def become(name: str) -> None:
    user = pwd.getpwnam(name)
    os.initgroups(user.pw_name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


def warm_up_of(api: Api, wanted: Wanted, turns: Turns) -> WarmUp:
    asking = Questions(api, wanted)

    # Said here and not where load balancers are answered: who is warm before the next of them asks was asked as well.
    def is_done(seconds: float) -> None:
        print("%s: warm after %.1f s" % (api["name"], seconds), file=sys.stderr, flush=True)

    def give_up(seconds: float) -> None:
        told = (api["name"], seconds, asking.trouble)
        print("%s: clients are sent to it although it is not warm after %d s: %s" % told, file=sys.stderr, flush=True)

    return WarmUp(turns.taking(asking.ask_round), lambda: started_at(api["unit"]), is_done, give_up)


def tell(aspect: str, look: Callable[[], Seen], report: int) -> None:
    while True:
        began = time.monotonic()
        line = json.dumps({"aspect": aspect, "began": began, **look()})
        os.write(report, line.encode() + b"\n")
        time.sleep(max(0.05, INTERVAL_SECONDS - (time.monotonic() - began)))
