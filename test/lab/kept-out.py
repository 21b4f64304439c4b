"""Keeps clients out of two ports that somebody listens on, and lets them in again; prints what they saw, a line each.
Runs in a network and a /run of its own, with the broker's watch on its path.
"""
import os
import socket

import broker

PORTS = [5672, 5671]
PATIENCE_SECONDS = 5


def seen_by(try_it: str, client: socket.socket, port: int) -> None:
    try:
        if try_it == "connect":
            client.connect(("127.0.0.1", port))
        else:
            client.recv(1)
        print(port, try_it, "well")
    except OSError as failure:
        print(port, try_it, type(failure).__name__)


def fresh() -> socket.socket:
    client = socket.socket()
    client.settimeout(PATIENCE_SECONDS)
    return client


def listening(port: int) -> socket.socket:
    listener = socket.socket()
    listener.bind(("127.0.0.1", port))
    listener.listen()
    return listener


os.makedirs(os.path.dirname(broker.ALONE_MARK))
listeners = [listening(port) for port in PORTS]
idle = [fresh() for _ in PORTS]
for client, place in zip(idle, PORTS):
    client.connect(("127.0.0.1", place))
broker.let_in()
broker.keep_out(PORTS)
print("marked", os.path.exists(broker.ALONE_MARK))
for client, place in zip(idle, PORTS):
    seen_by("wait", client, place)
    seen_by("connect", fresh(), place)
broker.let_in()
print("marked", os.path.exists(broker.ALONE_MARK))
for place in PORTS:
    seen_by("connect", fresh(), place)
