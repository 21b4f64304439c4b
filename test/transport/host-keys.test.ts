import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import ssh2, { type ParsedKey } from 'ssh2';
import { expect, test } from 'vitest';
import { fetchHostKeys } from '../../src/transport/index.ts';
import { parsedKey, replayed } from '../support/attacker.ts';
import { type KeyPair, pinned, readableKeyPair, sshFolder } from '../support/ssh-server.ts';
import { hostNamed } from '../support/topology.ts';

/** A parsed key is taken for a text, which the types do not tell. */
type Wrapped = { readonly key: string; readonly passphrase: string };

/** A server on this machine that shows these keys and lets nobody in. */
async function showing(...hostKeys: readonly (string | ParsedKey)[]) {
  const server = new ssh2.Server(
    { hostKeys: hostKeys.map((key) => ({ key, passphrase: '' })) as Wrapped[] },
    (client) => {
      client.on('error', () => undefined);
      client.on('authentication', (attempt) => attempt.reject());
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = sshFolder();
  const { port } = server.address() as AddressInfo;
  return {
    port,
    host(known: string) {
      const plain = hostNamed('ctl01', { address: '127.0.0.1', roles: ['control'] });
      const ssh = { ...plain.ssh, port, identityFiles: [], knownHosts: folder.write('known', known) };
      return { ...plain, ssh };
    },
    [Symbol.dispose]() {
      server.close();
      folder[Symbol.dispose]();
    },
  };
}

const publicPart = (pair: KeyPair): Buffer => parsedKey(pair.public).getPublicSSH();

test('a key that a host has signed with is shown with its fingerprint, as new', async () => {
  const own = readableKeyPair();
  using server = await showing(own.private);
  const [shown] = await fetchHostKeys([server.host('')]);
  expect(shown?.keys).toMatchObject([
    { keyType: 'ssh-ed25519', key: publicPart(own).toString('base64'), verdict: 'unknown' },
  ]);
  expect(shown?.keys[0]?.fingerprint).toMatch(/^SHA256:/);
});

test("a man in the middle who repeats a host's public key gets nothing pinned", async () => {
  using server = await showing(replayed(readableKeyPair()));
  await expect(fetchHostKeys([server.host('')])).rejects.toMatchObject({
    code: 'host-key-unproven',
    message: expect.stringMatching(/^ctl01: .*ssh-ed25519 SHA256:\S+ and can't prove that it has it$/),
  });
});

test('a key of another type than the pinned one is not taken from whoever shows it', async () => {
  const own = readableKeyPair();
  const further = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
  using server = await showing(own.private, further.private);
  const [shown] = await fetchHostKeys([server.host(pinned(server.port, own))]);
  expect(shown?.keys.map(({ keyType, verdict }) => [keyType, verdict])).toEqual([
    ['ssh-ed25519', 'known'],
    ['ecdsa-sha2-nistp256', 'unproven'],
  ]);
});

test('where no key is pinned any more all have changed, whatever their type', async () => {
  using server = await showing(readableKeyPair().private);
  const [shown] = await fetchHostKeys([server.host(pinned(server.port, readableKeyPair()))]);
  expect(shown?.keys.map(({ verdict }) => verdict)).toEqual(['changed']);
});
