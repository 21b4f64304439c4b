# Written by mcp from api-checker/api-checker/questions.py. Changes here are overwritten.
"""What an API is asked to warm it up."""

import http.client
import json
import ssl
import threading
import time
import urllib.parse

from configuration import Api, Wanted
from failures import describe

# Of one request of a warm-up. What takes longer loads on, and is asked again.
DEADLINE_SECONDS = 3.0


class Questions:
    """The requests of a warm-up, with a login of the cloud's own."""

    def __init__(self, api: Api, wanted: Wanted) -> None:
        self.wanted = wanted
        self.base = "http://%s:%d" % (in_url(api["address"]), api["port"])
        self.token: str | None = None
        # Of the latest answer that was none; a path that is not there would look like slowness otherwise.
        self.trouble = "slow"

    def ask_round(self) -> float:
        """Asks several times at once; seconds until the last answer, more than any deadline where one was no answer."""
        if self.token is None and not self.wanted["a_token_each"]:
            self.token = self.new_token()
        # One for the whole round: who finds it expired takes it away from the next round only.
        token = self.token
        began = time.monotonic()
        answers: list[bool] = []
        asking = [
            threading.Thread(target=lambda: answers.append(self.is_answered(token)), daemon=True)
            for _ in range(self.wanted["at_once"])
        ]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join(max(0.0, began + DEADLINE_SECONDS - time.monotonic()))
        is_whole = len(answers) == len(asking) and all(answers)
        return time.monotonic() - began if is_whole else DEADLINE_SECONDS

    def is_answered(self, token: str | None) -> bool:
        if self.wanted["a_token_each"]:
            token = self.new_token()
        if token is None:
            self.trouble = "no token"
            return False
        try:
            headers = {"X-Auth-Token": token, "X-Subject-Token": token}
            status, _ = self.request("GET", self.base + self.wanted["path"], headers)
            if status == 401:
                # It has expired since the last warm-up.
                self.token = None
            self.trouble = "slow" if status < 400 else "answers %d" % status
            return status < 400
        except (OSError, http.client.HTTPException) as failure:
            self.trouble = describe(failure)
            return False

    def new_token(self) -> str | None:
        login = self.wanted["login"]
        domain = {"name": login["domain"]}
        user = {"name": login["user"], "domain": domain, "password": login["password"]}
        identity = {"methods": ["password"], "password": {"user": user}}
        scope = {"project": {"name": login["project"], "domain": domain}}
        body = json.dumps({"auth": {"identity": identity, "scope": scope}})
        headers = {"Content-Type": "application/json"}
        try:
            return self.request("POST", self.wanted["identity"] + "/auth/tokens", headers, body)[1]
        except (OSError, http.client.HTTPException):
            return None

    def request(
        self, method: str, url: str, headers: dict[str, str], body: str | None = None
    ) -> tuple[int, str | None]:
        """Status of the answer, and the token that it brought."""
        place = urllib.parse.urlsplit(url)
        connection = self.connection_to(place)
        try:
            path = place.path + ("?" + place.query if place.query else "")
            connection.request(method, path, body, dict(headers, Connection="close"))
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.getheader("X-Subject-Token")
        finally:
            connection.close()

    def connection_to(self, place: urllib.parse.SplitResult) -> http.client.HTTPConnection:
        host = place.hostname or ""
        if place.scheme == "https":
            # Read anew: the authority may change while this runs.
            trust = ssl.create_default_context(cafile=self.wanted["authorities"])
            # As the services themselves: they take authorities that Python 3.13 alone finds too loosely made.
            trust.verify_flags &= ~ssl.VERIFY_X509_STRICT
            return http.client.HTTPSConnection(host, place.port, timeout=DEADLINE_SECONDS, context=trust)
        return http.client.HTTPConnection(host, place.port, timeout=DEADLINE_SECONDS)


def in_url(address: str) -> str:
    return "[%s]" % address if ":" in address else address
