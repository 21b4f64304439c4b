import { once } from 'node:events';
import { connect } from 'node:net';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AttackedHost,
  address,
  attackedHost,
  ecdsa,
  fingerprint,
  inThisProcess,
  learnt,
  quoted,
  refusing,
  tellingOf,
  verbs,
} from '../support/attacked-host.ts';
import { impostor, type Meddling, parsedKey, replayed, showing } from '../support/attacker.ts';
import { kexInit, nameLists, packetOf, sshString, withNameLists } from '../support/ssh-packets.ts';
import { readableKeyPair } from '../support/ssh-server.ts';

/**
 * Somebody sits where ctl02 is looked for, and `trust`, `plan` and `deploy` come by. Whoever sits there lets everybody in,
 * and keeps what it could read. The same by processes of their own, a way each, is in test/runs.
 */
let attacked: AttackedHost;
beforeAll(async () => {
  attacked = await attackedHost(inThisProcess);
});
afterAll(() => attacked[Symbol.asyncDispose]());

describe('1: it answers with a key of its own', () => {
  test('nobody logs in, and both fingerprints are shown', async () => {
    const own = readableKeyPair();
    await using attacker = await impostor([own.private], { address });
    const came = await attacked.through(attacker);
    const shown = `ssh-ed25519 ${fingerprint(own.public)}`;
    expect(came.trust).toEqual(refusing('no key was pinned', `changed ${shown}`, '--replace ctl02'));
    for (const verb of [came.plan, came.deploy])
      expect(verb).toEqual(
        refusing(
          `${shown}, pinned ssh-ed25519 ${attacked.fingerprint}`,
          'mcp trust --replace ctl02',
          'stand in between',
        ),
      );
    expect(learnt(attacker)).toEqual([]);
    expect(attacker.clients).toBeGreaterThan(2);
  });
});

describe("2: it repeats the host's public key, and signs with another", () => {
  test('nobody logs in, and it is told that the key is not proven', async () => {
    await using attacker = await impostor([replayed(attacked.hostKey)], { address });
    const came = await attacked.through(attacker);
    for (const verb of verbs)
      expect(came[verb]).toEqual(
        refusing(attacked.fingerprint, "can't prove that it has it", 'someone may stand in between'),
      );
    expect(learnt(attacker)).toEqual([]);
  });
});

describe('3: it has a key of a type that is not pinned', () => {
  test('and no other: that is another key', async () => {
    const own = ecdsa();
    await using attacker = await impostor([own.private], { address });
    const came = await attacked.through(attacker);
    expect(came.trust).toEqual(
      refusing('changed ecdsa-sha2-nistp256', fingerprint(own.public), '--replace ctl02'),
    );
    for (const verb of [came.plan, came.deploy])
      expect(verb).toEqual(refusing('another host key', fingerprint(own.public), attacked.fingerprint));
    expect(learnt(attacker)).toEqual([]);
  });

  test("beside the host's own, which it carries on to: the further one is shown as not pinned, and stays so", async () => {
    const own = ecdsa();
    await using answering = await impostor([own.private], { address });
    await using attacker = await attacked.relayed({
      answersInstead: ([first]) => (first?.startsWith('ecdsa') === true ? answering.port : undefined),
    });
    const { trust, plan } = await attacked.through(attacker, { only: ['trust', 'plan'] });
    expect(trust.exitCode).toBe(0);
    expect(trust.said).toContain('0 keys pinned');
    expect(trust.said).toMatch(
      new RegExp(`ctl02 .*${quoted(fingerprint(own.public))} .*not pinned: proven only over a login`),
    );
    // Plans go to the host itself, under its pinned key.
    expect(plan.exitCode).toBe(0);
    expect([learnt(answering), learnt(attacker), answering.clients > 0]).toEqual([[], [], true]);
  });
});

