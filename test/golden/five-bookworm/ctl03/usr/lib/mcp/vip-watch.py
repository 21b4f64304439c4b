# Written by mcp from keepalived/vip-watch.py.hbs. Changes here are overwritten.
"""Tells Keepalived, by files that it tracks, what no unit tells by itself: that what serves a VIP here hangs, and that
this host is cut off from the others.

One process that lives on, because Keepalived's own way, a new process for each look, misleads where it matters: on a host
that drowns, a process that starts too late looks like a service that hangs or like a cable that is out.

What stands in the configuration (JSON): `fronts`, each with name, address, port, path and the file to keep (0: answers,
1: hangs); `networks`, each with name, source, witnesses, how many of them are needed, and its file (0: connected,
1: cut off). A file is only written when its content changes. When this program ends, what it said last stands.
"""

import json
import os
import select
import socket
import struct
import sys
import threading
import time

# An answer that takes longer is of no use to a load balancer's client either.
FRONT_DEADLINE_SECONDS = 0.9
FRONT_INTERVAL_SECONDS = 1.0
# Three silent seconds, not one: a loaded host is slow, not dead.
FRONT_FALL = 3
FRONT_RISE = 1
# On the wire it is less than a millisecond.
WITNESS_DEADLINE_SECONDS = 0.5
# Not in a hurry: the others, who hear nothing from us, have taken over long before.
NETWORK_INTERVAL_SECONDS = 2.0
NETWORK_FALL = 2
NETWORK_RISE = 2
# What is well is known sooner, and so is a front that is not.
FIRST_WORD_SECONDS = 4.0
# A third of what the unit's WatchdogSec allows.
WATCHDOG_SECONDS = 5.0
# Without a look for so long a watch hangs, whatever else: systemd then starts this program anew.
STALE_SECONDS = 10.0

ICMP_ECHO, ICMP_ECHO_REPLY = 8, 0
ICMP6_ECHO, ICMP6_ECHO_REPLY = 128, 129


class Verdict:
    """What is held to be so: it changes only after so many looks in a row that say otherwise."""

    def __init__(self, fall, rise):
        self.fall = fall
        self.rise = rise
        self.is_well = None
        self.last = None
        self.streak = 0

    def take(self, is_well):
        """One more look. Returns what is held to be so now; None while that is not known yet."""
        self.streak = self.streak + 1 if is_well == self.last else 1
        self.last = is_well
        if self.streak >= (self.rise if is_well else self.fall):
            self.is_well = is_well
        return self.is_well


class Watch(threading.Thread):
    """Looks again and again, and keeps a file that says what is held to be so."""

    def __init__(self, name, look, verdict, interval, path):
        super().__init__(daemon=True)
        self.title = name
        self.look = look
        self.verdict = verdict
        self.interval = interval
        self.path = path
        self.written = None
        self.looked_at = time.monotonic()

    def run(self):
        while True:
            began = time.monotonic()
            self.take(self.look())
            self.looked_at = time.monotonic()
            time.sleep(max(0.05, self.interval - (self.looked_at - began)))

    def take(self, is_well):
        held = self.verdict.take(is_well)
        if held is None or held == self.written:
            return
        # In place, so that there is no moment without the file; Keepalived reads it when it is closed.
        try:
            with open(self.path, "w", encoding="ascii") as file:
                file.write("0\n" if held else "1\n")
        except OSError as failure:
            say("%s: %s; tried again" % (self.path, failure))
            return
        self.written = held
        say("%s %s" % (self.title, "is well" if held else "is not well"))


def front_answers(front):
    """Whether HTTP answers 200 there in time. What has arrived counts, however late this process wakes up to read it."""
    deadline = time.monotonic() + FRONT_DEADLINE_SECONDS
    try:
        with socket.create_connection((front["address"], front["port"]), timeout=FRONT_DEADLINE_SECONDS) as connection:
            connection.sendall(b"GET %s HTTP/1.0\r\n\r\n" % front["path"].encode())
            received = b""
            while b"\n" not in received and len(received) < 4096:
                if not select.select([connection], [], [], max(0.0, deadline - time.monotonic()))[0]:
                    return False
                more = connection.recv(4096)
                if not more:
                    break
                received += more
    except OSError:
        return False
    words = received.split(b"\n", 1)[0].split()
    return len(words) > 1 and words[0].startswith(b"HTTP/") and words[1] == b"200"


