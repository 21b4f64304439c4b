#!/usr/bin/python3
# Written by mcp from rabbitmq/rabbitmq-sync.py. Changes here are overwritten.
"""Completes the copies of the queues that this node leads. RabbitMQ does it itself when a node returns, but once: where
it looks before the copy is there, it finds nothing to do, and never looks again. The next loss of a node would then
leave such a queue without a leader.

The look asks the management API. Each question to rabbitmqctl starts a virtual machine of Erlang's own, a second of
processor time and more; it runs only where there is something to complete.
"""
import base64
import http.client
import json
import subprocess
import sys
from typing import NotRequired, TypedDict
from urllib.parse import quote

# The API collects this from all members; one that just went is waited for.
LOOK_SECONDS = 30
COLUMNS = "name,node,slave_nodes,synchronised_slave_nodes"


class Configuration(TypedDict):
    """Where this node's management API listens, whose queues it is asked for, and the file with the login."""

    address: str
    port: int
    node: str
    vhosts: list[str]
    login_file: str


class Queue(TypedDict):
    """As the management API lists it; one without copies lacks their names."""

    name: str
    node: NotRequired[str]
    slave_nodes: NotRequired[list[str]]
    synchronised_slave_nodes: NotRequired[list[str]]


def main(path: str) -> int:
    with open(path, encoding="utf-8") as file:
        config: Configuration = json.load(file)
    login = login_in(config["login_file"])
    failed = False
    for vhost in config["vhosts"]:
        for queue in incomplete(queues_of(vhost, login, config), config["node"]):
            print(f"completing the copies of {queue} in {vhost}", flush=True)
            command = ["rabbitmqctl", "--quiet", "--timeout", "60", "sync_queue", "-p", vhost, queue]
            failed |= subprocess.run(command, check=False).returncode != 0
    return 1 if failed else 0


def login_in(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        login = [line.strip() for line in file if not line.startswith("#")][-1]
    return base64.b64encode(login.encode()).decode()


def queues_of(vhost: str, login: str, config: Configuration) -> list[Queue]:
    api = f"the management API at {config['address']} port {config['port']}"
    connection = http.client.HTTPConnection(config["address"], config["port"], timeout=LOOK_SECONDS)
    path = f"/api/queues/{quote(vhost, safe='')}?columns={COLUMNS}"
    try:
        connection.request("GET", path, headers={"Authorization": f"Basic {login}"})
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as failure:
        sys.exit(f"{api} does not answer: {failure}")
    if answer.status != 200:
        sys.exit(f"{api} answers {answer.status} for the queues of {vhost}")
    queues: list[Queue] = json.loads(body)
    return queues


def incomplete(queues: list[Queue], node: str) -> list[str]:
    """Names of those that are led here and have a copy which lacks messages."""
    return [
        queue["name"]
        for queue in queues
        if queue.get("node") == node
        and len(queue.get("slave_nodes", [])) > len(queue.get("synchronised_slave_nodes", []))
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
