# Written by mcp from keepalived/vip-watch/message.py. Changes here are overwritten.
"""What the watches of a cloud say to each other, one datagram of JSON each."""

import json
from typing import NotRequired, TypedDict


class Message(TypedDict):
    """
    `holds`: the VIPs that the sender has, and for how many seconds. `asks`: the sender wants an answer. `heard`: an answer:
    of each VIP, whom the sender heard hold it, how many seconds ago, and for how many it has held it.
    """

    holds: NotRequired[dict[str, float]]
    asks: NotRequired[bool]
    heard: NotRequired[dict[str, dict[str, list[float]]]]


LARGEST = 8192


def packed(message: Message) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode()


def unpacked(data: bytes) -> Message:
    """What came in such a shape; of anything else nothing. Others may send what they like."""
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    message: Message = {}
    if isinstance(found.get("holds"), dict):
        message["holds"] = {str(vip): each for vip, each in found["holds"].items() if is_seconds(each)}
    if found.get("asks") is True:
        message["asks"] = True
    if isinstance(found.get("heard"), dict):
        message["heard"] = {
            str(vip): {str(host): each for host, each in hosts.items() if is_pair(each)}
            for vip, hosts in found["heard"].items()
            if isinstance(hosts, dict)
        }
    return message


def is_seconds(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e9


def is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(is_seconds(each) for each in value)
