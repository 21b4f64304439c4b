import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pythonOn } from '../../support/python.ts';

const python = async (lines: string): Promise<readonly string[]> =>
  (await pythonOn('keepalived/vip-watch', lines)).split('\n');

test('an ARP request is the one that the standard has, and only an answer to us counts', async () => {
  const said = await python(`
import arp
own = bytes.fromhex("020000000001")
print(arp.request(own, "10.99.0.11", "10.99.0.100").hex())
# As a Linux host answered it: from 02:00:00:00:00:02, for 10.99.0.100, to us at 10.99.0.11; padded by the card.
answer = bytes.fromhex("0001080006040002" "020000000002" "0a630064" "020000000001" "0a63000b") + bytes(18)
print(arp.station_in(answer, own, "10.99.0.100"))
announced = bytes.fromhex("0001080006040002" "020000000002" "0a630064" "ffffffffffff" "0a630064")
asked = answer[:7] + bytes([1]) + answer[8:]
print(arp.station_in(answer, own, "10.99.0.101"), arp.station_in(announced, own, "10.99.0.100"))
print(arp.station_in(asked, own, "10.99.0.100"), arp.station_in(answer[:20], own, "10.99.0.100"))
`);
  expect(said).toEqual([
    '00010800060400010200000000010a63000b0000000000000a630064',
    '02:00:00:00:00:02',
    'None None',
    'None None',
  ]);
});

test('with IPv6 the neighbours are asked, and only an answer counts', async () => {
  const said = await python(`
import solicitation
own = bytes.fromhex("020000000001")
print(solicitation.request(own, "fd99::1:2345:6789").hex(), solicitation.group_of("fd99::1:2345:6789"))
target = bytes.fromhex("fd990000000000000000000000000100")
answer = bytes([136, 0, 9, 9, 0x60, 0, 0, 0]) + target + bytes([2, 1]) + bytes.fromhex("020000000002")
print(solicitation.station_in(answer, "fd99::100"), solicitation.station_in(answer, "fd99::101"))
announced = answer[:4] + bytes([0x20]) + answer[5:]
print(solicitation.station_in(announced, "fd99::100"), solicitation.station_in(answer[:24], "fd99::100"))
# An option of no length must not hold it for ever.
print(solicitation.station_in(answer[:24] + bytes(8), "fd99::100"))
`);
  expect(said).toEqual([
    '8700000000000000fd990000000000000000000123456789' + '0101020000000001 ff02::1:ff45:6789',
    '02:00:00:00:00:02 None',
    'None None',
    'None',
  ]);
});

test('every station that answers one question is gathered once, also when the time is up', async () => {
  const said = await python(`
import asking, socket
asking.GATHER_SECONDS = -1.0
wire, network = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
for packet in (b"a", b"b", b"a", b"-"):
    network.send(packet)
print(sorted(asking.gather(wire, lambda packet: None if packet == b"-" else packet.decode())))
`);
  expect(said).toEqual(["['a', 'b']"]);
});

test('a VIP that moves is never heard from two at once, and a stranger beside its holder is from the first answer', async () => {
  const said = await python(`
from stations import Stations

def seen(*looks):
    stations = Stations()
    for second, (holds, heard) in enumerate(looks):
        stations.take(float(second), holds, set(heard))
    return " ".join("%s%d" % (mac, each.beside) for mac, each in sorted(stations.known.items())) or "-"

print("moves", seen((False, "a"), (False, "a"), (False, "b"), (False, "b")))
print("moves to us", seen((False, "a"), (False, "a"), (True, "")))
print("two at once", seen((False, "a"), (False, "ab"), (False, "ab")))
print("beside us", seen((True, ""), (True, "x"), (True, "x")))
print("lost for once", seen((True, "x"), (True, "x"), (True, ""), (True, "x")))
print("gone", seen((True, "x"), *[(True, "")] * 6))
`);
  expect(said).toEqual([
    'moves a0 b0',
    'moves to us a0',
    'two at once a2 b2',
    'beside us x2',
    'lost for once x1',
    'gone -',
  ]);
});

test('the file is one line with the stations and what they are otherwise known as', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stations-'));
  await python(`
import kernel, stations
table = """IP address       HW type     Flags       HW address            Mask     Device
10.77.0.16       0x1         0x2         02:ab:00:00:00:01     *        host0
10.77.0.102      0x1         0x2         02:ab:00:00:00:01     *        host0
10.77.0.17       0x1         0x0         00:00:00:00:00:00     *        host0
"""
kernel.neighbours = lambda: table
kernel.uptime = lambda: 1234.5
kernel.has_address = lambda address: True
stations.stations_with = lambda search: {"02:ab:00:00:00:01"}
search = {"name": "public", "address": "10.77.0.102", "source": "10.77.0.14", "interface": "host0"}
stations.StationSearch({**search, "file": "${folder}/stations-public"}).look()
`);
  const text = await readFile(join(folder, 'stations-public'), 'utf8');
  expect(text.split('\n')).toHaveLength(2);
  expect(JSON.parse(text)).toEqual({
    looked: 1234.5,
    stations: [{ mac: '02:ab:00:00:00:01', beside: 1, addresses: ['10.77.0.16'] }],
  });
});

test('whether this host has an address itself is read from its routes, to the letter', async () => {
  const said = await python(`
from kernel import is_local_in
routes = """Local:
           |-- 10.77.0.10
              /32 host LOCAL
           |-- 10.77.0.102
              /32 link UNICAST
"""
print(is_local_in(routes, "10.77.0.10"), is_local_in(routes, "10.77.0.1"), is_local_in(routes, "10.77.0.102"))
`);
  expect(said).toEqual(['True False False']);
});
