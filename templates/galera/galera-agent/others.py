# Written by mcp from galera/galera-agent/others.py. Changes here are overwritten.
"""The other members, as their agents say."""

import http.client
import time
import urllib.parse

DEADLINE_SECONDS = 0.5
# What somebody said longer ago does not count.
FRESH_SECONDS = 3.0


class Others:
    """Whether any of the other members could take the writes."""

    def __init__(self, urls: list[str]) -> None:
        self.urls = urls
        self.fit_at: float | None = None

    def ask(self) -> None:
        """One after the other, until one is fit."""
        for url in self.urls:
            if is_fit(url):
                self.fit_at = time.monotonic()
                return

    def are_fit(self) -> bool:
        return self.fit_at is not None and time.monotonic() - self.fit_at < FRESH_SECONDS


def is_fit(url: str) -> bool:
    place = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=DEADLINE_SECONDS)
    try:
        connection.request("GET", place.path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
