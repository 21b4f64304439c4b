# Written by mcp from api-checker/api-checker/configuration.py. Changes here are overwritten.
"""What stands in /etc/mcp/api-checker.json."""

from typing import NotRequired, TypedDict


class CloudLogin(TypedDict):
    """A user of the cloud."""

    user: str
    password: str
    project: str
    domain: str


class Wanted(TypedDict):
    """What to ask of an API to warm it up, how many times at once, and with a token of whom."""

    path: str
    at_once: int
    identity: str
    a_token_each: bool
    authorities: str | None
    login: CloudLogin


class DatabaseLogin(TypedDict):
    """An API's own login at its database. `ssl`: PyMySQL's, with the authority; absent where that has no TLS."""

    host: str
    port: int
    user: str
    password: str
    ssl: NotRequired[dict[str, str]]


class Api(TypedDict):
    """One API of this host: where its page is, the unit that serves it and the system user of that.

    `only_tls`: its database takes nobody without. Where that is not said a member may have none yet, and the API uses it.
    """

    name: str
    address: str
    port: int
    path: str
    expect: int
    unit: str
    user: str
    warm_up: NotRequired[Wanted]
    only_tls: NotRequired[bool]
    database: DatabaseLogin


class Configuration(TypedDict):
    """`peers`: the addresses of the other hosts' checkers, which listen on the same port."""

    port: int
    peers: list[str]
    apis: list[Api]
