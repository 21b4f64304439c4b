# Written by mcp from rabbitmq/broker-watch/configuration.py. Changes here are overwritten.
"""What stands in /etc/mcp/broker-watch.json."""

from typing import TypedDict


class Configuration(TypedDict):
    """
    `own`: this member's address among the members, `members`: those of all, in the order of the inventory. They hear this
    program at `port` (UDP), and RabbitMQ speaks between them at `distribution` (TCP). It takes clients or answers its operators
    at `clients` (TCP) of `clients_address`: none of these while it is paused. Those of `kept_out` are sent away when it is alone.
    """

    own: str
    members: list[str]
    port: int
    distribution: int
    clients_address: str
    clients: list[int]
    kept_out: list[int]
