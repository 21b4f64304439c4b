import { inUrl } from '../../model/address.ts';
import type { Resource } from '../../model/resource.ts';
import type { Render } from '../../model/service.ts';
import type { Topology } from '../../model/topology.ts';
import { configFile, directory, installedPackages, runningUnit } from '../../resources/index.ts';
import { databaseValues } from '../../resources/openstack/index.ts';
import { type CheckerInstance, checkerAddress, deepListenersOn, files, socketUnit, unit } from './names.ts';

export function resourcesFor(
  { host, settings, members }: CheckerInstance,
  topology: Topology,
  render: Render,
): readonly Resource[] {
  const rendered = (path: string, template: string, values: object = {}) =>
    configFile({ path, template, content: render(template, values) });
  return [
    ...installedPackages('python3', 'python3-pymysql'),
    directory({ path: '/usr/lib/mcp' }),
    directory({ path: '/etc/mcp' }),
    rendered(files.program, 'api-checker/api-checker.py.hbs'),
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
        })),
      }),
    }),
    rendered(files.service, `api-checker/${unit}.hbs`, { program: files.program, config: files.config }),
    rendered(files.socket, `api-checker/${socketUnit}.hbs`, {
      listen: `${inUrl(checkerAddress(host))}:${settings.port}`,
    }),
    runningUnit(socketUnit, { restartOn: [files.socket] }),
    runningUnit(unit, { restartOn: [files.program, files.config, files.service] }),
  ];
}
