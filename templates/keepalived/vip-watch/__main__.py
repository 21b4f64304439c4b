# Written by mcp from keepalived/vip-watch/__main__.py. Changes here are overwritten.
"""Tells Keepalived, by files that it tracks, what no unit tells by itself: that what serves a VIP here hangs, and that
this host is cut off from the others, or from the one that holds a VIP. And looks for strangers that answer for a VIP,
which is for mcp alone; and for a second server that takes writes.

One process that lives on, because Keepalived's own way, a new process for each look, misleads where it matters: on a host
that drowns, a process that starts too late looks like a service that hangs or like a cable that is out.

A file that Keepalived tracks is only written when its content changes. When this program ends, what it said last stands.
"""

import json
import sys
import time
from collections.abc import Iterator
from functools import partial

import fronts
import witnesses
from configuration import Configuration, Network
from exchange import Exchange
from side import Side, is_whole_here
from stations import StationSearch
from tell import tell_journal, tell_systemd
from verdict import Verdict
from watch import Watch
from writers import WriterWatch

# What is well is known sooner, and so is a front that is not.
FIRST_WORD_SECONDS = 4.0
# A third of what the unit's WatchdogSec allows.
WATCHDOG_SECONDS = 5.0
# Without a look for so long a watch hangs, whatever else: systemd then starts this program anew.
STALE_SECONDS = 10.0


def main(path: str) -> None:
    with open(path, encoding="utf-8") as file:
        config: Configuration = json.load(file)
    sides = {network["name"]: side_of(network, config) for network in config["networks"]}
    watches: list[Watch | Exchange] = [*watches_of(config, sides), *exchanges_of(config, sides)]
    for watch in watches:
        watch.start()
    for search in config["searches"]:
        StationSearch(search).start()
    for writer in config["writers"]:
        WriterWatch(writer).start()
    # Keepalived starts after this, and would take an absent file for a front that does not serve.
    await_first_word(watches)
    tell_systemd("READY=1")
    while True:
        time.sleep(WATCHDOG_SECONDS)
        now = time.monotonic()
        late = [watch.title for watch in watches if not watch.is_alive() or now - watch.looked_at > STALE_SECONDS]
        if late:
            # systemd loses patience and starts this program anew.
            tell_journal("nobody looks at %s any more" % ", ".join(late))
        else:
            tell_systemd("WATCHDOG=1")


def side_of(network: Network, config: Configuration) -> Side:
    return Side(network, witnesses.ask_witnesses, partial(is_whole_here, config["databases"]))


def watches_of(config: Configuration, sides: dict[str, Side]) -> Iterator[Watch]:
    for front in config["fronts"]:
        yield Watch(
            front["name"],
            partial(fronts.front_answers, front),
            Verdict(fronts.FALL, fronts.RISE),
            fronts.INTERVAL_SECONDS,
            front["file"],
        )
    for network in config["networks"]:
        yield Watch(
            "connection to " + network["name"],
            sides[network["name"]].look,
            Verdict(witnesses.FALL, witnesses.RISE),
            witnesses.INTERVAL_SECONDS,
            network["file"],
        )


def exchanges_of(config: Configuration, sides: dict[str, Side]) -> Iterator[Exchange]:
    for network in config["networks"]:
        vips = [vip for vip in config["vips"] if vip["network"] == network["name"]]
        yield Exchange(network, vips, sides[network["name"]])


def await_first_word(watches: list[Watch | Exchange]) -> None:
    deadline = time.monotonic() + FIRST_WORD_SECONDS
    while not all(watch.has_spoken() for watch in watches) and time.monotonic() < deadline:
        time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1])
