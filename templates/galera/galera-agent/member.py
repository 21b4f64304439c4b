# Written by mcp from galera/galera-agent/member.py. Changes here are overwritten.
"""What the server on this host says of itself, over one connection that stays open."""

from typing import NamedTuple

import pymysql

from left import has_left

SERVER_SOCKET = "/run/mysqld/mysqld.sock"
USER = "mcp-galera-agent"
# A server that is frozen for longer than this is asked again over a new connection.
REPLY_SECONDS = 60

STATUS = (
    "SHOW GLOBAL STATUS WHERE Variable_name IN"
    " ('wsrep_ready', 'wsrep_connected', 'wsrep_cluster_status', 'wsrep_cluster_size', 'wsrep_local_state',"
    " 'wsrep_local_state_comment')"
)
VARIABLES = (
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN"
    " ('wsrep_reject_queries', 'wsrep_sst_method', 'wsrep_cluster_address', 'read_only')"
)

SYNCED = "4"
DONOR = "2"


def why_not(state: dict[str, str]) -> str | None:
    """What keeps a member in this state from taking writes; None when nothing does."""
    if state.get("wsrep_cluster_status") != "Primary":
        return "component is %s" % state.get("wsrep_cluster_status", "unknown")
    if state.get("wsrep_ready") != "ON":
        return "not ready"
    # mariadb-backup does not block the donor. Refusing it would move the writer whenever it helps another member.
    donor_is_usable = state.get("wsrep_sst_method") == "mariabackup"
    usable = (SYNCED, DONOR) if donor_is_usable else (SYNCED,)
    if state.get("wsrep_local_state") not in usable:
        return "state is %s" % state.get("wsrep_local_state_comment", "unknown")
    if state.get("wsrep_reject_queries") != "NONE":
        return "rejects queries"
    if state.get("read_only") == "ON":
        return "read only"
    return None


class Said(NamedTuple):
    """Why this member can't take writes, None where it can; how many members its component has; and whether it is in none
    and will never be."""

    reason: str | None
    members: str
    has_left: bool = False


def ask(connection: pymysql.Connection | None) -> tuple[pymysql.Connection | None, Said]:
    """One exchange; a connection that was lost, by a restart of the server, is opened anew once."""
    was_open = connection is not None
    try:
        connection = connection or connect()
        state = state_of(connection)
        return connection, Said(why_not(state), state.get("wsrep_cluster_size", ""), has_left(state))
    except (pymysql.MySQLError, OSError) as failure:
        close(connection)
        if was_open:
            return ask(None)
        return None, Said("the server does not answer: %s" % describe(failure), "")


def connect() -> pymysql.Connection:
    return pymysql.connect(
        unix_socket=SERVER_SOCKET,
        user=USER,
        connect_timeout=REPLY_SECONDS,
        read_timeout=REPLY_SECONDS,
        write_timeout=REPLY_SECONDS,
        autocommit=None,
    )


def state_of(connection: pymysql.Connection) -> dict[str, str]:
    state: dict[str, str] = {}
    with connection.cursor() as cursor:
        for question in (STATUS, VARIABLES):
            cursor.execute(question)
            state.update(cursor.fetchall())
    return state


def close(connection: pymysql.Connection | None) -> None:
    if connection is None:
        return
    try:
        connection.close()
    except (pymysql.MySQLError, OSError):
        pass


def describe(failure: Exception) -> str:
    return " ".join(str(part) for part in failure.args).splitlines()[0] if failure.args else "no reason given"
