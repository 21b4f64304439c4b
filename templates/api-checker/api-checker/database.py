# Written by mcp from api-checker/api-checker/database.py. Changes here are overwritten.
"""Whether one API can use its database."""

import pymysql

from configuration import DatabaseLogin
from failures import describe

# Longer is of no use to a client who has two seconds.
DEADLINE_SECONDS = 1.0


class Database:
    """Asks the database with the API's own login, over one connection that stays open."""

    def __init__(self, login: DatabaseLogin, *, only_tls: bool) -> None:
        self.login = login
        self.only_tls = only_tls
        self.connection: pymysql.Connection | None = None

    def look(self) -> str | None:
        """The reason why it can't be used, None when it can. A connection that was cut is opened anew once."""
        was_open = self.connection is not None
        try:
            self.query()
            return None
        except (pymysql.MySQLError, OSError) as failure:
            self.close()
            if was_open and not is_timeout(failure):
                return self.look()
            return "its database can not be used: %s" % describe(failure)

    def query(self) -> None:
        if self.connection is None:
            self.connection = pymysql.connect(
                connect_timeout=DEADLINE_SECONDS,
                read_timeout=DEADLINE_SECONDS,
                write_timeout=DEADLINE_SECONDS,
                **self.login,
            )
            # PyMySQL goes on without where the server says that it has none, and so do the APIs.
            if self.only_tls and not self.connection._secure:
                raise OSError("it speaks no TLS")
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchall()

    def close(self) -> None:
        if self.connection is not None:
            self.connection._force_close()
        self.connection = None


def is_timeout(failure: Exception) -> bool:
    return "timed out" in str(failure)