describe('4: it carries on to the host, and changes what goes through', () => {
  const flipped = (at: number): Meddling => ({
    sealed(bytes, before) {
      const changed = Buffer.from(bytes);
      if (before <= at && at < before + bytes.length) changed[at - before] = (changed[at - before] ?? 0) ^ 1;
      return changed;
    },
  });

  test.each([
    ['a bit of what is sealed', flipped(9)],
    [
      'a packet of its own among what is sealed',
      { sealed: (bytes, at) => (at > 0 ? bytes : Buffer.concat([packetOf(Buffer.from([success])), bytes])) },
    ],
  ] satisfies readonly (readonly [string, Meddling])[])(
    '%s: the login ends there, and our keys are not blamed',
    async (_what, meddling) => {
      await using attacker = await attacked.relayed(meddling);
      const came = await attacked.through(attacker);
      // A key that is pinned was proven before that.
      expect(came.trust).toMatchObject({ exitCode: 0, said: expect.stringContaining('0 keys pinned') });
      for (const verb of [came.plan, came.deploy]) {
        expect(verb).toEqual(refusing("can't connect to root@"));
        expect(verb.said).not.toContain('was refused');
      }
      expect(learnt(attacker)).toEqual([]);
    },
  );

  test.each([
    ['a success before there was a login', [Buffer.from([success])]],
    [
      'a packet before the first, so that later ones are counted wrong',
      [Buffer.concat([Buffer.from([ignore]), sshString('x')])],
    ],
    ['NEWKEYS before the key exchange', [Buffer.from([21])]],
  ])('%s: nothing is said to it', async (_what, injected) => {
    await using attacker = await attacked.relayed({
      packet: ({ whole, type, direction }) =>
        type === kexInit && direction === 'to-client' ? [...injected.map(packetOf), whole] : [whole],
    });
    const came = await attacked.through(attacker);
    for (const verb of verbs) expect(came[verb]).toEqual(refusing(`port ${attacker.port}`));
    expect(learnt(attacker)).toEqual([]);
  });

  test.each([
    [
      'a key exchange',
      0,
      ['diffie-hellman-group1-sha1', 'diffie-hellman-group14-sha1', 'diffie-hellman-group-exchange-sha1'],
    ],
    ['host keys', 1, ['ssh-rsa', 'ssh-dss']],
    ['a cipher', 2, ['none', 'aes128-cbc', '3des-cbc', 'arcfour']],
    ['a cipher on the way back', 3, ['none', 'aes256-cbc']],
  ] as const)(
    '%s that is weak is all that it leaves: there is no way to speak',
    async (_what, list, weak) => {
      await using attacker = await attacked.relayed(
        leaving((lists) => lists.map((names, index) => (index === list ? weak : names))),
      );
      const came = await attacked.through(attacker);
      for (const verb of verbs) expect(came[verb]).toEqual(refusing(`port ${attacker.port}`));
      for (const verb of [came.plan, came.deploy]) expect(verb).toEqual(refusing('no matching', 'weak'));
      expect(learnt(attacker)).toEqual([]);
    },
  );

  test('MACs that are weak are all that it leaves, and ciphers that need one', async () => {
    await using attacker = await attacked.relayed(
      leaving((lists) =>
        lists.map((names, index) =>
          index === 2 || index === 3
            ? ['aes128-ctr']
            : index === 4 || index === 5
              ? ['hmac-sha1', 'hmac-md5', 'none']
              : names,
        ),
      ),
    );
    const came = await attacked.through(attacker);
    for (const verb of [came.plan, came.deploy]) expect(verb).toEqual(refusing('no matching', 'MAC'));
    expect(came.trust).toEqual(refusing(`port ${attacker.port}`));
    expect(learnt(attacker)).toEqual([]);
  });

  test.each([
    [
      'all but the last of each list',
      (lists) => lists.map((names, index) => (index > 5 ? names : names.filter((each) => isLeast.has(each)))),
    ],
    [
      'the wish to count packets strictly',
      (lists) => lists.map((names) => names.filter((each) => !each.startsWith('kex-strict'))),
    ],
  ] satisfies readonly (readonly [string, Leave])[])(
    'it takes away %s: the host has signed something else',
    async (_what, leave) => {
      await using attacker = await attacked.relayed(leaving(leave));
      const came = await attacked.through(attacker);
      for (const verb of verbs)
        expect(came[verb]).toEqual(
          refusing(attacked.fingerprint, "can't prove that it has it", 'stand in between'),
        );
      expect(learnt(attacker)).toEqual([]);
    },
  );
});

