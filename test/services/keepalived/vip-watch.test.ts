import { mkdtemp } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pythonOn } from '../../support/python.ts';

const python = async (lines: string): Promise<readonly string[]> =>
  (await pythonOn('keepalived/vip-watch', lines)).split('\n');

test('a front is given up after three silent looks in a row, and back after one', async () => {
  const said = await python(`
from fronts import FALL, RISE
from verdict import Verdict
verdict = Verdict(FALL, RISE)
print(*[verdict.take(is_well) for is_well in [False, False, True, False, False, True, False, False, False, True]])
`);
  expect(said).toEqual(['None None True True True True True True False True']);
});

test('a host that starts among others that are silent is not cut off before the third look', async () => {
  const said = await python(`
from verdict import Verdict
from witnesses import FALL, RISE
verdict = Verdict(FALL, RISE)
print(*[verdict.take(is_well) for is_well in [False, True, False, False, False, True, True]])
`);
  expect(said).toEqual(['None None None None False False True']);
});

test('a file changes only with the verdict, and is tried again where it could not be written', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vip-watch-'));
  const said = await python(`
import os
from verdict import Verdict
from watch import Watch
path = "${folder}/later/alive"
watch = Watch("front", None, Verdict(3, 1), 1, path)
watch.take(True)
print(os.path.exists(path), watch.file.written)
os.mkdir(os.path.dirname(path))
for is_well in [True, False, False, False]:
    watch.take(is_well)
    print(open(path).read().strip(), watch.file.written)
os.unlink(path)
watch.take(False)
print(os.path.exists(path))
`);
  expect(said).toEqual(['False None', '0 0', '0 0', '0 0', '1 1', 'False']);
});

const servers: Server[] = [];
const ports = { well: 0, ill: 0, mute: 0, strange: 0 };

beforeAll(async () => {
  ports.well = await portThatSays('HTTP/1.1 200 OK\r\n\r\n');
  ports.ill = await portThatSays('HTTP/1.1 503 Service Unavailable\r\n\r\n');
  ports.mute = await portThatSays(undefined);
  ports.strange = await portThatSays('SSH-2.0-OpenSSH\r\n');
});

async function portThatSays(reply: string | undefined): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    if (reply !== undefined) socket.end(reply);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

afterAll(() => {
  for (const server of servers) server.close();
});

test('a front answers when it says 200 in time, and not when it is ill, mute, strange or gone', async () => {
  const said = await python(`
from fronts import front_answers
def front(port):
    return {"address": "127.0.0.1", "port": port, "path": "/alive"}

for port in [${ports.well}, ${ports.ill}, ${ports.mute}, ${ports.strange}, 1]:
    print(front_answers(front(port)))
`);
  expect(said).toEqual(['True', 'False', 'False', 'False', 'False']);
});

test('an answer that has arrived counts, however late the watch wakes up to read it', async () => {
  const said = await python(`
import socket, time
import fronts
fronts.DEADLINE_SECONDS = 0.3

class Sleepy(socket.socket):
    def sendall(self, data):
        super().sendall(data)
        time.sleep(0.5)

def connect(address, timeout):
    connection = Sleepy(socket.AF_INET)
    connection.connect(address)
    return connection

socket.create_connection = connect
print(fronts.front_answers({"address": "127.0.0.1", "port": ${ports.well}, "path": "/alive"}))
`);
  expect(said).toEqual(['True']);
});

test('half of the others are asked first, and the rest only when those are silent', async () => {
  const said = await python(`
from witnesses import is_connected
witnesses = [{"address": name, "votes": votes} for name, votes in zip("abcd", (10, 11, 10, 11))]
network = {"source": "10.0.0.1", "witnesses": witnesses, "needed": 21}

def seen(up):
    asked = []
    def ask(source, witnesses, enough):
        asked.extend(each["address"] for each in witnesses)
        return sum(each["votes"] for each in witnesses if each["address"] in up)
    return is_connected(network, ask), "".join(asked)

for up in ["abcd", "bcd", "cd", "ac", "c", ""]:
    print(*seen(up))
`);
  // Just half of all, and without the votes that decide between halves.
  expect(said).toEqual(['True ab', 'True abcd', 'True abcd', 'False abcd', 'False abcd', 'False abcd']);
});

test('only the answer to a request of its own counts', async () => {
  const said = await python(`
from echo import *
token = b"0123456789abcdef"
request = echo_request(False, 7, 3, token)
print(checksum_of(request) == 0)
header = bytes([0x45]) + bytes(19)
answer = bytes([ICMP_ECHO_REPLY]) + request[1:]
print(answer_in(False, header + answer, token), answer_in(False, header + request, token))
print(answer_in(False, header + answer, b"fedcba9876543210"), answer_in(False, header + answer[:5], token))
request = echo_request(True, 7, 4, token)
print(answer_in(True, bytes([ICMP6_ECHO_REPLY]) + request[1:], token), answer_in(True, request, token))
`);
  expect(said).toEqual(['True', '3 None', 'None None', '4 None']);
});

test('an answer of a witness that has arrived counts, even when its time is up', async () => {
  const said = await python(`
import socket
import witnesses
from echo import ICMP6_ECHO_REPLY, echo_request
witnesses.DEADLINE_SECONDS = -1.0
token = b"0123456789abcdef"
wire, peers = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
for number in (0, 2, 2):
    peers.send(bytes([ICMP6_ECHO_REPLY]) + echo_request(True, 7, number, token)[1:])
print(witnesses.count_votes(wire, True, token, [10, 10, 11], 31))
`);
  expect(said).toEqual(['21']);
});

test('sessions on a server that is not the chosen one are ended once two looks in a row have seen them', async () => {
  const said = await python(`
from writers import WriterWatch, chosen_in, servers_in
table = """# table: galera, type: integer, size:102400, used:1
0x7f9d98040380: key=1 use=0 exp=0 server_id=1 server_key=ctl01
"""
stat = """# pxname,svname,qcur,qmax,scur,smax,status,
galera,ctl01,0,0,19,40,UP,
galera,ctl02,0,0,0,4,UP 2/3,
galera,ctl03,0,0,18,40,DOWN,
"""
print(chosen_in(table), chosen_in("# table: galera, type: integer, size:102400, used:0"), servers_in(stat), servers_in(""))
watch = WriterWatch({"address": "10.0.0.1", "socket": "/nowhere", "backend": "galera"})
both, one = {"ctl01": (True, 9), "ctl03": (True, 9)}, {"ctl01": (True, 9), "ctl03": (True, 0)}
print(watch.take("ctl01", both), watch.take("ctl01", both), watch.take("ctl01", one))
print(watch.take("ctl01", both), watch.take(None, both), watch.take("ctl01", both))
# An older choice that a peer has taught: it is down, and the others serve.
down = {"ctl01": (False, 0), "ctl03": (True, 9)}
print([watch.take("ctl01", down) for _ in range(3)])
`);
  expect(said).toEqual([
    "ctl01 None {'ctl01': (True, 19), 'ctl02': (True, 0), 'ctl03': (False, 18)} {}",
    "[] ['ctl03'] []",
    '[] [] []',
    '[[], [], []]',
  ]);
});
