import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { horizon } from '../../../src/services/horizon/index.ts';
import { resourcesOf, root } from '../../support/golden.ts';
import { wholeTopology } from '../../support/openstack.ts';
import { fiveHosts, instancesFor } from '../../support/topology.ts';

test.each([
  ['all is loaded', 'enforcers = {"compute": Enforcer()}', 'rules panel page 200 application'],
  [
    'what can not be loaded keeps nothing else from it',
    'raise OSError("no such policies")',
    'panel page 200 application',
  ],
])('before the processes of the dashboard part, %s', async (_what, policies, told) => {
  const folder = packages(policies);
  const settings = await environmentOfUwsgi();
  expect(settings['MCP_DASHBOARD']).toBe('/usr/share/openstack-dashboard/wsgi.py');
  const program = await readFile(`${root}templates/horizon/horizon-wsgi.py`, 'utf8');
  const said = execFileSync('python3', ['-c', `${program}\nprint(application.__name__)`], {
    encoding: 'utf8',
    env: {
      ...settings,
      MCP_DASHBOARD: join(folder, 'wsgi.py'),
      PATH: process.env['PATH'],
      PYTHONPATH: folder,
      PYTHONDONTWRITEBYTECODE: '1',
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  expect(said.trim().split('\n').join(' ')).toBe(told);
});

/** What the program is told by uwsgi. */
async function environmentOfUwsgi(): Promise<Record<string, string>> {
  const hosts = fiveHosts();
  const [instance] = instancesFor('horizon', horizon.settings.parse({}), hosts.slice(3));
  if (!instance) throw new Error('no instance');
  const resources = await resourcesOf(horizon, instance, wholeTopology(hosts));
  const file = resources.find((resource) => resource.kind === 'file' && resource.path.endsWith('uwsgi.ini'));
  const lines = file?.kind === 'file' ? file.content.matchAll(/^env = (\w+)=(.*)$/gm) : [];
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]));
}

/** What the program finds of Django and the dashboard: each says what is asked of it. */
function packages(policies: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-'));
  const files = {
    'django/__init__.py': '',
    'django/urls.py': `class URLResolver:
    def __init__(self, *patterns): self.patterns = patterns
    @property
    def url_patterns(self):
        if not self.patterns: print("panel")
        return self.patterns
get_resolver = lambda: URLResolver("page", URLResolver())
`,
    'openstack_auth/__init__.py': '',
    'openstack_auth/policy.py': `class Enforcer:
    def load_rules(self): print("rules")
def _get_enforcer():
    ${policies}
    return enforcers
`,
    'wsgi.py': `class Page(list):
    def close(self): print("200")
def application(environ, start_response):
    assert environ["PATH_INFO"] == "/auth/login/" and environ["HTTP_X_FORWARDED_PROTO"] == "https"
    start_response("200 OK", [])
    print("page")
    return Page([b""])
`,
  };
  for (const directory of ['django', 'openstack_auth']) mkdirSync(join(folder, directory));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}