describe('5: it comes with more than a key', () => {
  test('a certificate of an authority that nobody knows is no key', async () => {
    const type = 'ssh-ed25519-cert-v01@openssh.com';
    const own = parsedKey(readableKeyPair().public).getPublicSSH();
    const certificate = Buffer.concat([
      sshString(type),
      sshString('nonce'),
      own.subarray(19),
      Buffer.alloc(64),
    ]);
    await using attacker = await impostor([showing(certificate)], { address });
    const came = await attacked.through(attacker);
    for (const verb of verbs) expect(came[verb]).toEqual(refusing(`port ${attacker.port}`));
    expect(learnt(attacker)).toEqual([]);
  });

  test.each([
    [
      'by a signature of another key',
      () => sshString(Buffer.concat([sshString('ssh-ed25519'), sshString(Buffer.alloc(64, 7))])),
    ],
    ['by nothing', () => Buffer.alloc(0)],
    ['by a length that is not there', () => Buffer.from([255, 255, 255, 255])],
  ])(
    'who has the pinned key tells of a further one, and proves it %s: it is not pinned',
    async (_how, proof) => {
      const own = ecdsa();
      await using attacker = await tellingOf(own, { hostKey: attacked.hostKey, proof: proof() });
      const { trust } = await attacked.through(attacker, { only: ['trust'] });
      expect(trust.said).toMatch(new RegExp(`${quoted(fingerprint(own.public))} .*proven only over a login`));
      expect(trust).toMatchObject({ exitCode: 0, said: expect.stringContaining('0 keys pinned') });
    },
  );
});

describe('at the second hop', () => {
  test.each([
    ['a key of its own', () => readableKeyPair().private, 'another host key'],
    ["the host's key, repeated", () => replayed(attacked.hostKey), "can't prove that it has it"],
  ] as const)('%s', async (_what, key, words) => {
    await using attacker = await impostor([key()], { address });
    await using jump = await jumpHost();
    const came = await attacked.through(attacker, { jump });
    for (const verb of [came.plan, came.deploy]) expect(verb).toEqual(refusing(words, attacked.fingerprint));
    expect(came.trust).toEqual(refusing('SHA256:', 'no key was pinned'));
    expect([learnt(attacker), attacker.clients > 2, jump.forwards() > 2]).toEqual([[], true, true]);
  });

  test('and at the first: nothing gets as far as the host', async () => {
    await using attacker = await impostor([readableKeyPair().private], { address: '127.0.0.1' });
    const came = await attacked.through(
      { port: attacked.port },
      { jump: { port: attacker.port, key: attacked.hostKey.public } },
    );
    for (const verb of verbs)
      expect(came[verb]).toMatchObject({ exitCode: 4, said: expect.stringContaining('127.0.0.1') });
    expect(learnt(attacker)).toEqual([]);
  });
});

type Leave = (lists: readonly (readonly string[])[]) => readonly (readonly string[])[];

/** What both ends offer, with less in it. */
const leaving = (leave: Leave): Meddling => ({
  packet: (each) => (each.type === kexInit ? [withNameLists(each, leave(nameLists(each)))] : [each.whole]),
});

/** The least that we would speak of each list. */
const isLeast = new Set(['diffie-hellman-group14-sha256', 'ssh-ed25519', 'aes128-ctr', 'hmac-sha2-256']);

const success = 52;
const ignore = 2;

/** A host on the way that lets everybody in and forwards. */
async function jumpHost() {
  const key = readableKeyPair();
  let forwards = 0;
  const server = new ssh2.Server({ hostKeys: [key.private] }, (client) => {
    client.on('error', () => undefined);
    client.on('authentication', (attempt) => attempt.accept());
    client.on('tcpip', (accept, _reject, { destIP, destPort }) => {
      forwards += 1;
      const channel = accept();
      const socket = connect(destPort, destIP);
      channel.on('error', () => socket.destroy());
      socket.on('error', () => channel.end());
      socket.pipe(channel).pipe(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  return {
    port: Number(typeof bound === 'object' && bound?.port),
    key: key.public,
    forwards: () => forwards,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}
