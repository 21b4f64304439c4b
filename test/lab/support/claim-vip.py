"""Claims a VIP by VRRPv3 (RFC 9568) with the highest priority there is. VRID VIP ADDRESS…

Each ADDRESS is told as a unicast peer would tell it. Runs until its input ends, and prints then how many adverts were sent.
"""

import select
import socket
import struct
import sys

VRRP = 112
VERSION_AND_TYPE, PRIORITY, ADDRESSES = 0x31, 255, 1
INTERVAL_SECONDS = 0.05


def advert(router: int, vip: str, source: str, destination: str) -> bytes:
    centiseconds = round(INTERVAL_SECONDS * 100)
    head = struct.pack("!BBBBH", VERSION_AND_TYPE, router, PRIORITY, ADDRESSES, centiseconds)
    body = head + b"\0\0" + socket.inet_aton(vip)
    pseudo = socket.inet_aton(source) + socket.inet_aton(destination) + struct.pack("!HH", VRRP, len(body))
    return head + struct.pack("!H", checksum(pseudo + body)) + socket.inet_aton(vip)


def checksum(data: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def claim(router: int, vip: str, peers: list[str]) -> int:
    sent = 0
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, VRRP) as wire:
        # Whoever hears one that came over a router ignores it.
        wire.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 255)
        print("claiming", flush=True)
        while not select.select([sys.stdin], [], [], INTERVAL_SECONDS)[0]:
            for peer in peers:
                wire.sendto(advert(router, vip, own_address(peer), peer), (peer, 0))
                sent += 1
    return sent


def own_address(peer: str) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.connect((peer, 9))
        return str(wire.getsockname()[0])


if __name__ == "__main__":
    vrid, claimed, *others = sys.argv[1:]
    print(claim(int(vrid), claimed, others), flush=True)
