import { type Diagnostic, error } from '../../model/diagnostic.ts';
import { ownFileTemplate, type Resource } from '../../model/resource.ts';
import { defineService } from '../../model/service.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import { configFile, isFirewallPart, ownFilesOn } from '../../resources/index.ts';
import { type OwnFilesSettings, ownFilesSettings, pathShape } from './settings.ts';

/** Files of the operator's own: policies, a domain of Keystone's, a log's rotation, whatever no service of ours has. */
export const ownFiles = defineService<OwnFilesSettings>({
  name: 'own-files',
  title: 'Own files',
  roles: 'all',
  after: ['host'],
  settings: ownFilesSettings,
  rolling: { first: 'together', later: 'one-by-one' },
  quorum: 'none',
  sockets: () => [],
  mistakes,
  resources,
  checks: () => [],
});

/** Where the paths of all of them stand on a host, so that those that are taken away here are taken away there. */
const list = '/etc/mcp/own-files';

function resources({ host, settings }: Instance<OwnFilesSettings>, topology: Topology): readonly Resource[] {
  const files = ownFilesOn(host, topology.inventory.overrides).filter((file) => !isFirewallPart(file));
  if (files.length === 0) return [];
  return [
    ...files.map(({ path, content }) => {
      const { owner, group, mode, restart, reload } = settings.files[path] ?? usual;
      const readBy = [
        ...restart.map((unit) => ({ unit, action: 'restart' as const })),
        ...reload.map((unit) => ({ unit, action: 'reload' as const })),
      ];
      return configFile({
        path,
        content,
        owner,
        group,
        // As a host tells it.
        mode: mode.padStart(4, '0'),
        template: ownFileTemplate,
        comment: 'none',
        readBy,
      });
    }),
    configFile({
      path: list,
      mode: '0600',
      template: ownFileTemplate,
      content: ['# Written by mcp: your own files here.', ...files.map(({ path }) => path), ''].join('\n'),
      listsFiles: true,
    }),
  ];
}

const usual: OwnFilesSettings['files'][string] = {
  owner: 'root',
  group: 'root',
  mode: '0644',
  restart: [],
  reload: [],
};

function mistakes(
  instances: readonly Instance<OwnFilesSettings>[],
  { inventory }: Topology,
): readonly Diagnostic[] {
  const paths = new Set(
    inventory.overrides.flatMap(({ what }) => (what.kind === 'own-file' ? [what.path] : [])),
  );
  const named = new Set(instances.flatMap(({ settings }) => Object.keys(settings.files)));
  return [
    ...[...named]
      .filter((path) => !paths.has(path))
      .map((path) =>
        error(
          ['files', path],
          'there is no such file of yours',
          `put it at all/files${path} of the overrides, or at role/ROLE/files${path} where not all hosts have its account and readers`,
        ),
      ),
    ...[...named]
      .filter((path) => paths.has(path) && isFirewallPart({ path }))
      .map((path) =>
        error(
          ['files', path],
          'rules of the firewall are root’s, 0600, and loaded with ours whatever is said here',
          'take it out',
        ),
      ),
    ...[...paths]
      .filter((path) => !pathShape.test(path))
      .map((path) =>
        error(
          [],
          `a file of your own can't be at ${JSON.stringify(path)}`,
          'put it into a folder, and name it with letters, digits and _ . @ + - : , = ~ alone',
        ),
      ),
    ...[...paths]
      .filter((path) => forbidden.some((folder) => path.startsWith(folder)) && !isFirewallPart({ path }))
      .map((path) =>
        error(
          [],
          `a file of your own can't be at ${path}`,
          `keep out of ${forbidden.join(', ')}; rules of the firewall are /etc/mcp/nft.d/NAME.nft`,
        ),
      ),
    ...inventory.overrides.flatMap(({ what }) =>
      what.kind === 'own-file' && isFirewallPart(what) ? straysIn(what) : [],
    ),
  ];
}

/** A table of its own would stay in the kernel when its file goes; ours is made anew with each load. */
function straysIn({
  path,
  content,
}: {
  readonly path: string;
  readonly content: string;
}): readonly Diagnostic[] {
  const code = content.replaceAll(/"[^"\n]*"/g, '""').replaceAll(/#.*/g, '');
  // Without a family both a table and what is done to one are of `ip`.
  const tables = [...code.matchAll(/\btable\s+(?:(\w+)\s+)?(\w+)/g)];
  const commands = [...code.matchAll(commandOnTable)];
  const isStray =
    takingAway.test(code) ||
    [...tables, ...commands].some(([, family = 'ip', name]) => `${family} ${name}` !== 'inet mcp');
  const hint = 'put your chains into `table inet mcp { … }`, which is loaded anew each time';
  return isStray ? [error([], `${path} speaks of more than the table inet mcp`, hint)] : [];
}

/** Ours would be gone with it. */
const takingAway = /\b(?:delete|destroy|flush)\s+(?:ruleset|table|chain)\b/;

/** A line of its own, as at nft's prompt: `add rule ip filter input accept`. */
const commandOnTable =
  /^[ \t]*(?:add|create|insert|replace|delete|destroy|flush|reset)\s+(?:rule|chain|set|map|element|flowtable|counter|quota|limit|ct\s+\w+)\s+(?:(ip6?|inet|arp|bridge|netdev)\s+)?(\w+)/gm;

/** What is ours alone, where every file is one of Keystone's keys, what is no file, and what only seems to be on a disk. */
const forbidden = [
  ...['/etc/mcp/', '/var/lib/mcp/', '/usr/lib/mcp/'],
  ...['/etc/keystone/fernet-keys/', '/etc/keystone/credential-keys/'],
  ...['/run/', '/proc/', '/sys/', '/dev/'],
];
