import { expect, test } from 'vitest';
import { outageOf } from '../../../src/services/galera/outage.ts';
import { instances, names, observedWith, type Told } from './members.ts';

const started = { records: ['mariadb.service'] };
/** Who is not named is a healthy member; all were started once. */
const outage = (told: Record<string, Told>) =>
  outageOf(
    instances,
    observedWith(Object.fromEntries(names.map((name) => [name, { ...started, ...told[name] }]))),
  );
const waits: Told = { unit: 'activating/start', answers: false, group: names };
const alone: Told = { group: names, values: { wsrep_cluster_status: 'non-Primary', wsrep_ready: 'OFF' } };
const stopped: Told = { unit: 'inactive/dead' };

test('while one member serves there is no outage, whatever the others do', () => {
  expect(outage({ ctl02: stopped, ctl03: { unreachable: true } })).toBeUndefined();
  expect(outage({ ctl02: waits, ctl03: alone })).toBeUndefined();
});

test('a cluster that never was is not out', () => {
  const fresh: Told = { unit: 'inactive/dead', records: [] };
  expect(outage({ ctl01: fresh, ctl02: fresh, ctl03: fresh })).toBeUndefined();
  expect(
    outage({ ctl01: fresh, ctl02: { ...fresh, installed: false }, ctl03: { unreachable: true } }),
  ).toBeUndefined();
});

test('after a power cut of all, those that are back form the group again once all of it is there', () => {
  expect(
    outage({ ctl01: waits, ctl02: waits, ctl03: { ...waits, unit: 'activating/auto-restart' } }),
  ).toMatchObject({
    kind: 'heals',
    message: 'Galera forms again by itself: ctl01 and ctl02 and ctl03 are at it',
  });
});

test('who crashed last was alone, and goes on alone', () => {
  expect(
    outage({ ctl01: { ...waits, group: ['ctl01'] }, ctl02: waits, ctl03: { unreachable: true } }),
  ).toMatchObject({
    kind: 'heals',
  });
});

test('members that all run and hear nobody form again when the network lets them: no time makes that a decision', () => {
  const lost = { ...alone, unchangedSeconds: 90_000 };
  expect(outage({ ctl01: lost, ctl02: lost, ctl03: lost })).toMatchObject({
    kind: 'heals',
    message: 'Galera: ctl01 and ctl02 and ctl03 run and do not hear each other',
  });
  // One that is gone for good is waited for, however many others run.
  expect(outage({ ctl01: lost, ctl02: lost, ctl03: { unreachable: true } })).toMatchObject({ kind: 'stuck' });
});

test('one that never returns is waited for in vain: that is said with since when, and what goes on without it', () => {
  const since = { ...waits, unchangedSeconds: 250 };
  expect(outage({ ctl01: since, ctl02: waits, ctl03: { unreachable: true } })).toMatchObject({
    kind: 'stuck',
    message: 'Galera: ctl01 and ctl02 wait for ctl03, since 4 min',
    hint: 'Bring ctl03 back; `mcp recover --without ctl03` goes on without.',
  });
});

test('what was not asked is not out, and what heals does not do so for ever', () => {
  const unasked = {
    hosts: new Map([...observedWith().hosts].map(([name, now]) => [name, { ...now, probes: new Map() }])),
  };
  expect(outageOf(instances, unasked)).toBeUndefined();
  const long = { ...waits, unchangedSeconds: 400 };
  expect(
    outage({ ctl01: long, ctl02: long, ctl03: { ...waits, unit: 'activating/auto-restart' } }),
  ).toMatchObject({
    kind: 'stuck',
    message: 'Galera: ctl01 and ctl02 and ctl03 do not form a group again, since 6 min',
  });
});

test('a member that runs on and has lost the majority waits, too', () => {
  expect(outage({ ctl01: alone, ctl02: { unreachable: true }, ctl03: { unreachable: true } })).toMatchObject({
    kind: 'stuck',
    message: 'Galera: ctl01 waits for ctl02 and ctl03',
    waitsFor: ['ctl02', 'ctl03'],
    hint: expect.stringContaining('`mcp recover --without ctl02 --without ctl03`'),
  });
});

test('after an orderly stop of all nobody remembers a group', () => {
  expect(outage({ ctl01: stopped, ctl02: stopped, ctl03: stopped })).toMatchObject({
    kind: 'stuck',
    message: 'Galera has stopped on every host that answers: none of them begins alone',
    hint: '`mcp recover` begins again with whoever has the most.',
  });
  const trying: Told = { unit: 'activating/auto-restart' };
  expect(outage({ ctl01: trying, ctl02: trying, ctl03: trying })).toMatchObject({
    kind: 'stuck',
    message: 'Galera: ctl01 and ctl02 and ctl03 do not form a group again',
  });
});
