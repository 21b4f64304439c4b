import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type AttackedHost,
  address,
  asProcess,
  attackedHost,
  ecdsa,
  learnt,
  refusing,
  tellingOf,
  verbs,
} from '../support/attacked-host.ts';
import { impostor, replayed } from '../support/attacker.ts';
import { readableKeyPair } from '../support/ssh-server.ts';

/** The program as its operator has it, in a process of its own, a way of each kind; all of them are in test/cli. */
let attacked: AttackedHost;
beforeAll(async () => {
  attacked = await attackedHost(asProcess);
});
afterAll(() => attacked[Symbol.asyncDispose]());

test.concurrent('1: a key of its own', async () => {
  await using attacker = await impostor([readableKeyPair().private], { address });
  const came = await attacked.through(attacker);
  for (const verb of verbs) expect(came[verb]).toEqual(refusing('SHA256:', '--replace ctl02'));
  expect(learnt(attacker)).toEqual([]);
});

test.concurrent("2: the host's key, repeated", async () => {
  await using attacker = await impostor([replayed(attacked.hostKey)], { address });
  const came = await attacked.through(attacker);
  for (const verb of verbs)
    expect(came[verb]).toEqual(refusing(attacked.fingerprint, "can't prove that it has it"));
  expect(learnt(attacker)).toEqual([]);
});

test.concurrent('3: a key of a further type', async () => {
  await using attacker = await impostor([ecdsa().private], { address });
  const came = await attacked.through(attacker);
  for (const verb of verbs) expect(came[verb]).toEqual(refusing('ecdsa-sha2-nistp256', 'SHA256:'));
  expect(learnt(attacker)).toEqual([]);
});

test.concurrent('4: what is sealed, changed on its way', async () => {
  await using attacker = await attacked.relayed({
    sealed: (bytes) => Buffer.from(bytes.map((byte) => byte ^ 1)),
  });
  const came = await attacked.through(attacker);
  for (const verb of [came.plan, came.deploy]) expect(verb).toEqual(refusing("can't connect to root@"));
  expect(came.trust).toMatchObject({ exitCode: 0, said: expect.stringContaining('0 keys pinned') });
  expect(learnt(attacker)).toEqual([]);
});

test.concurrent('5: a further key that is told and not proven', async () => {
  await using attacker = await tellingOf(ecdsa(), { hostKey: attacked.hostKey, proof: Buffer.alloc(9) });
  const { trust } = await attacked.through(attacker, { only: ['trust'] });
  expect(trust).toMatchObject({ exitCode: 0, said: expect.stringContaining('0 keys pinned') });
});
