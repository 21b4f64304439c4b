"""Asks a network every 100 ms which stations have each of some addresses. INTERFACE SOURCE ADDRESS…

Runs until its input ends, and prints a JSON list of [milliseconds, address, stations] then: one for each question.
"""

import json
import os
import select
import socket
import sys
import time

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../..")
sys.path.insert(0, os.path.join(root, "templates/keepalived/vip-watch"))
import arp  # noqa: E402

INTERVAL = 0.1

interface, source, *addresses = sys.argv[1:]
seen = []
with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM) as wire:
    wire.bind((interface, arp.PROTOCOL))
    own = wire.getsockname()[4]
    print("asking", flush=True)
    is_over = False
    while not is_over:
        began = time.monotonic()
        answers: dict[str, set[str]] = {address: set() for address in addresses}
        for address in addresses:
            wire.sendto(arp.request(own, source, address), (interface, arp.PROTOCOL, 0, 0, arp.BROADCAST))
        while (left := began + INTERVAL - time.monotonic()) > 0:
            ready = select.select([wire, sys.stdin], [], [], left)[0]
            if sys.stdin in ready:
                is_over = True
                break
            if wire in ready:
                packet = wire.recv(2048)
                for address in addresses:
                    station = arp.station_in(packet, own, address)
                    if station is not None:
                        answers[address].add(station)
        for address in addresses:
            seen.append([round(time.time() * 1000), address, sorted(answers[address])])
print(json.dumps(seen), flush=True)
