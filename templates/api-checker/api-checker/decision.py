# Written by mcp from api-checker/api-checker/decision.py. Changes here are overwritten.
"""What the load balancers are told of one API."""

from collections.abc import Sequence

from finding import Finding

# Another host's API counts as well while it was found so within this.
FRESH_SECONDS = 2.0
WELL = "well"


def decide(
    finding: Finding, peers: Sequence[float | None], now: float, waits: str | None = None
) -> tuple[bool, str]:
    """Whether the load balancers may send to this API, and what to tell them.

    `peers` holds, for each other host, when that host's API was last well if it is well now, on this host's clock;
    `waits` says why one that is well should not be sent to yet.
    Nobody leaves unless another was well after this one became unwell. However they fail, one by one or all at one
    instant, the last of them finds nobody, so at least one always stays.
    """
    reason = finding.reason(now) or waits
    if reason is None:
        return True, WELL if finding.is_fresh(now) else "nobody has looked lately"
    if not finding.listens:
        return False, reason
    others = [at for at in peers if at is not None and at > finding.since() and now - at < FRESH_SECONDS]
    if others:
        return False, reason
    return True, "%s; kept, since it is well nowhere else" % reason
