#!/usr/bin/python3
"""Asks over the network what a look at this host wants to know: everything at once and in one process, where starting one
for each question would cost a busy host more than all the answers. On stdin: a list of probes, as JSON. What a probe's
exchanges are answered goes, in their order, to a file in this directory as soon as all have ended; null where the host lacks
what the probe is about.
"""

from __future__ import annotations

import base64
import functools
import json
import os
import socket
import sys
import threading
import time

# As the checker of types sees it; the module itself takes longer to load than most answers.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from typing import NotRequired, TypedDict

    class Need(TypedDict):
        path: str
        holds: NotRequired[str]

    class Exchange(TypedDict):
        place: str | tuple[str, int]
        sends: str
        reads: str
        seconds: float
        login: NotRequired[str]
        site: NotRequired[str]

    class Probe(TypedDict):
        file: str
        needs: list[Need]
        exchanges: list[Exchange]

    class Answer(TypedDict, total=False):
        reached: bool
        milliseconds: int
        text: str
        certificate: str


# More than any answer has that can be true.
LONGEST_ANSWER = 4 * 1024 * 1024


def main() -> None:
    probes: list[Probe] = json.load(sys.stdin)
    threads = [thread for probe in probes for thread in threads_for(probe)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def threads_for(probe: Probe) -> list[threading.Thread]:
    exchanges = probe["exchanges"]
    if not all(is_met(need) for need in probe["needs"]):
        tell(probe, None)
        return []
    if not exchanges:
        tell(probe, [])
    answers: list[Answer] = [{} for _ in exchanges]
    left = Countdown(len(exchanges))

    def carry_out(at: int) -> None:
        answers[at] = answer_to(exchanges[at])
        if left.is_last():
            tell(probe, answers)

    return [threading.Thread(target=carry_out, args=(at,)) for at in range(len(exchanges))]


class Countdown:
    def __init__(self, count: int) -> None:
        self.left = count
        self.lock = threading.Lock()

    def is_last(self) -> bool:
        with self.lock:
            self.left -= 1
            return self.left == 0


def is_met(need: Need) -> bool:
    try:
        with open(need["path"], encoding="utf-8", errors="replace") as file:
            return "holds" not in need or need["holds"] in file.read()
    except OSError:
        return False


def tell(probe: Probe, answers: list[Answer] | None) -> None:
    """Whole or not at all: this process may be cut off at any moment."""
    with open("." + probe["file"], "w", encoding="utf-8") as file:
        json.dump(answers, file)
    os.rename("." + probe["file"], probe["file"])


def answer_to(exchange: Exchange) -> Answer:
    began = time.monotonic()
    answer: Answer = {"reached": False}
    try:
        carry(exchange, Deadline(exchange["seconds"]), answer)
    # A name that can't be one of a site is a ValueError.
    except (OSError, ValueError):
        pass
    answer["milliseconds"] = round((time.monotonic() - began) * 1000)
    return answer


class Deadline:
    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds

    def bind(self, connection: socket.socket) -> None:
        """What it does next may take what is left."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)


def carry(exchange: Exchange, deadline: Deadline, answer: Answer) -> None:
    words = words_of(exchange)
    with connected(exchange["place"], deadline) as plain:
        if "site" not in exchange:
            answer["reached"] = True
            converse(plain, words, exchange["reads"], deadline, answer)
            return
        deadline.bind(plain)
        with client_context().wrap_socket(plain, server_hostname=exchange["site"]) as sealed:
            answer["reached"] = True
            certificate = sealed.getpeercert(binary_form=True)
            if certificate:
                answer["certificate"] = base64.b64encode(certificate).decode("ascii")
            converse(sealed, words, exchange["reads"], deadline, answer)


def words_of(exchange: Exchange) -> bytes:
    if "login" not in exchange:
        return exchange["sends"].encode()
    with open(exchange["login"], encoding="utf-8") as file:
        *_, login = [line for line in file.read().splitlines() if line and not line.startswith("#")] or [""]
    encoded = base64.b64encode(login.encode()).decode("ascii")
    return exchange["sends"].replace("{login}", encoded).encode()


def connected(place: str | tuple[str, int], deadline: Deadline) -> socket.socket:
    if isinstance(place, str):
        connection = socket.socket(socket.AF_UNIX)
        try:
            deadline.bind(connection)
            connection.connect(place)
        except OSError:
            connection.close()
            raise
        return connection
    host, port = place
    return socket.create_connection((host, port), timeout=max(deadline.at - time.monotonic(), 0.01))


@functools.cache
def client_context() -> ssl.SSLContext:
    """Who signed the certificate is looked at elsewhere, and nobody signs for an address."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def converse(connection: socket.socket, words: bytes, reads: str, deadline: Deadline, answer: Answer) -> None:
    """An answer that breaks off before its end has no text."""
    if words:
        deadline.bind(connection)
        connection.sendall(words)
    heard = bytearray()
    while reads != "nothing" and not (reads == "line" and b"\n" in heard):
        deadline.bind(connection)
        more = connection.recv(65536)
        if not more:
            break
        heard += more
        if len(heard) > LONGEST_ANSWER:
            return
    answer["text"] = heard.decode("utf-8", "replace")


main()
