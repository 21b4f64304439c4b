"""Sends a datagram to each of some places and says what came back. HEX ADDRESS:PORT…

Prints JSON: for each place `silence`, `unreachable` or the answer in hex. It asks from the port that it asks at, since some
daemons answer to that one whoever asked; from any where that is taken.
"""

import json
import select
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor

PATIENCE_SECONDS = 2.0
INTERVAL_SECONDS = 0.5


def ask(words: bytes, address: str, port: int) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        # All of them ask from one port.
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            wire.bind(("0.0.0.0", port))
        except OSError:
            wire.bind(("0.0.0.0", 0))
        wire.connect((address, port))
        until = time.monotonic() + PATIENCE_SECONDS
        try:
            while time.monotonic() < until:
                wire.send(words)
                if select.select([wire], [], [], INTERVAL_SECONDS)[0]:
                    return wire.recv(70_000).hex()
        except ConnectionRefusedError:
            return "unreachable"
    return "silence"


if __name__ == "__main__":
    said, *places = sys.argv[1:]
    split = [place.rsplit(":", 1) for place in places]
    with ThreadPoolExecutor(len(places)) as threads:
        answers = threads.map(lambda place: ask(bytes.fromhex(said), place[0], int(place[1])), split)
        print(json.dumps(dict(zip(places, answers))))
