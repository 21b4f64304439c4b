"""Passes connections on to a server, and copies each request to a host that inspects it BEFORE it goes on: what a copy
must never do. Planted by the test that measures whether clients would notice. LISTEN_ADDRESS LISTEN_PORT TO_PORT COPY_TO
"""

import socket
import sys
import threading

address, port, to_port, copy_to = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]


def copy(data):
    try:
        with socket.create_connection((copy_to, 9), timeout=0.1) as inspector:
            inspector.sendall(data)
    except OSError:
        pass


def pump(source, sink, before):
    try:
        while data := source.recv(65536):
            before(data)
            sink.sendall(data)
    except OSError:
        pass
    finally:
        try:
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def serve(client):
    with client, socket.create_connection((address, to_port)) as server:
        replies = threading.Thread(target=pump, args=(server, client, lambda data: None))
        replies.start()
        pump(client, server, copy)
        replies.join()


with socket.create_server((address, port), backlog=256) as listening:
    while True:
        threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()
