#!/usr/bin/python3
# Written by mcp from keystone/keystone-credentials.py. Changes here are overwritten.
"""keystone-credentials: encrypts every credential with the key that is the primary one of this host now.

`keystone-manage credential_migrate` writes back what it has read, and undoes what a user has changed in between. Here each
credential is replaced only where it still is what was read. It may be killed anywhere and run again: what is done stays
done, and what was encrypted with either key can be read all the time, since hosts have both.
"""
import sys
import time
from typing import TypedDict

import keystone.conf
from keystone import exception
from keystone.common import sql
from keystone.credential.backends.sql import CredentialModel
from keystone.credential.providers import fernet
from keystone.server import backends
from oslo_db import api as oslo_db_api

# Rounds until nothing is left to do: users go on writing meanwhile, but by now with the new key.
ROUNDS = 5
# Seconds in which whoever has read a credential before it was renewed has put it into the cache.
READING = 2
# A member of Galera that commits second is told of a deadlock.
RETRIED = oslo_db_api.wrap_db_retry(
    max_retries=10, retry_interval=0.1, inc_retry_interval=True, retry_on_deadlock=True
)


class Row(TypedDict):
    id: str
    user_id: str
    type: str
    key_hash: str | None
    blob: str


def main() -> None:
    connect()
    renew_all()


def connect() -> None:
    keystone.conf.configure()
    sql.initialize()
    keystone.conf.set_default_for_default_log_levels()
    keystone.conf.CONF(args=[], project='keystone', default_config_files=['/etc/keystone/keystone.conf'])
    keystone.conf.setup_logging()


def renew_all() -> None:
    drivers = backends.load_backends()
    provider = drivers['credential_provider_api']
    lost: set[str] = set()
    renewed = 0
    for _ in range(ROUNDS):
        due = [row for row in rows() if row['key_hash'] != primary() and row['id'] not in lost]
        if not due:
            break
        for row in due:
            try:
                secret = provider.decrypt(row['blob'])
            except exception.CredentialEncryptionError:
                lost.add(row['id'])
                continue
            renewed += renew(row, *provider.encrypt(secret))
    else:
        sys.exit('credentials are still being encrypted with another key: not every host has the new one')
    for credential in sorted(lost):
        # No key of this host goes before its turn: this one was lost before.
        print(f'credential {credential} is encrypted with a key that nobody has')
    # What others have in their cache was read with the former key, whoever has renewed it.
    if renewed > 0:
        time.sleep(READING)
    forget(drivers['credential_api'])
    print(f'{renewed} credentials were encrypted anew')


def primary() -> str:
    _, keys = fernet.get_multi_fernet_keys()
    name: str = fernet.primary_key_hash(keys)
    return name


def rows() -> list[Row]:
    found: list[Row] = RETRIED(read)()
    return found


def read() -> list[Row]:
    with sql.session_for_read() as session:
        found = session.query(CredentialModel).all()
        return [
            Row(id=row.id, user_id=row.user_id, type=row.type, key_hash=row.key_hash, blob=row.encrypted_blob)
            for row in found
        ]


def renew(row: Row, blob: bytes, key_hash: str) -> int:
    """How many it has replaced: none where it has changed, or is gone."""
    replaced: int = RETRIED(replace)(row, blob, key_hash)
    return replaced


def replace(row: Row, blob: bytes, key_hash: str) -> int:
    with sql.session_for_write() as session:
        same = session.query(CredentialModel).filter(
            CredentialModel.id == row['id'], CredentialModel._encrypted_blob == row['blob']
        )
        replaced: int = same.update(
            {'_encrypted_blob': blob.decode(), 'key_hash': key_hash}, synchronize_session=False
        )
        return replaced


def forget(manager: backends.credential.Manager) -> None:
    """Caches hold credentials as they were encrypted, for ten minutes."""
    for row in rows():
        manager._get_credential.invalidate(manager, row['id'])
        for kind in (row['type'], None):
            manager._list_credentials_for_user.invalidate(manager, row['user_id'], kind)


if __name__ == '__main__':
    main()
