# Written by mcp from rabbitmq/broker-watch/__main__.py. Changes here are overwritten.
"""
Watches the ways between the members of the broker. Where a way is cut between two that the others see it makes this one
stand apart, and from one that is about to be alone it keeps the clients: see hearing.py. One that does not come back
afterwards it starts anew. What it has closed, its unit opens when it ends.
"""

import json
import select
import socket
import subprocess
import sys
import time

import broker
from configuration import Configuration
from hearing import Hearing, Word
from words import LARGEST, packed, unpacked

INTERVAL_SECONDS = 0.25
# Which ports are open is less urgent, and costs more to see on a host with many connections.
PORTS_SECONDS = 1.0
RETRY_SECONDS = 1.0
# A network that is flooded must not hold us for ever.
MOST_PACKETS = 200


def main(path: str) -> None:
    with open(path, encoding="utf-8") as file:
        config: Configuration = json.load(file)
    while True:
        try:
            with open_wire(config) as wire:
                serve(wire, config)
        except OSError as failure:
            tell("the members are not watched: %s; tried again" % failure)
            time.sleep(RETRY_SECONDS)


def open_wire(config: Configuration) -> socket.socket:
    wire = socket.socket(socket.AF_INET6 if ":" in config["own"] else socket.AF_INET, socket.SOCK_DGRAM)
    wire.setblocking(False)
    wire.bind((config["own"], config["port"]))
    return wire


def serve(wire: socket.socket, config: Configuration) -> None:
    hearing = Hearing(config["own"], config["members"], time.monotonic())
    is_apart = runs = serves = False
    # Not known: whoever was here before may have left it either way.
    keeps_out: bool | None = None
    looked_at = 0.0
    while True:
        listen(wire, hearing, time.monotonic() + INTERVAL_SECONDS)
        now = time.monotonic()
        if now - looked_at >= PORTS_SECONDS:
            looked_at = now
            places = broker.listening()
            runs = broker.is_open(places, config["own"], config["distribution"])
            serves = any(broker.is_open(places, config["clients_address"], port) for port in config["clients"])
        wants_apart = hearing.take(now, runs)
        # First, and for one that stands apart, too: left by the others, it confirms what waited for them.
        wanted = hearing.keeps_out(now, serves) or wants_apart
        if wanted != keeps_out:
            keeps_out = wanted if turn_away(wanted, config) else None
        if wants_apart != is_apart and change(wants_apart, config):
            is_apart = wants_apart
        if hearing.is_stuck(now, runs, serves):
            start_anew()
        speak(wire, packed(Word(runs, serves, hearing.is_apart, hearing.heard(now))), config)


def listen(wire: socket.socket, hearing: Hearing, until: float) -> None:
    """What has come is heard before anything is judged, however late this process wakes up."""
    for _ in range(MOST_PACKETS):
        if not select.select([wire], [], [], max(0.0, until - time.monotonic()))[0]:
            return
        try:
            data, sender = wire.recvfrom(LARGEST)
        except OSError:
            continue
        word = unpacked(data)
        if word is not None:
            hearing.hear(str(sender[0]), word, time.monotonic())


def speak(wire: socket.socket, data: bytes, config: Configuration) -> None:
    for member in config["members"]:
        if member == config["own"]:
            continue
        try:
            wire.sendto(data, (member, config["port"]))
        except OSError:
            # One that is cut off, or gone, must not keep it from the others.
            continue


def change(stands_apart: bool, config: Configuration) -> bool:
    try:
        if stands_apart:
            tell("the way to a member that the others see is cut: this one stands apart until it is whole")
            broker.stand_apart(config["own"], config["distribution"])
        else:
            tell("the ways to all members are whole again")
            broker.rejoin()
        return True
    except (OSError, subprocess.SubprocessError) as failure:
        tell("%s; tried again" % failure)
        return False


def turn_away(keeps_out: bool, config: Configuration) -> bool:
    try:
        if keeps_out:
            tell("this one is about to be alone: clients are kept out, since what they hand in here would be lost")
            broker.keep_out(config["kept_out"])
        else:
            broker.let_in()
            tell("clients are let in")
        return True
    except (OSError, subprocess.SubprocessError) as failure:
        tell("%s; tried again" % failure)
        return False


def start_anew() -> None:
    tell("RabbitMQ takes no clients here, though others do and are in reach: it is started anew")
    try:
        broker.start_anew()
    except (OSError, subprocess.SubprocessError) as failure:
        tell("%s; tried again later" % failure)


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
