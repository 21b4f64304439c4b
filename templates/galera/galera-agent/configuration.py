# Written by mcp from galera/galera-agent/configuration.py. Changes here are overwritten.
"""What stands in /etc/mcp/galera-agent.json."""

from typing import TypedDict


class Configuration(TypedDict):
    """`data`: where the server keeps its data; `others`: URLs at which the other members say whether they are fit."""

    data: str
    least_bytes: int
    others: list[str]
