"""What TLS a port speaks, by hellos written by hand: the libraries of today refuse to offer what must be refused. AUTHORITY NAME ADDRESS:PORT…

Prints JSON: for each place the versions that a client which checks certificates gets through with, and the cipher suites that
the server agrees to in each version, SSL 3 to TLS 1.3, as the four digits that IANA gave them.
"""

import json
import os
import socket
import ssl
import struct
import sys

PATIENCE_SECONDS = 10.0
VERSIONS = {"SSLv3": 0x0300, "TLSv1": 0x0301, "TLSv1.1": 0x0302, "TLSv1.2": 0x0303, "TLSv1.3": 0x0304}
# All of RFC 2246 to 8998 that ask for no draft: without encryption, anonymous, for export, RC4, DES, CBC, pre-shared, and sound.
SUITES = [*range(0x0001, 0x00C8), *range(0xC001, 0xC0B8), *range(0xCCA8, 0xCCAF)]
SUITES_OF_13 = [*range(0x1301, 0x1306)]
# Signalling values among them, which are no suites.
NO_SUITES = {0x00C6, 0x00C7, 0x00FF}

HANDSHAKE, ALERT = 22, 21
CLIENT_HELLO, SERVER_HELLO = 1, 2


def suites_agreed(place: tuple[str, int], name: str, version: int) -> list[int]:
    """Whatever the server chooses is not offered again, until it chooses nothing."""
    left = [each for each in (SUITES_OF_13 if version == 0x0304 else SUITES) if each not in NO_SUITES]
    agreed: list[int] = []
    while left and (chosen := answer(place, client_hello(name, version, left), version)) is not None:
        left.remove(chosen)
        agreed.append(chosen)
    return sorted(agreed)


def answer(place: tuple[str, int], hello: bytes, version: int) -> int | None:
    """The suite that the server chooses in this version; None where it turns the client away. Silence is an error."""
    with socket.create_connection(place, PATIENCE_SECONDS) as wire:
        wire.sendall(hello)
        try:
            kind, _, length = struct.unpack("!BHH", exactly(wire, 5))
            said = exactly(wire, length)
        except (ConnectionError, EOFError):
            return None
    if kind == ALERT:
        return None
    if kind != HANDSHAKE or said[0] != SERVER_HELLO:
        raise ValueError(f"{place} answers a hello with {said[:8].hex()}")
    spoken, suite = chosen_in(said[4:])
    return suite if spoken == version else None


def exactly(wire: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        more = wire.recv(length - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def chosen_in(hello: bytes) -> tuple[int, int]:
    """Version and suite of a ServerHello (RFC 8446, 4.1.3): TLS 1.3 hides its version in an extension."""
    (version,) = struct.unpack_from("!H", hello)
    at = 35 + hello[34]
    (suite,) = struct.unpack_from("!H", hello, at)
    at += 5
    while at + 4 <= len(hello):
        kind, length = struct.unpack_from("!HH", hello, at)
        if kind == 43:
            (version,) = struct.unpack_from("!H", hello, at + 4)
        at += 4 + length
    return version, suite


def client_hello(name: str, version: int, suites: list[int]) -> bytes:
    offered = struct.pack(f"!{len(suites)}H", *suites)
    body = struct.pack("!H", min(version, 0x0303)) + os.urandom(32) + vector(os.urandom(32), 1)
    body += vector(offered, 2) + vector(b"\0", 1)
    # SSL 3 knows no extensions.
    if version > 0x0300:
        body += vector(extensions(name, version), 2)
    message = bytes([CLIENT_HELLO]) + vector(body, 3)
    return struct.pack("!BH", HANDSHAKE, min(version, 0x0301)) + vector(message, 2)


def extensions(name: str, version: int) -> bytes:
    # X25519, the curves and the groups of RFC 7919; what RSA, ECDSA and EdDSA sign with, SHA-1 too.
    groups = struct.pack("!6H", 0x001D, 0x0017, 0x0018, 0x0019, 0x0100, 0x0101)
    algorithms = struct.pack(
        "!13H",
        *(0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0403, 0x0503, 0x0603),
        *(0x0807, 0x0201, 0x0203, 0x0202),
    )
    parts = [
        (0, vector(b"\0" + vector(name.encode(), 2), 2)),
        (10, vector(groups, 2)),
        (11, vector(b"\0", 1)),
        (13, vector(algorithms, 2)),
    ]
    if version == 0x0304:
        # Any 32 bytes are a key of X25519.
        parts += [(43, vector(struct.pack("!H", version), 1)), (51, vector(struct.pack("!H", 0x001D) + vector(os.urandom(32), 2), 2))]
    return b"".join(struct.pack("!H", kind) + vector(data, 2) for kind, data in parts)


def vector(data: bytes, bytes_of_length: int) -> bytes:
    return len(data).to_bytes(bytes_of_length, "big") + data


def versions_verified(place: tuple[str, int], name: str, authority: str) -> list[str]:
    """The versions in which a handshake comes to its end, with the certificate checked."""
    verified = []
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = ssl.create_default_context(cafile=authority)
        context.minimum_version = context.maximum_version = version
        with socket.create_connection(place, PATIENCE_SECONDS) as wire:
            with context.wrap_socket(wire, server_hostname=name) as talk:
                verified.append(str(talk.version()))
    return verified


def spoken_at(place: tuple[str, int], name: str, authority: str) -> dict[str, object]:
    agreed = {title: suites_agreed(place, name, version) for title, version in VERSIONS.items()}
    return {
        "verified": versions_verified(place, name, authority),
        "agreed": {title: [f"{suite:04X}" for suite in suites] for title, suites in agreed.items()},
    }


if __name__ == "__main__":
    trusted, host_name, *places = sys.argv[1:]
    split = {place: place.rsplit(":", 1) for place in places}
    print(json.dumps({place: spoken_at((to, int(port)), host_name, trusted) for place, (to, port) in split.items()}))
