#!/usr/bin/python3
# Written by mcp from neutron/forget-host.py. Changes here are overwritten.
"""forget-host CONFIGURATION HOST: deletes Neutron's records of agents on a host that has left the cloud, through its API.

The service's own login stands in its configuration; nothing secret is in an argument. What is not there is no mistake, so
that it may be run again.
"""
import configparser
import json
import ssl
import sys
import urllib.parse
import urllib.request
from typing import Any

DEADLINE_SECONDS = 20


def main(configuration: str, host: str) -> None:
    parser = configparser.RawConfigParser(strict=False)
    with open(configuration, encoding="utf-8") as file:
        parser.read_file(file)
    cloud = Cloud(dict(parser["keystone_authtoken"]))
    agents = f"{cloud.endpoint('network').rstrip('/')}/v2.0/agents"
    for agent in cloud.ask("GET", f"{agents}?{urllib.parse.urlencode({'host': host})}")["agents"]:
        if agent["host"] == host:
            cloud.ask("DELETE", f"{agents}/{agent['id']}")
            print(f"forgot {agent['binary']} on {host}")


class Cloud:
    """The cloud as the service itself sees it, with a token of its own."""

    def __init__(self, login: dict[str, str]) -> None:
        self.trusted = ssl.create_default_context(cafile=login.get("cafile"))
        # As the services themselves: they take authorities that Python 3.13 alone finds too loosely made.
        self.trusted.verify_flags &= ~ssl.VERIFY_X509_STRICT
        self.region = login.get("region_name")
        self.token = ""
        self.catalogue: list[dict[str, Any]] = []
        answer, headers = self.exchange("POST", login["auth_url"].rstrip("/") + self.version(login), body=self.wish(login))
        self.token = headers["X-Subject-Token"]
        self.catalogue = answer["token"]["catalog"]

    @staticmethod
    def version(login: dict[str, str]) -> str:
        return "/auth/tokens" if login["auth_url"].rstrip("/").endswith("/v3") else "/v3/auth/tokens"

    @staticmethod
    def wish(login: dict[str, str]) -> dict[str, Any]:
        user = {
            "name": login["username"],
            "domain": {"name": login["user_domain_name"]},
            "password": login["password"],
        }
        project = {"name": login["project_name"], "domain": {"name": login["project_domain_name"]}}
        return {
            "auth": {
                "identity": {"methods": ["password"], "password": {"user": user}},
                "scope": {"project": project},
            }
        }

    def endpoint(self, kind: str) -> str:
        for service in self.catalogue:
            for endpoint in service["endpoints"]:
                here = self.region in (None, endpoint["region"])
                if service["type"] == kind and endpoint["interface"] == "internal" and here:
                    return str(endpoint["url"])
        raise SystemExit(f"the catalogue has no internal endpoint of {kind}")

    def ask(self, method: str, url: str) -> Any:
        return self.exchange(method, url, {"X-Auth-Token": self.token})[0]

    def exchange(
        self, method: str, url: str, headers: dict[str, str] | None = None, body: dict[str, Any] | None = None
    ) -> tuple[Any, Any]:
        request = urllib.request.Request(
            url,
            method=method,
            headers={"Content-Type": "application/json", **(headers or {})},
            data=None if body is None else json.dumps(body).encode(),
        )
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE_SECONDS, context=self.trusted) as answer:
                text = answer.read()
                return (json.loads(text) if text else None), answer.headers
        except OSError as failure:
            # Somebody else may have been quicker.
            if method == "DELETE" and getattr(failure, "code", None) == 404:
                return None, {}
            raise SystemExit(f"{method} {urllib.parse.urlsplit(url).path} failed: {failure}") from None


if __name__ == "__main__":
    main(*sys.argv[1:3])
