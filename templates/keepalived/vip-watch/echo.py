# Written by mcp from keepalived/vip-watch/echo.py. Changes here are overwritten.
"""The packets of ICMP's echo, of both versions."""

import struct

ICMP_ECHO, ICMP_ECHO_REPLY = 8, 0
ICMP6_ECHO, ICMP6_ECHO_REPLY = 128, 129


def echo_request(is_v6: bool, identifier: int, number: int, token: bytes) -> bytes:
    """ICMP echo; for version 6 the kernel fills in the checksum."""
    head = struct.Struct("!BBHHH")
    kind = ICMP6_ECHO if is_v6 else ICMP_ECHO
    checksum = 0 if is_v6 else checksum_of(head.pack(kind, 0, 0, identifier, number) + token)
    return head.pack(kind, 0, checksum, identifier, number) + token


def checksum_of(packet: bytes) -> int:
    total: int = sum(struct.unpack("!%dH" % (len(packet) // 2), packet))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def answer_in(is_v6: bool, packet: bytes, token: bytes) -> int | None:
    """The number of the request that a packet answers; None where it answers none of these."""
    # Version 4 hands over its own header as well.
    start = 0 if is_v6 else (packet[0] & 15) * 4
    message = packet[start:]
    if len(message) < 8 or message[0] != (ICMP6_ECHO_REPLY if is_v6 else ICMP_ECHO_REPLY):
        return None
    return int.from_bytes(message[6:8], "big") if message[8:] == token else None
