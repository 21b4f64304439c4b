#!/usr/bin/python3
# Written by mcp from host/served-here.py. Changes here are overwritten.
"""Asks what this host itself serves, whether or not a VIP is on it: a line for each question, its name and the HTTP
status of the answer, or `none`. Words: the configuration of who serves, which has to speak of the first address, and then
questions: name, http or https, address, port, name of the site, path.
"""

import socket
import ssl
import sys
import threading
from typing import NamedTuple

# Longer than any page takes that is well, and below what a look may take.
PATIENCE_SECONDS = 4.0


class Question(NamedTuple):
    name: str
    scheme: str
    address: str
    port: int
    site: str
    path: str


def main() -> None:
    configuration, *words = sys.argv[1:]
    questions = [question_in(word) for word in words]
    # One that was not told to answer here does not, and is no worse for it.
    if not questions or not speaks_of(configuration, questions[0].address):
        print("not-installed")
        return
    answers: dict[str, str] = {}
    threads = [threading.Thread(target=note, args=(answers, each), daemon=True) for each in questions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS + 1)
    for question in questions:
        print(question.name, answers.get(question.name, "none"))


def question_in(word: str) -> Question:
    name, scheme, address, port, site, path = word.split(" ")
    return Question(name, scheme, address, int(port), site, path)


def speaks_of(configuration: str, address: str) -> bool:
    try:
        with open(configuration, encoding="utf-8", errors="replace") as file:
            return address + ":" in file.read()
    except OSError:
        return False


def note(answers: dict[str, str], question: Question) -> None:
    try:
        answers[question.name] = status_of(question)
    except OSError:
        answers[question.name] = "none"


def status_of(question: Question) -> str:
    place = (question.address, question.port)
    with socket.create_connection(place, timeout=PATIENCE_SECONDS) as connection:
        if question.scheme == "http":
            return ask(connection, question)
        with CONTEXT.wrap_socket(connection, server_hostname=question.site) as sealed:
            return ask(sealed, question)


def ask(connection: socket.socket, question: Question) -> str:
    request = f"GET {question.path} HTTP/1.1\r\nHost: {question.site}\r\nConnection: close\r\n\r\n"
    connection.sendall(request.encode("ascii"))
    head = b""
    while b"\n" not in head and len(head) < 4096:
        more = connection.recv(4096)
        if not more:
            break
        head += more
    words = head.split(b"\n", 1)[0].split(b" ")
    return words[1].decode("ascii", "replace") if len(words) > 1 else "none"


def without_verification() -> ssl.SSLContext:
    """Who signed the certificate is looked at elsewhere, and nobody signs for an address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


CONTEXT = without_verification()

if __name__ == "__main__":
    main()
