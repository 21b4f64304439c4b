import { expect, test } from 'vitest';
import { createFleet, fetchHostKeys } from '../../src/transport/index.ts';
import { relay } from '../support/attacker.ts';
import { kexInit, kexReply, nameLists, type Packet, packetOf, sshString } from '../support/ssh-packets.ts';
import { shellServer } from '../support/ssh-server.ts';

/** By RFC 9142, RFC 8758 and OpenSSH's own defaults. */
const weak = /sha1$|sha1-|group1-|md5|cbc|arcfour|^none$|^ssh-rsa$|^ssh-dss|-cert-|ripemd|-96/;

test('nothing weak is offered to a host, by a login as little as by a look at its keys', async () => {
  await using server = await shellServer();
  const heard: (readonly (readonly string[])[])[] = [];
  await using wire = await relay(
    { address: '127.0.0.1', port: server.port },
    {
      packet(packet) {
        if (packet.type === kexInit && packet.direction === 'to-host') heard.push(nameLists(packet));
        return [packet.whole];
      },
    },
  );
  const host = server.host({ port: wire.port });
  await using fleet = createFleet([host], { agentSocket: undefined });
  await fleet.connect('ctl01');
  await fetchHostKeys([host]);
  expect(heard).toHaveLength(4);
  for (const lists of heard) {
    // The seventh and eighth are about compression, where `none` is what is best.
    expect(lists.slice(0, 6).flatMap((names) => names.filter((name) => weak.test(name)))).toEqual([]);
    expect(lists.slice(0, 6).every((names) => names.length > 0)).toBe(true);
    // Whoever in between drops packets before the first sealed one is found out.
    expect(lists[0]).toContain('kex-strict-c-v00@openssh.com');
  }
});

/** The host's answer to a key exchange, its signature named like this. */
function signedAs({ payload }: Packet, name: string): Buffer {
  const after = (at: number) => at + 4 + payload.readUInt32BE(at);
  const signature = after(after(1));
  const value = payload.subarray(after(signature + 4));
  return packetOf(
    Buffer.concat([payload.subarray(0, signature), sshString(Buffer.concat([sshString(name), value]))]),
  );
}

test.each(['ssh-rsa', 'ssh-ed25519-cert-v01@openssh.com', ''])(
  'a signature that is named %j is none of the pinned key',
  async (name) => {
    await using server = await shellServer();
    await using wire = await relay(
      { address: '127.0.0.1', port: server.port },
      {
        packet: (packet) =>
          packet.type === kexReply && packet.direction === 'to-client'
            ? [signedAs(packet, name)]
            : [packet.whole],
      },
    );
    const host = server.host({ port: wire.port });
    await using fleet = createFleet([host], { agentSocket: undefined });
    await expect(fleet.connect('ctl01')).rejects.toMatchObject({ code: 'host-key-unproven' });
    await expect(fetchHostKeys([host])).rejects.toMatchObject({ code: 'host-key-unproven' });
  },
);
