import { expect, test } from 'vitest';
import { pythonOn } from '../../support/python.ts';

/**
 * Members that speak four times a second for `seconds`, over ways of which some are cut from the first second on: pairs of
 * `FROM>TO`. Prints who stands apart at each of the asked seconds.
 */
const played = (script: string): Promise<string> =>
  pythonOn(
    'rabbitmq/broker-watch',
    `from hearing import Hearing, Word
from words import packed, unpacked

def play(members, cuts, asked, dead="", stopped="", heals=1e9, restarts=None):
    it = {name: Hearing(name, list(members), 0.0) for name in members}
    said = []
    for tick in range(0, 4 * max(asked) + 1):
        now = tick / 4 + 100
        if tick / 4 == restarts:
            it[members[0]] = Hearing(members[0], list(members), now)
        for name in members:
            if name in dead and tick > 40:
                continue
            runs = name not in stopped
            it[name].take(now, runs)
            word = unpacked(packed(Word(runs, runs, it[name].is_apart, it[name].heard(now))))
            for other in members:
                is_cut = name + ">" + other in cuts and 40 < tick < 4 * heals
                if other != name and not is_cut and not (other in dead and tick > 40):
                    it[other].hear(name, word, now)
        if tick / 4 in asked:
            said.append("".join(name for name in members if it[name].is_apart and name not in dead) or "-")
    return " ".join(said)

def both(*pairs):
    return [pair[0] + ">" + pair[1] for pair in pairs] + [pair[1] + ">" + pair[0] for pair in pairs]

${script}`,
  );

test('where two of three do not see each other, the later one stands apart before RabbitMQ notices, and only that one', async () => {
  // It is cut from 10.25 on, and RabbitMQ notices 3.3 s later.
  expect(await played('print(play("abc", both("ab"), [10, 11.75, 13.5, 40]))')).toBe('- - b b');
  expect(await played('print(play("abc", both("ac"), [10, 11.75, 13.5, 40]))')).toBe('- - c c');
  expect(await played('print(play("abc", both("bc"), [10, 11.75, 13.5, 40]))')).toBe('- - c c');
});

test.each(['a>b', 'b>a'])('a way that is cut in one direction (%s) is cut', async (way) => {
  expect(await played(`print(play("abc", ["${way}"], [10, 16, 40]))`)).toBe('- b b');
});

test.each(['a', 'b', 'c'])(
  'one that hears nobody, or is heard by nobody (%s), has nobody else go',
  async (one) => {
    const others = [...'abc'].filter((other) => other !== one);
    const ways = (pair: (other: string) => string) =>
      `[${others.map((other) => `"${pair(other)}"`).join(', ')}]`;
    const deaf = await played(`print(play("abc", ${ways((other) => `${other}>${one}`)}, [14, 18, 40]))`);
    expect(deaf).toBe('- - -');
    const mute = await played(`print(play("abc", ${ways((other) => `${one}>${other}`)}, [14, 18, 40]))`);
    expect([...mute].every((each) => each === one || '- '.includes(each))).toBe(true);
  },
);

test('it comes back when the way is whole again, and not at its first sign', async () => {
  expect(await played('print(play("abc", both("ab"), [30, 32, 34, 60], heals=30))')).toBe('b b - -');
});

test('nobody stands apart for one that is dead, whose broker is stopped, or whom nobody else sees either', async () => {
  expect(await played('print(play("abc", [], [12, 16, 40], dead="a"))')).toBe('- - -');
  expect(await played('print(play("abc", both("ab"), [12, 16, 40], stopped="a"))')).toBe('- - -');
  expect(await played('print(play("abc", both("ab", "ac"), [12, 16, 40]))')).toBe('- - -');
  expect(await played('print(play("abcde", both("ac", "ad", "ae", "bc", "bd", "be"), [12, 40]))')).toBe(
    '- -',
  );
});

test('nobody stands apart where those that stay would be no majority', async () => {
  expect(await played('print(play("abc", both("ab"), [16, 40], stopped="c"))')).toBe('- -');
  expect(await played('print(play("abcde", both("bc"), [16, 40], dead="de"))')).toBe('- -');
});

test('a watch that starts anew is no cut', async () => {
  expect(await played('print(play("abc", [], [20, 21, 24, 40], restarts=20))')).toBe('- - - -');
});

test('of five, where one that goes is enough, one goes', async () => {
  expect(await played('print(play("abcde", both("ab", "bc"), [40]))')).toBe('b');
  expect(await played('print(play("abcde", both("ab", "cd"), [40]))')).toBe('bd');
});

test('what somebody else sends is nothing, whatever it is', async () => {
  expect(
    await pythonOn(
      'rabbitmq/broker-watch',
      `from words import unpacked
print(*[unpacked(data) for data in [b"", b"\\xff", b"{}", b"[]", b"7", b'{"runs": true, "serves": true, "apart": false, "heard": {"a": [-1, 1, 1, 1, 1]}}',
  b'{"runs": true, "serves": true, "apart": false, "heard": [1]}', b'{"runs": true, "serves": true, "apart": false, "heard": {"a": 1}}']])`,
    ),
  ).toBe('None None None None None None None None');
});

