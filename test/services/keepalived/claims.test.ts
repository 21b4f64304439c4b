import { expect, test } from 'vitest';
import { pythonOn } from '../../support/python.ts';

/** Times in seconds; b and c are the others, a is this host. */
const judged = async (lines: string): Promise<string> =>
  pythonOn(
    'keepalived/vip-watch',
    `from claims import *
NAMES = {FREE: "free", HELD: "held", ALONE: "alone"}
def a():
    return Claims("a", 0.0)
def said(claims, now, has_votes=True):
    return NAMES[claims.judge(now, has_votes)]
${lines}`,
  );

test('a holder that has died is silent for all alike: its VIP moves as quickly as VRRP moves it', async () => {
  expect(
    await judged(`
claims = a()
claims.hear("b", 10.0, 0.0)
# The last that anybody heard: one more word of it reached the witness, and none came after.
claims.be_told("b", 10.05, 0.0)
print(*[said(claims, now) for now in [10.1, 10.3, 10.6, 12.0]])
`),
  ).toBe('free free free free');
});

test('a holder that others have heard since is there: its VIP is left alone before VRRP would take it, and until it is silent for them too', async () => {
  expect(
    await judged(`
claims = a()
claims.hear("b", 10.0, 0.0)
for later in (0.15, 0.21, 0.26, 0.31, 0.36, 0.41):
    claims.be_told("b", 10.0 + later, 0.0)
    print(said(claims, 10.0 + later), end=" ")
# Then it dies, and the witness hears no more.
print(said(claims, 10.8), said(claims, 11.0))
`),
  ).toBe('free held held held held held held free');
});

test('once it is heard again, nothing bars this host', async () => {
  expect(
    await judged(`
claims = a()
claims.be_told("b", 10.0, 0.0)
print(said(claims, 10.0), end=" ")
claims.hear("b", 10.1, 0.0)
print(said(claims, 10.1))
`),
  ).toBe('held free');
});

test('of two that hold it, the one that took it later lets go; at about the same time, the one with the higher address', async () => {
  expect(
    await judged(`
def holding_since(own, since, other_since):
    claims = Claims(own, 0.0)
    claims.hold(since, True)
    claims.be_told("m", 10.0, other_since)
    return said(claims, 10.0)
print(holding_since("a", 9.0, 1.0), holding_since("a", 1.0, 9.0), end=" ")
print(holding_since("a", 9.0, 8.9), holding_since("z", 9.0, 9.1))
`),
  ).toBe('held free free held');
});

test('who hears nobody, and has too few of the others to know, takes nothing; who holds it is not told so', async () => {
  expect(
    await judged(`
claims = a()
claims.hear("b", 10.0, 0.0)
print(said(claims, 10.3, False), said(claims, 10.4, False), said(claims, 10.5, True), end=" ")
claims.hold(10.6, True)
print(said(claims, 20.0, False))
`),
  ).toBe('free alone free free');
});

test('an answer names who was heard lately and this host itself, and nobody else', async () => {
  expect(
    await judged(`
claims = a()
claims.hear("b", 10.0, 4.0)
claims.hear("c", 8.0, 4.0)
claims.hold(9.0, True)
print([(host, round(ago, 2), round(held, 2)) for host, ago, held in claims.current(10.2)])
`),
  ).toBe("[('a', 0.0, 1.2), ('b', 0.2, 6.2)]");
});

test('a host that could never hold a VIP tells those who could whom it hears', async () => {
  expect(
    await pythonOn(
      'keepalived/vip-watch',
      `from exchange import Exchange
network = {"name": "n", "source": "10.0.0.1", "port": 1, "witnesses": [], "others": ["10.0.0.4"], "vips": ["own", "theirs"], "needed": 0}
it = Exchange(network, [{"name": "own", "address": "10.0.0.9", "network": "n", "file": "/nowhere"}], None)
said = []
it.send = lambda wire, message, hosts: said.append((message, hosts))
import time
it.take({"holds": {"theirs": 5.0, "unknown": 1.0}}, "10.0.0.4", time.monotonic(), None)
it.take({"asks": True}, "10.0.0.5", time.monotonic(), None)
[(message, hosts)] = said
print(hosts, {vip: list(heard) for vip, heard in message["heard"].items()})`,
    ),
  ).toBe("['10.0.0.5'] {'own': [], 'theirs': ['10.0.0.4']}");
});

test('what somebody else sends to that port is nothing, whatever it is', async () => {
  expect(
    await pythonOn(
      'keepalived/vip-watch',
      `from message import packed, unpacked
for data in [b"", b"\\xff", b"[]", b"7", b'{"holds": 1, "heard": []}', b'{"holds": {"x": "y"}, "heard": {"x": {"b": [1]}}, "asks": 1}',
             b'{"holds": {"x": -1}, "heard": {"x": 1}}', b'{"holds": {"x": NaN}}']:
    print({key: value for key, value in unpacked(data).items() if value not in ({}, {"x": {}})}, end=" ")
print(unpacked(packed({"holds": {"x": 1.5}, "asks": True, "heard": {"x": {"b": [0.1, 2]}}})))
`,
    ),
  ).toBe("{} {} {} {} {} {} {} {} {'holds': {'x': 1.5}, 'asks': True, 'heard': {'x': {'b': [0.1, 2]}}}");
});

test('without the votes a host goes on only where the database has been served for a while all the same', async () => {
  expect(
    await pythonOn(
      'keepalived/vip-watch',
      `import side
from side import Side
clock = {"now": 100.0}
side.time.monotonic = lambda: clock["now"]
votes, served = True, True
network = {"source": "a", "needed": 1, "witnesses": [{"address": "b", "votes": 1}]}
it = Side(network, lambda source, witnesses, enough: 1 if votes else 0, lambda: served)
def look(seconds):
    clock["now"] += seconds
    return it.look()
print(look(0), end=" ")
votes = False
# Served by those that have not noticed yet; then nobody is; then those that are left are told to go on.
print(look(1), look(1), look(2), end=" ")
served = False
print(look(1), end=" ")
served = True
print(look(1), look(4), look(2), end=" ")
votes = True
print(look(1), it.is_served_without_votes)
`,
    ),
  ).toBe('True False False False False False False True True False');
});

test('a database counts as served here when all members that it has answer here, and not when others serve elsewhere', async () => {
  expect(
    await pythonOn(
      'keepalived/vip-watch',
      `import side
def served(*sizes):
    side.size_of_component = lambda database: database
    return side.is_whole_here(list(sizes))
print(served(1, None, None), served(2, 2, None), served(3, None, None), served(3, 3, None), served(None, None), served())`,
    ),
  ).toBe('True True False False False False');
});
