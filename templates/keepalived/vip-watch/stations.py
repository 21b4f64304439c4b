# Written by mcp from keepalived/vip-watch/stations.py. Changes here are overwritten.
"""Which stations answer for a VIP: keeps a file from which `mcp status` tells whether a stranger is among them.

It costs one broadcast of 42 bytes a second for each VIP and host that can hold it, and nobody else asks: with three
VIPs and three such hosts nine packets a second, which each station of the network looks at.
"""

import json
import os
import threading
import time

import kernel
from asking import stations_with
from configuration import Search
from tell import tell_journal

INTERVAL_SECONDS = 1.0
# A packet gets lost now and then; what has been silent for longer is gone.
REMEMBER_SECONDS = 5.0


class Station:
    """`beside` counts questions in a row that another station answered as well: a VIP that moves is never heard so."""

    def __init__(self) -> None:
        self.heard = 0.0
        self.beside = 0


class Stations:
    """Who has answered lately, by MAC address."""

    def __init__(self) -> None:
        self.known: dict[str, Station] = {}

    def take(self, now: float, holds: bool, heard: set[str]) -> None:
        """The answers to one question of a host that `holds` the VIP itself, or not."""
        is_shared = len(heard) + (1 if holds else 0) > 1
        for mac in heard:
            self.known.setdefault(mac, Station()).heard = now
        for mac, station in self.known.items():
            station.beside = station.beside + 1 if is_shared and mac in heard else 0
        self.known = {mac: each for mac, each in self.known.items() if now - each.heard <= REMEMBER_SECONDS}


class StationSearch(threading.Thread):
    """
    Asks again and again. Nobody waits for it: Keepalived does not need what it finds, and of a search that hangs or fails
    the age of its file tells.
    """

    def __init__(self, search: Search) -> None:
        super().__init__(daemon=True)
        self.search = search
        self.stations = Stations()
        self.failure = ""

    def run(self) -> None:
        while True:
            began = time.monotonic()
            try:
                self.look()
                self.failure = ""
            except OSError as failure:
                self.tell_once("nobody looks for strangers on %s: %s" % (self.search["address"], failure))
            time.sleep(max(0.05, INTERVAL_SECONDS - (time.monotonic() - began)))

    def look(self) -> None:
        address = self.search["address"]
        had = kernel.has_address(address)
        heard = stations_with(self.search)
        # Had for the whole time, or the one who answers is the one who has it now.
        self.stations.take(kernel.uptime(), had and kernel.has_address(address), heard)
        replace(self.search["file"], self.as_json())

    def as_json(self) -> str:
        """One line, for a shell that has only `read`."""
        table = kernel.neighbours()
        stations = [
            {
                "mac": mac,
                "beside": station.beside,
                "addresses": [each for each in kernel.addresses_of(mac, table) if each != self.search["address"]],
            }
            for mac, station in sorted(self.stations.known.items())
        ]
        return json.dumps({"looked": kernel.uptime(), "stations": stations}) + "\n"

    def tell_once(self, text: str) -> None:
        if text != self.failure:
            tell_journal(text)
        self.failure = text


def replace(path: str, text: str) -> None:
    """Renamed into place: nobody reads half a file."""
    with open(path + ".new", "w", encoding="ascii") as file:
        file.write(text)
    os.replace(path + ".new", path)