def is_connected(network, ask):
    """Whether enough of the other hosts answer. Where nothing is wrong no more than that many are asked."""
    needed = network["needed"]
    witnesses = network["witnesses"]
    answered = 0
    for group in (witnesses[:needed], witnesses[needed:]):
        answered += ask(network["source"], group, needed - answered)
        if answered >= needed:
            return True
    return False


def ask_witnesses(source, witnesses, enough):
    """How many of the addresses answer an ICMP echo, counted until they are enough or the time is up."""
    is_v6 = ":" in source
    family, protocol = (
        (socket.AF_INET6, socket.IPPROTO_ICMPV6) if is_v6 else (socket.AF_INET, socket.IPPROTO_ICMP)
    )
    token = os.urandom(16)
    identifier = int.from_bytes(token[:2], "big")
    try:
        with socket.socket(family, socket.SOCK_RAW, protocol) as wire:
            wire.setblocking(False)
            wire.bind((source, 0))
            for number, address in enumerate(witnesses):
                try:
                    wire.sendto(echo_request(is_v6, identifier, number, token), (address, 0))
                except OSError:
                    continue
            return count_answers(wire, is_v6, token, min(enough, len(witnesses)))
    except OSError:
        # The card or its address is gone.
        return 0


def count_answers(wire, is_v6, token, enough):
    deadline = time.monotonic() + WITNESS_DEADLINE_SECONDS
    answered = set()
    while len(answered) < enough:
        # What has arrived is read even when the time is up: a host that drowns wakes us late.
        if not select.select([wire], [], [], max(0.0, deadline - time.monotonic()))[0]:
            break
        try:
            number = answer_in(is_v6, wire.recv(2048), token)
        except OSError:
            continue
        if number is not None:
            answered.add(number)
    return len(answered)


def echo_request(is_v6, identifier, number, token):
    """ICMP echo; for version 6 the kernel fills in the checksum."""
    head = struct.Struct("!BBHHH")
    kind = ICMP6_ECHO if is_v6 else ICMP_ECHO
    checksum = 0 if is_v6 else checksum_of(head.pack(kind, 0, 0, identifier, number) + token)
    return head.pack(kind, 0, checksum, identifier, number) + token


def checksum_of(packet):
    total = sum(struct.unpack("!%dH" % (len(packet) // 2), packet))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def answer_in(is_v6, packet, token):
    """The number of the request that a packet answers; None where it answers none of these."""
    # Version 4 hands over its own header as well.
    start = 0 if is_v6 else (packet[0] & 15) * 4
    message = packet[start:]
    if len(message) < 8 or message[0] != (ICMP6_ECHO_REPLY if is_v6 else ICMP_ECHO_REPLY):
        return None
    return struct.unpack("!H", message[6:8])[0] if message[8:] == token else None


def say(text):
    print(text, file=sys.stderr, flush=True)


def tell_systemd(text):
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.sendto(text.encode(), "\0" + address[1:] if address.startswith("@") else address)


def watches_of(config):
    for front in config["fronts"]:
        yield Watch(
            front["name"],
            lambda front=front: front_answers(front),
            Verdict(FRONT_FALL, FRONT_RISE),
            FRONT_INTERVAL_SECONDS,
            front["file"],
        )
    for network in config["networks"]:
        yield Watch(
            "connection to " + network["name"],
            lambda network=network: is_connected(network, ask_witnesses),
            Verdict(NETWORK_FALL, NETWORK_RISE),
            NETWORK_INTERVAL_SECONDS,
            network["file"],
        )


def await_first_word(watches):
    deadline = time.monotonic() + FIRST_WORD_SECONDS
    while any(watch.written is None for watch in watches) and time.monotonic() < deadline:
        time.sleep(0.05)


def main(path):
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    watches = list(watches_of(config))
    for watch in watches:
        watch.start()
    # Keepalived starts after this, and would take an absent file for a front that does not serve.
    await_first_word(watches)
    tell_systemd("READY=1")
    while True:
        time.sleep(WATCHDOG_SECONDS)
        now = time.monotonic()
        late = [watch.title for watch in watches if not watch.is_alive() or now - watch.looked_at > STALE_SECONDS]
        if late:
            # systemd loses patience and starts this program anew.
            say("nobody looks at %s any more" % ", ".join(late))
        else:
            tell_systemd("WATCHDOG=1")


if __name__ == "__main__":
    main(sys.argv[1])
