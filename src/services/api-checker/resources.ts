import { inUrl } from '../../model/address.ts';
import type { Resource } from '../../model/resource.ts';
import type { Render } from '../../model/service.ts';
import type { Topology } from '../../model/topology.ts';
import {
  configFile,
  directory,
  installedPackages,
  programPaths,
  programResources,
  runningUnit,
} from '../../resources/index.ts';
import { databaseValues, identityValues } from '../../resources/openstack/index.ts';
import {
  type CheckerInstance,
  checkerAddress,
  type DeepListener,
  deepListenersOn,
  files,
  program,
  socketUnit,
  unit,
} from './names.ts';

export function resourcesFor(
  { host, settings, members }: CheckerInstance,
  topology: Topology,
  render: Render,
): readonly Resource[] {
  const rendered = (path: string, template: string, values: object) =>
    configFile({ path, template, content: render(template, values) });
  return [
    ...installedPackages('python3', 'python3-pymysql'),
    directory({ path: '/usr/lib/mcp' }),
    directory({ path: '/etc/mcp' }),
    ...programResources(program, render),
    configFile({
      path: files.config,
      // It holds the logins of all APIs.
      mode: '0600',
      comment: 'none',
      template: 'api-checker/api-checker.json.hbs',
      content: render('api-checker/api-checker.json.hbs', {
        port: settings.port,
        peers: members.filter(({ name }) => name !== host.name).map(checkerAddress),
        apis: deepListenersOn(host, topology).map(({ name, check, server }) => ({
          name,
          address: server.address,
          port: server.port,
          path: check.path,
          expect: check.expect,
          unit: check.unit,
          user: check.systemUser,
          database: databaseValues(check.databaseUser, topology),
          warmUp: warmUpValues({ name, check, server }, topology),
        })),
      }),
    }),
    rendered(files.service, `api-checker/${unit}.hbs`, { program: program.path, config: files.config }),
    rendered(files.socket, `api-checker/${socketUnit}.hbs`, {
      listen: `${inUrl(checkerAddress(host))}:${settings.port}`,
    }),
    runningUnit(socketUnit, { restartOn: [files.socket] }),
    runningUnit(unit, { restartOn: [...programPaths(program), files.config, files.service] }),
  ];
}

/** What fresh processes are asked, and with whose login; undefined where there is nothing to ask, or nobody who could. */
function warmUpValues({ check, server }: DeepListener, topology: Topology) {
  const { warmUp } = check;
  const user =
    warmUp?.kind === 'list' ? warmUp.user : topology.identities.find(({ kind }) => kind === 'service')?.user;
  if (warmUp === undefined || user === undefined) return undefined;
  const { internalUrl, authorities, ...login } = identityValues(user, topology);
  return {
    path: warmUp.kind === 'list' ? warmUp.path : '/v3/auth/tokens',
    atOnce: Math.min(mostAtOnce, 2 * (server.processes ?? 1)),
    // The identity service is warmed by making tokens on the host itself, the others by one of any host's.
    identity: warmUp.kind === 'list' ? internalUrl : `http://${inUrl(server.address)}:${server.port}/v3`,
    each: warmUp.kind === 'token',
    authorities,
    login: { user: login.user, password: login.password, project: login.project, domain: login.domain },
  };
}

/** Requests of a warm-up; twice as many as there are processes, so that none is missed for long. */
const mostAtOnce = 16;
