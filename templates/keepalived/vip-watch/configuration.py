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


class Database(TypedDict):
    """A member of the database: says there with how many it serves, 200 and a number."""

    address: str
    port: int
    path: str


class Witness(TypedDict):
    """Another host, and how much it counts."""

    address: str
    votes: int


class Network(TypedDict):
    """
    A network of this host: 0 in `file` while witnesses with `needed` votes answer, 1 while it is cut off. `others`: the
    addresses of those of them that run this program too, and hear this one at `port`. `vips`: the names of all VIPs there.
    """

    name: str
    source: str
    port: int
    witnesses: list[Witness]
    others: list[str]
    vips: list[str]
    needed: int
    file: str


class Vip(TypedDict):
    """A VIP that this host can hold: 0 in `file` while it may take it, see claims.py."""

    name: str
    address: str
    network: str
    file: str


class Search(TypedDict):
    """A VIP for which this host asks who answers, from its own address `source`; `file` says who did."""

    name: str
    address: str
    source: str
    interface: str
    file: str


class Writer(TypedDict):
    """Behind the VIP with this address one server takes everything: a backend of the HAProxy with this admin socket."""

    address: str
    socket: str
    backend: str


class Configuration(TypedDict):
    fronts: list[Front]
    networks: list[Network]
    vips: list[Vip]
    databases: list[Database]
    searches: list[Search]
    writers: list[Writer]
