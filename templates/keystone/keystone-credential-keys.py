#!/usr/bin/python3
# Written by mcp from keystone/keystone-credential-keys.py. Changes here are overwritten.
"""keystone-credential-keys HASH...: fails where a credential is encrypted with one of these keys, which are about to go.

It asks the database without Keystone's code, which takes long to start on a busy host, and whoever waits has a deadline.
"""
import sys

import sqlalchemy
import sqlalchemy.exc
from oslo_config import cfg


def main(hashes: list[str]) -> None:
    query = sqlalchemy.text('SELECT key_hash, COUNT(*) FROM credential GROUP BY key_hash')
    engine = sqlalchemy.create_engine(database())
    try:
        with engine.connect() as connection:
            needing = sum(count for key_hash, count in connection.execute(query) if key_hash in hashes)
    except sqlalchemy.exc.DBAPIError as failure:
        sys.exit(f'nobody can tell whether credentials need keys that are about to go: the database says {failure.orig}')
    if needing > 0:
        sys.exit(
            f'credentials that nobody could read any more, since their key is not among the new ones: {needing}; '
            'go on with the secrets file that was deployed last'
        )


def database() -> str:
    config = cfg.ConfigOpts()
    config.register_opt(cfg.StrOpt('connection', secret=True), group='database')
    config([], project='keystone', default_config_files=['/etc/keystone/keystone.conf'])
    url: str = config.database.connection
    return url


if __name__ == '__main__':
    main(sys.argv[1:])
