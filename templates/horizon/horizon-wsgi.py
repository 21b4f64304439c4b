# Written by mcp from horizon/horizon-wsgi.py. Changes here are overwritten.
"""The dashboard as its package has it, with what its pages need loaded before the processes part.

Otherwise each process would load it with the first page it is asked for, seconds in which somebody waits: after every
restart as many people as there are processes. What was loaded before is also shared between them.

uwsgi.ini says where the package's own application is, and which page to load.
"""

import io
import os
import runpy
import sys
import traceback
from collections.abc import Callable
from typing import Any

Application = Callable[..., Any]


def load_policies(application: Application) -> None:
    """Who may do what, for every service: 300 kB of YAML, up to three seconds.

    Threads that ask while another still loads it would find services missing, and show less than somebody may see
    (openstack_auth/policy.py).
    """
    from openstack_auth import policy

    for enforcer in policy._get_enforcer().values():
        enforcer.load_rules()


def load_panels(application: Application) -> None:
    """Every panel's code is loaded with the addresses of its pages."""
    from django.urls import URLResolver, get_resolver

    waiting = [get_resolver()]
    while waiting:
        waiting += [each for each in waiting.pop().url_patterns if isinstance(each, URLResolver)]


def load_page(application: Application) -> None:
    """Templates, middleware and words. No connection stays open: Django closes them with the request."""
    page = application(request(), lambda status, headers, failure=None: None)
    try:
        for _ in page:
            pass
    finally:
        page.close()


def request() -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": os.environ["MCP_SIGN_IN_PATH"],
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "HTTP_X_FORWARDED_PROTO": "https",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


application: Application = runpy.run_path(os.environ["MCP_DASHBOARD"])["application"]
for load in (load_policies, load_panels, load_page):
    try:
        load(application)
    except Exception:
        # It only makes the first pages slow; whether the dashboard works is found out by asking it.
        traceback.print_exc()
