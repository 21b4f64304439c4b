import { administratorProject, serviceProject } from '../../model/identity.ts';
import type { Resource } from '../../model/resource.ts';
import { loginName, otherLoginName, secretOf } from '../../model/secret.ts';
import type { Render } from '../../model/service.ts';
import type { Topology } from '../../model/topology.ts';
import { configFile, directory, installedPackages, runningUnit, task } from '../../resources/index.ts';
import {
  apiDropIn,
  brokerValues,
  cacheServers,
  databaseValues,
  dropInOf,
  endpointOf,
  secretFile,
  threadLocks,
  uwsgiArguments,
} from '../../resources/openstack/index.ts';
import {
  credentialKeys,
  databaseUser,
  fernetKeys,
  files,
  type KeystoneInstance,
  keyDirectories,
  primaryFile,
  serviceName,
  systemUser,
  unit,
} from './names.ts';

export function resourcesFor(
  instance: KeystoneInstance,
  topology: Topology,
  render: Render,
): readonly Resource[] {
  const { host, settings } = instance;
  const locks = threadLocks(serviceName, render);
  const launcher = uwsgiArguments(
    {
      path: files.arguments,
      ini: '/etc/keystone/keystone-uwsgi.ini',
      firstReads: locks.path,
      ...settings,
    },
    host,
    render,
  );
  return [
    ...installedPackages('keystone', 'python3-memcache'),
    secretFile({
      path: files.config,
      group: systemUser,
      template: 'keystone/keystone.conf.hbs',
      content: render('keystone/keystone.conf.hbs', {
        settings,
        database: databaseValues(databaseUser, topology),
        broker: brokerValues(host, topology),
        caches: cacheServers(topology),
        maxActiveKeys: fernetKeys.length,
        tokenSeconds: settings.tokenMinutes * 60,
      }),
    }),
    locks,
    launcher,
    ...apiDropIn(unit, render),
    ...keyResources(topology, render),
    ...credentialsResources(instance, render),
    ...catalogueResources(instance, topology, render),
    runningUnit(unit, { restartOn: [files.config, locks.path, launcher.path, dropInOf(unit)] }),
  ];
}

/** Keystone reads its keys again each time that it needs one, so a rotation restarts nothing. */
function keyResources({ secrets }: Topology, render: Render): readonly Resource[] {
  const own = { owner: systemUser, group: systemUser } as const;
  const repository = (path: string, keys: typeof fernetKeys | typeof credentialKeys) => [
    directory({ path, mode: '0700', ...own }),
    ...keys.map(({ file, secret }) =>
      configFile({
        ...own,
        path: `${path}/${file}`,
        mode: '0600',
        comment: 'none',
        template: 'keystone/fernet.key.hbs',
        content: render('keystone/fernet.key.hbs', { key: secretOf(secrets, secret) }),
      }),
    ),
  ];
  return [
    ...repository(keyDirectories.fernet, fernetKeys),
    ...repository(keyDirectories.credential, credentialKeys),
  ];
}

/**
 * Every host can ask which keys are in use. The first encrypts all credentials with the primary key: once every host has it,
 * since what a host encrypts with the former meanwhile has to be found, too.
 */
function credentialsResources({ host, members }: KeystoneInstance, render: Render): readonly Resource[] {
  const program = (path: string, template: string) =>
    configFile({ path, template, mode: '0755', content: render(template, {}) });
  return [
    directory({ path: '/usr/lib/mcp' }),
    program(files.credentialKeysProgram, 'keystone/keystone-credential-keys.py'),
    ...(host.name === members[0]?.name
      ? [program(files.credentialsProgram, 'keystone/keystone-credentials.py'), renewal]
      : []),
  ];
}

/** While it is due no rotation is let through: the key that would go may still be needed. */
const renewal = task({
  name: 'keystone-credentials',
  title: 'encrypt all credentials with the new key',
  script: `runuser -u ${systemUser} -- ${files.credentialsProgram}`,
  readsFiles: [`${keyDirectories.credential}/${primaryFile}`],
  when: 'at-last',
});

/** Users, projects, roles, services and endpoints: made from the first host, for all. */
function catalogueResources(
  { host, members }: KeystoneInstance,
  topology: Topology,
  render: Render,
): readonly Resource[] {
  if (host.name !== members[0]?.name) return [];
  const values = catalogueValues(topology);
  const json = (path: string, template: string, shown: object) =>
    configFile({
      ...{ path, template, mode: '0640', group: systemUser, comment: 'none' },
      content: render(template, shown),
    });
  return [
    configFile({
      path: files.catalogueProgram,
      mode: '0755',
      template: 'keystone/keystone-catalogue.py',
      content: render('keystone/keystone-catalogue.py', {}),
    }),
    json(files.users, 'keystone/catalogue.json.hbs', { ...values, services: [] }),
    task({
      name: 'keystone-users',
      title: "make the users of the cloud's services",
      script: programOn(files.users),
      readsFiles: [files.users],
      when: 'after-units',
      admits: true,
    }),
    json(files.catalogue, 'keystone/catalogue.json.hbs', values),
    task({
      name: 'keystone-catalogue',
      title: "make the users, roles and endpoints of the cloud's services",
      script: programOn(files.catalogue),
      readsFiles: [files.catalogueProgram, files.catalogue],
      when: 'after-units',
    }),
    json(files.formerUsers, 'keystone/former-users.json.hbs', {
      serviceProject,
      users: formerUsers(topology),
    }),
    task({
      name: 'keystone-former-users',
      title: 'delete the users of services that had their turn',
      script: programOn(files.formerUsers),
      readsFiles: [files.formerUsers],
      when: 'at-last',
    }),
  ];
}

const programOn = (file: string): string => `runuser -u ${systemUser} -- ${files.catalogueProgram} ${file}`;

/** The other name of each service's login; the administrator has one. */
const formerUsers = ({ identities, secrets }: Topology): readonly string[] =>
  identities
    .filter(({ kind }) => kind === 'service')
    .map(({ user, secret }) => otherLoginName(user, secretOf(secrets, secret)));

function catalogueValues(topology: Topology): object {
  const { identities, secrets, region } = topology;
  return {
    region,
    serviceProject,
    administratorProject,
    users: identities.map(({ kind, user, secret }) => {
      const password = secretOf(secrets, secret);
      return { kind, user: loginName(user, password), password };
    }),
    services: [
      ...identities.flatMap(({ catalogue }) => catalogue).map((entry) => ({ ...entry, own: false })),
      ...(topology.catalogue ?? []).map((entry) => ({ ...entry, own: true })),
    ].map((entry) => ({
      own: entry.own,
      name: entry.name,
      type: entry.type,
      description: entry.description,
      publicUrl: endpointOf(entry, 'public', topology),
      internalUrl: endpointOf(entry, 'internal', topology),
    })),
  };
}
