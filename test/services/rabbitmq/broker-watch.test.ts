import { expect, test } from 'vitest';
import { pythonOn } from '../../support/python.ts';

/**
 * Members that speak twice a second for `seconds`, over ways of which some are cut from the first second on: pairs of
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
    for tick in range(0, 2 * max(asked) + 1):
        now = tick / 2 + 100
        if tick / 2 == restarts:
            it[members[0]] = Hearing(members[0], list(members), now)
        for name in members:
            if name in dead and tick > 20:
                continue
            runs = name not in stopped
            it[name].take(now, runs)
            word = unpacked(packed(Word(runs, it[name].is_apart, it[name].heard(now))))
            for other in members:
                is_cut = name + ">" + other in cuts and 20 < tick < 2 * heals
                if other != name and not is_cut and not (other in dead and tick > 20):
                    it[other].hear(name, word, now)
        if tick / 2 in asked:
            said.append("".join(name for name in members if it[name].is_apart and name not in dead) or "-")
    return " ".join(said)

def both(*pairs):
    return [pair[0] + ">" + pair[1] for pair in pairs] + [pair[1] + ">" + pair[0] for pair in pairs]

${script}`,
  );

test('where two of three do not see each other, the later one stands apart before RabbitMQ notices, and only that one', async () => {
  expect(await played('print(play("abc", both("ab"), [10, 15, 16, 40]))')).toBe('- b b b');
  expect(await played('print(play("abc", both("ac"), [10, 14, 18, 40]))')).toBe('- - c c');
  expect(await played('print(play("abc", both("bc"), [10, 14, 18, 40]))')).toBe('- - c c');
});

test.each(['a>b', 'b>a'])('a way that is cut in one direction (%s) is cut', async (way) => {
  expect(await played(`print(play("abc", ["${way}"], [10, 16, 40]))`)).toBe('- b b');
});

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
print(*[unpacked(data) for data in [b"", b"\\xff", b"{}", b"[]", b"7", b'{"runs": true, "apart": false, "heard": {"a": [-1, 1, 1]}}',
  b'{"runs": true, "apart": false, "heard": [1]}', b'{"runs": true, "apart": false, "heard": {"a": 1}}']])`,
    ),
  ).toBe('None None None None None None None None');
});

test('a port counts where something listens on it, and not where it is only connected', async () => {
  expect(
    await pythonOn(
      'rabbitmq/broker-watch',
      `from broker import is_listener
for line in ["0: 0B4D4D0A:6449 00000000:0000 0A 0", "1: 0B4D4D0A:6449 0C4D4D0A:9000 01 0", "sl local rem st", ""]:
    print(is_listener(line.split(), ":6449"), end=" ")`,
    ),
  ).toBe('True False False False');
});
