#!/usr/bin/python3
# Written by mcp from keystone/keystone-catalogue.py. Changes here are overwritten.
"""keystone-catalogue FILE: makes the users, roles, services and endpoints that FILE names, and corrects those that differ; or
deletes the users that it calls former, which services logged in with before.

It works on Keystone's own managers and not through its API: no token and no running API is needed, no password is ever
in an argument or in the environment, and all of it takes one start of Python. What FILE does not name stays as it is.
"""
import json
import sys
import uuid
from typing import Literal, NotRequired, TypedDict

import keystone.conf
from keystone import exception
from keystone.cmd import bootstrap
from keystone.common import driver_hints, provider_api, sql

APIS = provider_api.ProviderAPIs
# What tells the operator's own services from those that somebody else has made.
OWN = 'mcp_own'


class User(TypedDict):
    kind: Literal['administrator', 'service']
    name: str
    password: str


class Service(TypedDict):
    """`endpoints`: URL by interface. `own`: of the operator's own, and taken out of the catalogue when it is not named."""

    name: str
    type: str
    description: str
    endpoints: dict[str, str]
    own: NotRequired[bool]


class Catalogue(TypedDict):
    region: str
    service_project: str
    administrator_project: str
    users: list[User]
    services: list[Service]


def main(path: str) -> None:
    with open(path, encoding='utf-8') as file:
        wanted = json.load(file)
    former: list[str] | None = wanted.get('former_users')
    connect()
    if former is None:
        make(wanted)
    else:
        forget(former, wanted['service_project'])


def connect() -> None:
    keystone.conf.configure()
    sql.initialize()
    keystone.conf.set_default_for_default_log_levels()
    keystone.conf.CONF(args=[], project='keystone', default_config_files=['/etc/keystone/keystone.conf'])
    keystone.conf.setup_logging()


def make(wanted: Catalogue) -> None:
    cloud = start_of_the_cloud(wanted)
    cloud.bootstrap()
    project = service_project(wanted['service_project'], cloud.default_domain_id)
    # The role by which a service's own token is told from a user's.
    roles = [cloud.admin_role_id, cloud._ensure_role_exists('service')['id']]
    for user in wanted['users']:
        if user['kind'] == 'service':
            grant(service_user(user, cloud.default_domain_id), project, roles)
    for service in wanted['services']:
        offer(service, wanted['region'])
    # The first of two runs with the same program makes the users alone.
    if wanted['services']:
        withdraw([(service['type'], service['name']) for service in wanted['services']])


def forget(names: list[str], project: str) -> None:
    """Their tokens are worth nothing from then on."""
    # It is what sets the managers up; the domain it knows only once it has made it.
    bootstrap.Bootstrapper()
    domain: str = keystone.conf.CONF.identity.default_domain_id
    for name in names:
        try:
            user = APIS.identity_api.get_user_by_name(name, domain)
        except exception.UserNotFound:
            continue
        if serves(user['id'], project, domain):
            APIS.identity_api.delete_user(user['id'])


def serves(user: str, project: str, domain: str) -> bool:
    """Whether it is a service's: a user of that name that somebody else has made is left alone."""
    try:
        services: str = APIS.resource_api.get_project_by_name(project, domain)['id']
        return bool(APIS.assignment_api.get_roles_for_user_and_project(user, services))
    except exception.NotFound:
        return False


def start_of_the_cloud(wanted: Catalogue) -> bootstrap.Bootstrapper:
    """What `keystone-manage bootstrap` does: domain, administrator, the standing roles, the region."""
    administrator = next(user for user in wanted['users'] if user['kind'] == 'administrator')
    cloud = bootstrap.Bootstrapper()
    cloud.admin_username = administrator['name']
    cloud.admin_password = administrator['password']
    cloud.project_name = wanted['administrator_project']
    cloud.admin_role_name = 'admin'
    cloud.region_id = wanted['region']
    cloud.immutable_roles = True
    return cloud


def service_project(name: str, domain: str) -> str:
    try:
        known: str = APIS.resource_api.get_project_by_name(name, domain)['id']
        return known
    except exception.ProjectNotFound:
        project = uuid.uuid4().hex
        APIS.resource_api.create_project(project, {
            'id': project, 'name': name, 'domain_id': domain, 'enabled': True,
            'description': 'The users of the services themselves',
        })
        return project


def service_user(wanted: User, domain: str) -> str:
    try:
        user: str = APIS.identity_api.get_user_by_name(wanted['name'], domain)['id']
    except exception.UserNotFound:
        user = APIS.identity_api.create_user({
            'name': wanted['name'], 'password': wanted['password'], 'domain_id': domain, 'enabled': True,
        })['id']
        return user
    try:
        APIS.identity_api.driver.authenticate(user, wanted['password'])
    except AssertionError:
        APIS.identity_api.update_user(user, {'password': wanted['password']})
    return user


def grant(user: str, project: str, roles: list[str]) -> None:
    for role in roles:
        try:
            APIS.assignment_api.add_role_to_user_and_project(user, project, role)
        except exception.Conflict:
            pass


def offer(wanted: Service, region: str) -> None:
    services = APIS.catalog_api.list_services(filtered(type=wanted['type']))
    service = next((one for one in services if one.get('name') == wanted['name']), None)
    if service is None:
        service = {'id': uuid.uuid4().hex, 'type': wanted['type'], 'name': wanted['name'], 'enabled': True,
                   'description': wanted['description']}
        if wanted.get('own'):
            service[OWN] = True
        APIS.catalog_api.create_service(service['id'], service)
    there = APIS.catalog_api.list_endpoints(filtered(service_id=service['id'], region_id=region))
    for interface, url in wanted['endpoints'].items():
        endpoint = next((one for one in there if one['interface'] == interface), None)
        if endpoint is None:
            endpoint = {'id': uuid.uuid4().hex, 'interface': interface, 'url': url, 'service_id': service['id'],
                        'region_id': region, 'enabled': True}
            APIS.catalog_api.create_endpoint(endpoint['id'], endpoint)
        elif endpoint['url'] != url:
            APIS.catalog_api.update_endpoint(endpoint['id'], dict(endpoint, url=url))


def withdraw(named: list[tuple[str, str]]) -> None:
    """Takes out what earlier runs have offered for the operator; their endpoints go with them."""
    for service in APIS.catalog_api.list_services(driver_hints.Hints()):
        if service.get(OWN) and (service['type'], service.get('name')) not in named:
            APIS.catalog_api.delete_service(service['id'])


def filtered(**wanted: str) -> driver_hints.Hints:
    hints = driver_hints.Hints()
    for name, value in wanted.items():
        hints.add_filter(name, value)
    return hints


if __name__ == '__main__':
    main(sys.argv[1])
