"""Keeps clients out of a port that somebody listens on, and lets them in again; prints what they saw, a line each.
Runs in a network and a /run of its own, with the broker's watch on its path.
"""
import os
import socket

import broker

PORT = 5672
PATIENCE_SECONDS = 5


def seen_by(try_it: str, client: socket.socket) -> None:
    try:
        if try_it == "connect":
            client.connect(("127.0.0.1", PORT))
        else:
            client.recv(1)
        print(try_it, "well")
    except OSError as failure:
        print(try_it, type(failure).__name__)


def fresh() -> socket.socket:
    client = socket.socket()
    client.settimeout(PATIENCE_SECONDS)
    return client


os.makedirs(os.path.dirname(broker.ALONE_MARK))
listener = socket.socket()
listener.bind(("127.0.0.1", PORT))
listener.listen()
idle = fresh()
idle.connect(("127.0.0.1", PORT))
broker.let_in()
broker.keep_out(PORT)
print("marked", os.path.exists(broker.ALONE_MARK))
seen_by("wait", idle)
seen_by("connect", fresh())
broker.let_in()
print("marked", os.path.exists(broker.ALONE_MARK))
seen_by("connect", fresh())
