# Written by mcp from keepalived/vip-watch/tell.py. Changes here are overwritten.
"""What this program says, and to whom."""

import os
import socket
import sys


def tell_journal(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def tell_systemd(text: str) -> None:
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.sendto(text.encode(), "\0" + address[1:] if address.startswith("@") else address)
