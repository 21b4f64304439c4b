# Written by mcp from galera/galera-agent/__main__.py. Changes here are overwritten.
"""Answers GET /writer with 200 while this Galera member can take writes, and with 503 and the reason otherwise.

HAProxy asks several times a second from every load balancer. One thread alone speaks to the server, over one
connection that stays open. A server that hangs is waited for on that connection and never asked over another, so
nothing piles up on it; whoever asks meanwhile gets 503 when the deadline is over.

A member whose disk is full answers questions and takes no rows: it gives the role up while another member has room, and
gets it back when there is room again. Where none has, it keeps it: what can be read is better than nothing.
"""

import json
import sys
import threading

from configuration import Configuration
from fitness import Fitness
from others import Others
from room import Room
from server import Server
from watch import Watch


def main(path: str) -> None:
    with open(path, encoding="utf-8") as file:
        config: Configuration = json.load(file)
    watch = Watch()
    threading.Thread(target=watch.run, daemon=True).start()
    threading.Thread(target=watch.follow, daemon=True).start()
    fitness = Fitness(watch, Room(config["data"], config["least_bytes"]), Others(config["others"]))
    threading.Thread(target=fitness.follow, daemon=True).start()
    Server(fitness).serve_forever(poll_interval=60)


if __name__ == "__main__":
    main(sys.argv[1])
