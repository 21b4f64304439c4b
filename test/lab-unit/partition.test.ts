import { expect, test } from 'vitest';
import { describeLab } from '../../src/lab/description.ts';
import { ruleset } from '../../src/lab/partition.ts';
import { aLabInventory, aMachine, aNode } from './support.ts';

const lab = describeLab(
  aLabInventory([
    aMachine('ctl01', [aNode('ctl01', { management: '10.77.0.11' })]),
    aMachine('ctl02', [aNode('ctl02', { management: '10.77.0.12' })]),
  ]),
);
const [ctl01, ctl02] = lab.hosts;

test('a host that is cut off from everybody can still be reached by ssh from the controller', () => {
  const rules = cut('both', []);
  expect(rules).toContain('iifname { "ctl01.0" } drop');
  expect(rules).toContain('oifname { "ctl01.0" } drop');
  expect(rules).toContain('oifname { "ctl01.0" } ip daddr 10.77.0.11 tcp dport 22 accept');
  expect(rules).toContain('iifname { "ctl01.0" } ip saddr 10.77.0.11 tcp sport 22 accept');
  expect(rules).toContain('arp saddr ip 10.77.0.1 arp daddr ip 10.77.0.11 accept');
});

test('a host that hears nothing still speaks', () => {
  const rules = cut('in', []);
  expect(rules).toContain('oifname { "ctl01.0" } drop');
  expect(rules).not.toContain('iifname');
});

test('a host cut off from one other is untouched for the rest', () => {
  const rules = cut('out', ['ctl02']);
  expect(rules).toContain('iifname { "ctl01.0" } oifname { "ctl02.0" } drop');
  expect(rules).not.toContain('accept;\n    iifname { "ctl01.0" } drop');
  expect(rules).not.toContain('tcp dport 22');
});

test('healing empties the table, whatever was in it', () => {
  expect(ruleset([], lab)).toMatch(/^table bridge mcp_lab\ndelete table bridge mcp_lab\n/);
  expect(ruleset([], lab)).not.toContain('drop');
});

function cut(direction: 'in' | 'out' | 'both', from: readonly string[]): string {
  if (ctl01 === undefined || ctl02 === undefined) throw new Error('the lab has two hosts');
  return ruleset([{ host: ctl01, direction, from: from.length === 0 ? [] : [ctl02] }], lab);
}
