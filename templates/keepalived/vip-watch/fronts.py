# Written by mcp from keepalived/vip-watch/fronts.py. Changes here are overwritten.
"""Whether what serves a VIP here answers."""

import select
import socket
import time

from configuration import Front

# An answer that takes longer is of no use to a load balancer's client either.
DEADLINE_SECONDS = 0.9
INTERVAL_SECONDS = 1.0
# Three silent seconds, not one: a loaded host is slow, not dead.
FALL = 3
RISE = 1


def front_answers(front: Front) -> bool:
    """Whether HTTP answers 200 there in time. What has arrived counts, however late this process wakes up to read it."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    try:
        with socket.create_connection((front["address"], front["port"]), timeout=DEADLINE_SECONDS) as connection:
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
