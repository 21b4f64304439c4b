# Written by mcp from keepalived/vip-watch/exchange.py. Changes here are overwritten.
"""
Tells the other hosts of a network which VIPs this one holds, hears what they hold, and keeps a file for each VIP that says
whether this host may take it.

Only who holds a VIP sends, 20 datagrams a second to each of the others; a question is asked where nobody is heard, and now
and then by who holds one, in case another has it too.
"""

import select
import socket
import threading
import time

import kernel
from claims import ALONE, FREE, HELD, SILENT_SECONDS, Claims
from configuration import Network, Vip
from message import Message, packed, unpacked
from roll_call import RollCall
from side import Side
from tell import tell_journal
from track_file import TrackFile
from wire import arrivals, open_wire

INTERVAL_SECONDS = 0.05
# Nobody needs to know as quickly what has lasted for a while, and who holds a VIP whether another has it too.
LASTING_SECONDS = 2.0
LASTING_INTERVAL_SECONDS = 0.25
HOLDER_INTERVAL_SECONDS = 0.5
RETRY_SECONDS = 1.0

WORDS = {
    FREE: "%s may be here",
    HELD: "%s is held by a host that the others hear and this one does not: it is left there",
    ALONE: "%s is not taken: too few of the other hosts answer",
}


class Exchange(threading.Thread):
    """One network's; `looked_at` as of any watch."""

    def __init__(self, network: Network, vips: list[Vip], side: Side) -> None:
        super().__init__(daemon=True)
        self.title = "exchange with the hosts of " + network["name"]
        self.network = network
        self.vips = vips
        self.side = side
        self.looked_at = time.monotonic()
        self.others = [canonical(each) for each in network["others"]]
        own = canonical(network["source"])
        # Of the others, too: who could hold one asks those who never could whom they hear.
        self.claims = {name: Claims(own, self.looked_at) for name in network["vips"]}
        self.files = {vip["name"]: TrackFile(vip["file"]) for vip in vips}
        self.asked_at = 0.0
        self.failure = ""

    def has_spoken(self) -> bool:
        return all(file.written is not None for file in self.files.values())

    def run(self) -> None:
        while True:
            try:
                self.serve()
            except OSError as failure:
                self.looked_at = time.monotonic()
                if str(failure) != self.failure:
                    tell_journal("%s: %s; tried again" % (self.title, failure))
                self.failure = str(failure)
                # Who can't tell must not bar what Keepalived would do.
                for vip in self.vips:
                    self.say(vip, FREE)
                time.sleep(RETRY_SECONDS)

    def serve(self) -> None:
        source = self.network["source"]
        with open_wire(source, self.network["port"]) as wire, RollCall(source, self.network["witnesses"]) as roll_call:
            self.failure = ""
            while True:
                due = time.monotonic() + INTERVAL_SECONDS
                while (left := due - time.monotonic()) > 0:
                    select.select([wire, roll_call], [], [], left)
                    self.take_in(wire, roll_call)
                # What has come is known before anything is judged, however late this process wakes up.
                self.take_in(wire, roll_call)
                self.tick(wire, roll_call)
                self.looked_at = time.monotonic()

    def take_in(self, wire: socket.socket, roll_call: RollCall) -> None:
        roll_call.take_in()
        for data, sender, at in arrivals(wire):
            if sender in self.others:
                self.take(unpacked(data), sender, at, wire)

    def take(self, message: Message, sender: str, at: float, wire: socket.socket) -> None:
        for vip, seconds in message.get("holds", {}).items():
            if vip in self.claims:
                self.claims[vip].hear(sender, at, at - seconds)
        for vip, hosts in message.get("heard", {}).items():
            for host, (ago, seconds) in hosts.items():
                if vip in self.claims:
                    self.claims[vip].be_told(host, at - ago, at - seconds)
        if message.get("asks"):
            self.send(wire, {"heard": self.heard_lately()}, [sender])

    def heard_lately(self) -> dict[str, dict[str, list[float]]]:
        now = time.monotonic()
        return {
            vip: {host: [round(ago, 3), round(seconds, 3)] for host, ago, seconds in claims.current(now)}
            for vip, claims in self.claims.items()
        }

    def tick(self, wire: socket.socket, roll_call: RollCall) -> None:
        now = time.monotonic()
        held = kernel.held_of([vip["address"] for vip in self.vips])
        for vip in self.vips:
            self.claims[vip["name"]].hold(now, vip["address"] in held)
        holds = {name: now - each.holds_since for name, each in self.claims.items() if each.holds_since is not None}
        if holds:
            self.send(wire, {"holds": {name: round(seconds, 3) for name, seconds in holds.items()}}, self.others)
        self.ask(wire, roll_call, now)
        has_votes = self.side.is_served_without_votes or roll_call.votes(now) >= self.network["needed"]
        for vip in self.vips:
            self.say(vip, self.claims[vip["name"]].judge(now, has_votes))

    def ask(self, wire: socket.socket, roll_call: RollCall, now: float) -> None:
        """The others, where nobody is heard; who holds a VIP asks less often."""
        own = [self.claims[vip["name"]] for vip in self.vips]
        silences = [each.silence(now) for each in own if each.holds_since is None]
        silent = [each for each in silences if each >= SILENT_SECONDS]
        if silent:
            interval = 0.0 if min(silent) < LASTING_SECONDS else LASTING_INTERVAL_SECONDS
        elif len(silences) < len(own):
            interval = HOLDER_INTERVAL_SECONDS
        else:
            return
        if now - self.asked_at < interval:
            return
        self.asked_at = now
        self.send(wire, {"asks": True}, self.others)
        if silent:
            roll_call.call()

    def send(self, wire: socket.socket, message: Message, hosts: list[str]) -> None:
        data = packed(message)
        for host in hosts:
            try:
                wire.sendto(data, (host, self.network["port"]))
            except OSError:
                # One that is cut off, or gone, must not keep it from the others.
                continue

    def say(self, vip: Vip, verdict: int) -> None:
        self.files[vip["name"]].say(verdict, WORDS[verdict] % vip["name"])


def canonical(address: str) -> str:
    """As the kernel writes the sender of a datagram."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.inet_ntop(family, socket.inet_pton(family, address))
