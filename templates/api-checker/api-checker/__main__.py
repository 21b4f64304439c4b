# Written by mcp from api-checker/api-checker/__main__.py. Changes here are overwritten.
"""Answers GET /NAME with 200 while the API of that name on this host can work, and with 503 and the reason otherwise.

An API's own page says nothing of its database, and a load balancer that is told "unwell" by all hosts at once has nobody
left to ask. So the APIs of this host are looked at here, each by a process with the API's own user that asks its page
and its database; and an API is only said to be unwell while the checker of another host finds it well there.

Fresh processes load for seconds when they are first asked something real. So they are asked here, before clients are
sent to them: an API that has just been started is unwell until it answers as quickly as clients expect. One API at a
time: on a host that boots, all of them together would be what makes each of them slow. For the same reason the first
that are warm wait for the others before clients are sent to them.
"""

import json
import sys
import threading

from configuration import Configuration
from server import Server


def main(path: str) -> None:
    with open(path, encoding="utf-8") as file:
        config: Configuration = json.load(file)
    server = Server(config, path)
    for watched in server.apis.values():
        threading.Thread(target=watched.run, daemon=True).start()
    for address in config["peers"]:
        threading.Thread(target=server.peers.follow, args=(address, server.is_unwell), daemon=True).start()
    server.serve_forever(poll_interval=60)


if __name__ == "__main__":
    main(sys.argv[1])
