import { expect, test } from 'vitest';
import { pythonOn } from '../../support/python.ts';

const python = (lines: string) => pythonOn('galera/galera-agent', lines);

test('a disk that is nearly full counts as full until there is twice as much room, and so do used up numbers of files', async () => {
  const said = await python(`
import types
import room as module
from room import Room
module.is_read_only = lambda path: False
MB = 1024 * 1024
def left(megabytes, files=5):
    module.os = types.SimpleNamespace(statvfs=lambda path: types.SimpleNamespace(
        f_bavail=megabytes, f_frsize=MB, f_files=10, f_favail=files))
    return room.reason()
room = Room("/var/lib/mysql", 128 * MB)
print(left(128), left(127), left(255), left(256), left(128), left(500, files=0), left(500), sep="\\n")
module.is_read_only = lambda path: True
print(left(500))
`);
  expect(said.split('\n')).toEqual([
    'None',
    '127 MB are left for its data',
    '255 MB are left for its data',
    'None',
    'None',
    '500 MB are left for its data',
    'None',
    'the file system of its data is read-only',
  ]);
});

test('a file system that the kernel has made read-only is told from our own view of it', async () => {
  const said = await python(`
from room import options_of
# As systemd's ProtectSystem=strict makes it: every mount is read-only for us.
mounts = """
21 1 259:2 / / ro,relatime shared:1 - ext4 /dev/nvme0n1p2 rw,errors=remount-ro
40 21 259:3 / /var/lib/mysql ro,relatime shared:9 - ext4 /dev/nvme0n1p3 ro,errors=remount-ro
41 21 0:31 / /var/lib/mysql-files ro - tmpfs tmpfs rw,size=64k
""".strip()
for path in "/var/lib/mysql", "/var/lib/mysql-files", "/var/lib/rabbitmq", "/":
    print(options_of(path, mounts))
`);
  expect(said.split('\n')).toEqual([
    'ro,errors=remount-ro',
    'rw,size=64k',
    ...Array(2).fill('rw,errors=remount-ro'),
  ]);
});

test('a member without room gives the writes up while another is fit, and never says that it could take them', async () => {
  const said = await python(`
import types
from fitness import Fitness
healthy = types.SimpleNamespace(reason=lambda: None)
others = types.SimpleNamespace(asked=0, fit=False)
def ask():
    others.asked += 1
others.ask = ask
others.are_fit = lambda: others.fit
fitness = Fitness(healthy, None, others)
print(fitness.reason(), fitness.own_reason())
fitness.no_room = "1 MB is left"
print(fitness.reason(), "|", fitness.own_reason())
others.fit = True
print(fitness.reason(), "|", fitness.own_reason())
`);
  expect(said.split('\n')).toEqual(['None None', 'None | 1 MB is left', '1 MB is left | 1 MB is left']);
});

test('the others are asked one by one until one is fit, and what it said is soon forgotten', async () => {
  const said = await python(`
import others as module
from others import Others
answers = {"http://a/fit": False, "http://b/fit": True, "http://c/fit": True}
asked = []
now = [100.0]
module.is_fit = lambda url: asked.append(url) or answers[url]
module.time.monotonic = lambda: now[0]
others = Others(list(answers))
print(others.are_fit())
others.ask()
print(others.are_fit(), asked)
now[0] += 3.0
print(others.are_fit())
`);
  expect(said.split('\n')).toEqual(['False', "True ['http://a/fit', 'http://b/fit']", 'False']);
});

test('a server whose replication has ended for good is started anew; one that starts, waits or was taken out by hand is not', async () => {
  const said = await python(`
from left import Left, has_left
state = {"wsrep_connected": "OFF", "wsrep_cluster_status": "Disconnected", "wsrep_cluster_address": "gcomm://10.77.0.11"}
print(has_left(state))
print(has_left({**state, "wsrep_connected": "ON", "wsrep_cluster_status": "non-Primary"}))
print(has_left({**state, "wsrep_cluster_address": ""}))
left = Left()
for is_so, now in (True, 100), (True, 119), (False, 121), (True, 122), (True, 141), (True, 142):
    print(left.is_for_good(is_so, now))
`);
  expect(said.split('\n')).toEqual([
    ...['True', 'False', 'False'],
    // For 20 s without a break.
    ...['False', 'False', 'False', 'False', 'False', 'True'],
  ]);
});
