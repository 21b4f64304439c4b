# Written by mcp from api-checker/api-checker/maintenance.py. Changes here are overwritten.
"""Whether this host is in maintenance."""

import os

# On disk: whoever took the host out is heard after a power cycle, too.
MARK = "/var/lib/mcp/maintenance/apis"


def why_at_rest() -> str | None:
    """Why clients should not be sent to any API of this host, None where they may be."""
    return "maintenance" if os.path.lexists(MARK) else None