test('one that takes nobody while others serve and are in reach is started anew, and later each time', async () => {
  expect(
    await pythonOn(
      'rabbitmq/broker-watch',
      `from hearing import Hearing, Heard, Word
def tries(c_serves, links, until=1000):
    it = Hearing("a", ["a", "b", "c"], 0.0)
    said = []
    for second in range(until):
        for other in links:
            it.hear(other, Word(True, c_serves, False, {"a": Heard(0.1, True, False, False, True)}), float(second))
        if it.is_stuck(float(second), True, False):
            said.append(second)
    return said
print(tries(True, "bc"), tries(True, "c"), tries(False, "bc"), tries(True, ""))
serving = Hearing("a", ["a", "b", "c"], 0.0)
print(serving.is_stuck(500.0, True, True), serving.is_stuck(500.0, False, False))`,
    ),
  ).toBe('[120, 361, 842] [120, 361, 842] [] []\nFalse False');
});

test('a port counts where something listens on the own address or on all, and not on a VIP of the same host', async () => {
  expect(
    await pythonOn(
      'rabbitmq/broker-watch',
      `from broker import is_open, listener_in
lines = ["0: 0B004D0A:6449 00000000:0000 0A 0", "1: 0C004D0A:6449 0C004D0A:9000 01 0", "2: 64004D0A:3D38 00000000:0000 0A 0",
  "3: 00000000000000000000000000000000:1628 0:0 0A 0", "sl local rem st", ""]
places = {place for line in lines if (place := listener_in(line)) is not None}
for address, port in [("10.77.0.11", 25673), ("10.77.0.12", 25673), ("10.77.0.11", 15672), ("10.77.0.11", 5672)]:
    print(is_open(places, address, port), end=" ")`,
    ),
  ).toBe('True False False True');
});

test('clients are kept out of each port at which they come in', async () => {
  expect(
    await pythonOn(
      'rabbitmq/broker-watch',
      `import subprocess, broker
subprocess.run = lambda words, input="", **_: print(" ".join(words) if words[0] == "ss" else input)
broker.ALONE_MARK = "/dev/null"
broker.keep_out([5672, 5671])`,
    ),
  ).toMatch(
    /tcp dport \{ 5672, 5671 \} reject with tcp reset[\s\S]*tcp sport \{ 5672, 5671 \} tcp flags[\s\S]*ss -K state established \( sport = :5672 or sport = :5671 \)$/,
  );
});

/**
 * Whether `a` of three keeps clients out, at each of the asked seconds. `b` and `c` speak unless `silent` says so; `deaf`:
 * they do not hear `a`; `paused`: from when the broker of `a` takes nobody any more.
 */
const alone = (words: string): Promise<string> =>
  pythonOn(
    'rabbitmq/broker-watch',
    `from hearing import Hearing, Heard, Word
def play(asked, silent=lambda other, second: False, deaf=lambda second: False, paused=1e9, serves_from=0.0):
    it = Hearing("a", ["a", "b", "c"], 0.0)
    said = []
    for tick in range(0, 4 * max(asked) + 1):
        second = tick / 4
        for other in ("b", "c"):
            if not silent(other, second):
                heard = {"a": Heard(3.0 if deaf(second) else 0.2, True, True, False, True)}
                it.hear(other, Word(True, True, False, heard), second)
        keeps = it.keeps_out(second, serves_from <= second < paused)
        if second in asked:
            said.append("out" if keeps else "in")
    return " ".join(said)

print(play(${words}))`,
  );

test('one that hears nobody, or is heard by nobody, keeps clients out before RabbitMQ can notice, 3.4 s after the cut', async () => {
  const cut = 'silent=lambda other, second: second >= 20';
  expect(await alone(`[19, 21, 22, 23], ${cut}`)).toBe('in in out out');
  expect(await alone('[19, 20, 21, 23], deaf=lambda second: second >= 20')).toBe('in in out out');
  // Who was held up itself is not heard for a moment, and that is no cut.
  expect(await alone('[20, 21, 23], deaf=lambda second: 20 <= second < 20.5')).toBe('in in in');
});

test('who sees one of two others takes clients, and so does who has never seen a majority', async () => {
  expect(await alone('[19, 23, 60], silent=lambda other, second: other == "b" and second >= 20')).toBe(
    'in in in',
  );
  expect(await alone('[5, 60], silent=lambda other, second: True')).toBe('in in');
});

test('clients come in again once a majority is back to stay, or the broker has paused, or does not want to', async () => {
  const cut = 'silent=lambda other, second: 20 <= second < 40';
  expect(await alone(`[30, 41, 42, 44], ${cut}`)).toBe('out out out in');
  expect(await alone(`[23, 24, 35], ${cut}, paused=24`)).toBe('out in in');
  const gone = 'silent=lambda other, second: second >= 20';
  // Alone for good, as after a recovery without the others: and then nobody is kept out a second time.
  expect(await alone(`[51, 53, 300], ${gone}`)).toBe('out in in');
});
