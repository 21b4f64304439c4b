# Written by mcp from keepalived/vip-watch/asking.py. Changes here are overwritten.
"""Asks a network which stations have an address."""

import select
import socket
import time
from collections.abc import Callable

import arp
import solicitation
from configuration import Search

# On the wire it is less than a millisecond; a virtual machine that drowns takes longer.
GATHER_SECONDS = 0.4
# A network that is flooded must not hold us for ever.
MOST_PACKETS = 1000


def stations_with(search: Search) -> set[str]:
    """Who answers one question, by MAC address. Not this host: nobody answers itself. Throws OSError without the card."""
    if ":" in search["address"]:
        return ask_by_solicitation(search)
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM) as wire:
        # Both in one step: without a card it would hear those of all networks.
        wire.bind((search["interface"], arp.PROTOCOL))
        own_mac = mac_of(wire)
        question = arp.request(own_mac, search["source"], search["address"])
        wire.sendto(question, (search["interface"], arp.PROTOCOL, 0, 0, arp.BROADCAST))
        return gather(wire, lambda packet: arp.station_in(packet, own_mac, search["address"]))


def ask_by_solicitation(search: Search) -> set[str]:
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM) as card:
        card.bind((search["interface"], 0))
        own_mac = mac_of(card)
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as wire:
        wire.setsockopt(socket.IPPROTO_ICMPV6, solicitation.ICMP6_FILTER, solicitation.advertisements_only())
        wire.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, solicitation.HOPS)
        # Or we would be asked ourselves.
        wire.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0)
        wire.bind((search["source"], 0))
        place = (solicitation.group_of(search["address"]), 0, 0, socket.if_nametoindex(search["interface"]))
        wire.sendto(solicitation.request(own_mac, search["address"]), place)
        return gather(wire, lambda packet: solicitation.station_in(packet, search["address"]))


def mac_of(wire: socket.socket) -> bytes:
    mac: bytes = wire.getsockname()[4]
    if len(mac) != 6:
        raise OSError("is no Ethernet")
    return mac


def gather(wire: socket.socket, station_in: Callable[[bytes], str | None]) -> set[str]:
    deadline = time.monotonic() + GATHER_SECONDS
    stations: set[str] = set()
    for _ in range(MOST_PACKETS):
        # What has arrived is read even when the time is up: a host that drowns wakes us late.
        if not select.select([wire], [], [], max(0.0, deadline - time.monotonic()))[0]:
            break
        station = station_in(wire.recv(2048))
        if station is not None:
            stations.add(station)
    return stations
