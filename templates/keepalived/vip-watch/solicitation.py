# Written by mcp from keepalived/vip-watch/solicitation.py. Changes here are overwritten.
"""The packets by which IPv6 asks which station has an address."""

import socket
import struct

SOLICITATION, ADVERTISEMENT = 135, 136
# What comes from beyond a router has fewer, and no station believes it.
HOPS = 255

SOURCE_STATION, TARGET_STATION = 1, 2
# In the flags of an advertisement: it is an answer.
SOLICITED = 0x40
# Of <linux/icmpv6.h>; 256 bits, and those that are set are not heard.
ICMP6_FILTER = 1


def request(own_mac: bytes, asked: str) -> bytes:
    """The kernel fills in the checksum."""
    target = socket.inet_pton(socket.AF_INET6, asked)
    return bytes([SOLICITATION]) + bytes(7) + target + bytes([SOURCE_STATION, 1]) + own_mac


def group_of(asked: str) -> str:
    """The multicast address at which whoever has the address listens for it."""
    last = socket.inet_pton(socket.AF_INET6, asked)[-3:]
    return "ff02::1:ff%02x:%02x%02x" % (last[0], last[1], last[2])


def advertisements_only() -> bytes:
    words = [0xFFFFFFFF] * 8
    words[ADVERTISEMENT >> 5] &= ~(1 << (ADVERTISEMENT & 31))
    return struct.pack("=8I", *words)


def station_in(packet: bytes, asked: str) -> str | None:
    """Who answers us that it has the address. What is announced to all, as after a move of a VIP, is no answer."""
    if len(packet) < 24 or packet[0] != ADVERTISEMENT or not packet[4] & SOLICITED:
        return None
    if packet[8:24] != socket.inet_pton(socket.AF_INET6, asked):
        return None
    options = packet[24:]
    while len(options) >= 8 and options[1] > 0:
        if options[0] == TARGET_STATION:
            return options[2:8].hex(":")
        options = options[options[1] * 8 :]
    return None
