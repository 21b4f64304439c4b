# Written by mcp from keepalived/vip-watch/configuration.py. Changes here are overwritten.
"""What stands in /etc/mcp/vip-watch.json."""

from typing import TypedDict


class Front(TypedDict):
    """What serves a VIP here. `file` is the one to keep: 0 while it answers, 1 while it hangs."""

    name: str
    address: str
    port: int
    path: str
    file: str


class Witness(TypedDict):
    """Another host, and how much it counts."""

    address: str
    votes: int


class Network(TypedDict):
    """A network of this host: 0 in `file` while witnesses with `needed` votes answer, 1 while it is cut off."""

    name: str
    source: str
    witnesses: list[Witness]
    needed: int
    file: str


class Search(TypedDict):
    """A VIP for which this host asks who answers, from its own address `source`; `file` says who did."""

    name: str
    address: str
    source: str
    interface: str
    file: str


class Configuration(TypedDict):
    fronts: list[Front]
    networks: list[Network]
    searches: list[Search]
