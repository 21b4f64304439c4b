# Written by mcp from keepalived/vip-watch/arp.py. Changes here are overwritten.
"""The packets by which IPv4 asks which station has an address."""

import socket
import struct

PROTOCOL = 0x0806
BROADCAST = b"\xff" * 6

HEAD = struct.Struct("!HHBBH")
ETHERNET, IPV4, REQUEST, REPLY = 1, 0x0800, 1, 2


def request(own_mac: bytes, own: str, asked: str) -> bytes:
    sender = own_mac + socket.inet_aton(own)
    return HEAD.pack(ETHERNET, IPV4, 6, 4, REQUEST) + sender + bytes(6) + socket.inet_aton(asked)


def station_in(packet: bytes, own_mac: bytes, asked: str) -> str | None:
    """Who answers us that it has the address. What is announced to all, as after a move of a VIP, is no answer."""
    if len(packet) < 28 or packet[:8] != HEAD.pack(ETHERNET, IPV4, 6, 4, REPLY):
        return None
    if packet[14:18] != socket.inet_aton(asked) or packet[18:24] != own_mac:
        return None
    return packet[8:14].hex(":")
