import { describe, expect, test } from 'vitest';
import { instancesOf } from '../../../src/model/topology.ts';
import { apiChecker } from '../../../src/services/api-checker/index.ts';
import type { CheckerInstance } from '../../../src/services/api-checker/names.ts';
import { haproxy } from '../../../src/services/haproxy/index.ts';
import { expectGolden, resourcesOf } from '../../support/golden.ts';
import { observed, observedHost } from '../../support/observed.ts';
import { wholeTopology } from '../../support/openstack.ts';
import { pythonOn } from '../../support/python.ts';
import { fiveHosts, threeHosts } from '../../support/topology.ts';

const settings = apiChecker.settings.parse({});
const instancesIn = (topology: ReturnType<typeof wholeTopology>): readonly CheckerInstance[] =>
  instancesOf(topology, 'api-checker').map((instance) => ({ ...instance, settings }));

describe.each([
  ['five-bookworm', fiveHosts('bookworm')],
  ['three-bookworm', threeHosts('bookworm')],
] as const)('%s', (layout, hosts) => {
  const topology = wholeTopology(hosts);

  test('files and units', async () => {
    await expectGolden(apiChecker, instancesIn(topology).slice(0, 2), { layout, topology });
  });
});

test('the load balancers ask the checker about an API, and a server without deep check itself', async () => {
  const topology = wholeTopology(fiveHosts());
  const [instance] = instancesOf(topology, 'haproxy');
  if (!instance) throw new Error('no instance');
  const resources = await resourcesOf(
    haproxy,
    { ...instance, settings: haproxy.settings.parse({}) },
    topology,
  );
  const config = resources.find((each) => each.kind === 'file' && each.path.endsWith('haproxy-api.cfg'));
  const text = config?.kind === 'file' ? config.content : '';
  expect(text).toMatch(
    /listen keystone\n[\s\S]*?uri \/keystone [\s\S]*?server ctl01 10\.77\.0\.11:5000 check port 9190/,
  );
  expect(text).toMatch(
    /listen rabbitmq-management\n[\s\S]*?server ctl01 10\.77\.0\.11:15672 check port 15672/,
  );
});

// Only its decisions are tested here; the database client need not be installed.
const withoutDatabase =
  "import sys, types; sys.modules['pymysql'] = types.SimpleNamespace(MySQLError=OSError)\n";

const python = (lines: string): Promise<string> =>
  pythonOn('api-checker/api-checker', withoutDatabase + lines);

test('an API that is unwell leaves only while it is well on another host, seen after it fell ill', async () => {
  const said = await python(`
from decision import decide
from finding import Finding
def finding(page=None, database=None, since=10.0, listens=True):
    f = Finding()
    f.take("page", None, 9.0)
    f.take("database", None, 9.0)
    f.take("page", page, since, listens)
    f.take("database", database, since)
    return f

now = 10.5
print(decide(finding(), [None, None], now)[0])
print(decide(finding(database="gone"), [10.2, None], now)[0])
print(decide(finding(database="gone"), [9.9, None], now)[0], "nobody was well since")
print(decide(finding(database="gone"), [None, None], now)[0], "nobody is well")
print(decide(finding(page="hangs"), [10.2, None], now)[0])
print(decide(finding(page="does not listen", listens=False), [None, None], now)[0], "nothing there")
print(decide(finding(database="gone"), [10.2, None], 13.0)[0], "too long ago")
print(decide(finding(database="gone"), [15.9, None], 16.0)[0], "nobody looked lately")
`);
  expect(said.split('\n')).toEqual([
    'True',
    'False',
    'True nobody was well since',
    'True nobody is well',
    'False',
    'False nothing there',
    'True too long ago',
    'True nobody looked lately',
  ]);
});

test('what nobody looks at any more is offered, and never called well', async () => {
  const said = await python(`
from decision import decide
from finding import Finding
finding = Finding()
print(decide(finding, [], 1.0))
finding.take("page", None, 1.0)
print(decide(finding, [], 1.1))
finding.take("database", None, 1.0)
print(decide(finding, [], 1.1))
print(decide(finding, [], 9.0))
`);
  expect(said.split('\n')).toEqual([
    "(True, 'nobody has looked lately')",
    "(True, 'nobody has looked lately')",
    "(True, 'well')",
    "(True, 'nobody has looked lately')",
  ]);
});

const judged = (output: string) => {
  const topology = wholeTopology(fiveHosts());
  const [instance] = instancesIn(topology);
  if (!instance) throw new Error('no instance');
  const now = observed(observedHost('ctl01', { probes: { 'api-checker.own': output } }));
  return apiChecker.checks([instance], topology).flatMap((check) => check.judge(now));
};

test('a checker that does not answer, or looks at nothing, is no healthy one', () => {
  expect(judged('')).toMatchObject([{ severity: 'red' }]);
  expect(judged('keystone unknown 0.00 in nobody has looked lately\n')).toMatchObject([{ severity: 'red' }]);
  expect(judged('keystone well 0.31 in well\nnova unwell 0.00 out hangs\n')).toEqual([]);
  expect(judged('nova unwell 0.00 in hangs; kept, since it is well nowhere else\n')).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('kept') },
  ]);
});

test('however three hosts fall ill or wait for what boots beside, one by one or at once, one of them stays', async () => {
  const said = await python(`
from decision import decide
from finding import Finding
import itertools, random
random.seed(7)
worst = 3
for round in range(60):
    ill_at = [round % 3 and random.uniform(0, 3) or 1.0 for _ in range(3)]
    waits_until = [random.choice([0.0, random.uniform(0, 5)]) for _ in range(3)]
    lag = [[random.uniform(0, 0.6) for _ in range(3)] for _ in range(3)]
    findings = [Finding() for _ in range(3)]
    looked = [random.uniform(-0.5, 0) for _ in range(3)]
    history = [[] for _ in range(3)]
    now = 0.0
    while now < 6:
        for host in range(3):
            if now - looked[host] >= 0.5:
                looked[host] = now
                reason = "gone" if now >= ill_at[host] else None
                findings[host].take("page", None, now)
                findings[host].take("database", reason, now)
                history[host].append((now, now if reason is None and now >= waits_until[host] else None))
        def seen(by, of):
            told = [well for at, well in history[of] if at <= now - lag[by][of]]
            return told[-1] if told else None
        waits = ["others load" if now < until else None for until in waits_until]
        stay = sum(decide(findings[h], [seen(h, o) for o in range(3) if o != h], now, waits[h])[0] for h in range(3))
        if now > 0.5:
            worst = min(worst, stay)
        now += 0.1
print(worst)
`);
  expect(Number(said)).toBeGreaterThanOrEqual(1);
});

test('fresh processes are asked until they answer quickly, before clients are sent to them', async () => {
  const said = await python(`
import time
import warm_up as module
from warm_up import WarmUp
module.PAUSE_SECONDS = 0.0
rounds = iter([3.0, 3.0, 0.8, 3.0, 0.4, 0.3, 0.2, 0.2])
asked = []
warm = []
def ask_round():
    asked.append(next(rounds))
    now[0] += asked[-1]
    return asked[-1]
def settled(warm_up):
    for _ in range(100):
        if warm_up.look() is None:
            return None
        time.sleep(0.02)
    return "never warm"
start, now = [500.0], [510.0]
warm_up = WarmUp(ask_round, lambda: start[0], warm.append, clock=lambda: now[0])
print(warm_up.look(), settled(warm_up), len(asked))
start[0] = 600.0
now[0] = 601.0
print(warm_up.look(), settled(warm_up), len(asked), "restarted")
print("warm after", [round(seconds, 1) for seconds in warm])
started_long_ago = WarmUp(ask_round, lambda: 10.0, clock=lambda: 600.0)
print(started_long_ago.look(), len(asked), "was there before this program")
gone = WarmUp(ask_round, lambda: None, clock=lambda: 600.0)
print(gone.look(), len(asked), "nothing runs")
slow_start = WarmUp(lambda: 0.2, lambda: 10.0, clock=lambda: 600.0)
slow_start.is_away()
print(slow_start.look(), settled(slow_start), "took minutes to start")
`);
  expect(said.split('\n')).toEqual([
    'warming up None 6',
    'warming up None 8 restarted',
    'warm after [10.5, 0.4]',
    'None 8 was there before this program',
    'None 8 nothing runs',
    'warming up None took minutes to start',
  ]);
});

test('an API that stays slow is offered after two minutes all the same, and is said to be warming up until then', async () => {
  const said = await python(`
import warm_up as module
from warm_up import WarmUp
module.PAUSE_SECONDS = 0.0
now = [510.0]
looks = []
def ask_round():
    now[0] += 3.0
    looks.append((warm_up.look(), warm_up.is_warming()))
    return 3.0
warm_up = WarmUp(ask_round, lambda: 500.0, give_up=lambda seconds: print("gave up after", seconds), clock=lambda: now[0])
warm_up.fresh = 500.0
warm_up.ask(500.0)
print(set(looks), len(looks), warm_up.look(), warm_up.is_warming())
`);
  expect(said).toBe("gave up after 120.0\n{('warming up', True)} 40 None False");
});

test('an API that has loaded waits until those beside it have, and not for one that never does', async () => {
  const said = await python(`
from decision import decide
from entrance import Entrance
from finding import Finding
def found(page=None, at=10.0, loads=False):
    finding = Finding()
    finding.take("page", page, at, loads=loads)
    finding.take("database", None, at)
    return finding

entrance = Entrance()
print(entrance.look(found(), True, 10.0), "was there before the other loads")
loading = found("warming up", loads=True)
print(entrance.look(loading, True, 10.0), decide(loading, [10.2], 10.3))
waits = entrance.look(found(), True, 10.0)
print(decide(found(), [10.2], 10.3, waits))
print(decide(found(), [None], 10.3, waits))
print(entrance.look(found(at=50.0), False, 50.0), entrance.look(found(at=51.0), True, 51.0), "in, and stays in")
again = Entrance()
again.look(loading, False, 10.0)
print(again.look(found(at=11.0), True, 11.0) is None, again.look(found(at=115.0), True, 115.0) is None, "gave up")
`);
  expect(said.split('\n')).toEqual([
    'None was there before the other loads',
    "None (False, 'warming up')",
    "(False, 'waits for the other APIs of this host, which load')",
    "(True, 'waits for the other APIs of this host, which load; kept, since it is well nowhere else')",
    'None None in, and stays in',
    'False True gave up',
  ]);
});

test('a host says of an API that waits for another that it is not well, until that has loaded', async () => {
  const said = await python(`
import time
from peers import Peers
from server import Server
from watched import Watched
server = Server.__new__(Server)
server.apis = {name: Watched({"name": name}, None) for name in ("keystone", "nova")}
server.peers = Peers(["10.0.0.2"], 9190)
now = time.monotonic()
server.peers.well["10.0.0.2"] = {"keystone": now, "nova": now}

def found(name, page, loads):
    server.apis[name].finding.take("page", page, time.monotonic(), loads=loads)
    server.apis[name].finding.take("database", None, time.monotonic())

def told():
    return [line.split(" ")[:2] + line.split(" ")[3:] for line in server.own().splitlines()]

found("keystone", "warming up", True)
found("nova", "not started yet", True)
server.own()
found("keystone", None, False)
server.peers.well["10.0.0.2"] = {"keystone": time.monotonic(), "nova": time.monotonic()}
print(*told()[0], server.is_unwell())
found("nova", None, False)
print(*told()[0])
print(*told()[1], server.is_unwell())
`);
  expect(said.split('\n')).toEqual([
    'keystone unwell out waits for the other APIs of this host, which load True',
    'keystone well in well',
    'nova well in well False',
  ]);
});

test('no API of a host in maintenance is offered or counted on, unless it is well nowhere else', async () => {
  const said = await python(`
import tempfile, time
import maintenance
from peers import Peers
from server import Server
from watched import Watched
server = Server.__new__(Server)
server.apis = {"keystone": Watched({"name": "keystone"}, None)}
server.peers = Peers(["10.0.0.2"], 9190)
for aspect in ("page", "database"):
    server.apis["keystone"].finding.take(aspect, None, time.monotonic())

def told(peer):
    server.peers.well["10.0.0.2"] = {"keystone": time.monotonic() if peer else None}
    line = server.own().split()
    print(*line[:2] + line[3:], server.is_unwell())

told(True)
with tempfile.NamedTemporaryFile() as mark:
    maintenance.MARK = mark.name
    told(True)
    told(False)
told(True)
`);
  expect(said.split('\n')).toEqual([
    'keystone well in well False',
    'keystone unwell out maintenance True',
    'keystone unwell in maintenance; kept, since it is well nowhere else True',
    'keystone well in well False',
  ]);
});

test('APIs are warmed one at a time, and a process that is ended in its turn holds up nobody', async () => {
  const said = await python(`
import os, time
from turns import Turns
import tempfile
path = tempfile.NamedTemporaryFile().name
open(path, "w").close()
log = path + ".log"

def ask(name, seconds):
    def round():
        with open(log, "a") as file:
            file.write(name + " begins\\n")
        time.sleep(seconds)
        with open(log, "a") as file:
            file.write(name + " ends\\n")
    return round

def child(name, seconds):
    number = os.fork()
    if number == 0:
        Turns(path).taking(ask(name, seconds))()
        os._exit(0)
    return number

def begins(name):
    while not os.path.exists(log) or name + " begins" not in open(log).read():
        time.sleep(0.005)

first = child("nova", 0.3)
begins("nova")
second = child("glance", 60)
os.waitpid(first, 0)
begins("glance")
third = child("neutron", 0)
os.kill(second, 9)
os.waitpid(third, 0)
print(open(log).read().split("\\n"))
os.remove(path)
os.remove(log)
`);
  expect(said).toBe("['nova begins', 'nova ends', 'glance begins', 'neutron begins', 'neutron ends', '']");
});

test('what was asked of processes that are gone says nothing about those after them', async () => {
  const said = await python(`
import warm_up as module
from warm_up import WarmUp
module.PAUSE_SECONDS = 0.0
start = [500.0]
def ask_round():
    # Restarted, and already warm, while the last round of the first processes is under way.
    start[0] = 600.0
    warm_up.fresh = warm_up.warm = 600.0
    return 3.0
warm_up = WarmUp(ask_round, lambda: start[0], clock=lambda: 601.0)
warm_up.fresh = 500.0
warm_up.ask(500.0)
print(warm_up.look())
`);
  expect(said).toBe('None');
});

test('a round counts only when every request of it is answered, with a token that is still good', async () => {
  const said = await python(`
import json, threading
from questions import DEADLINE_SECONDS, Questions
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
asked = []
class Api(BaseHTTPRequestHandler):
    status = 200
    good = "first"
    def log_message(self, *_):
        pass
    def reply(self, status, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def do_POST(self):
        login = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["auth"]
        asked.append(login["identity"]["password"]["user"]["name"])
        self.reply(201, X_Subject_Token=Api.good)
    def do_GET(self):
        asked.append(self.path)
        self.reply(Api.status if self.headers["X-Auth-Token"] == Api.good else 401)
server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
threading.Thread(target=server.serve_forever, daemon=True).start()
port = server.server_address[1]
def questions(a_token_each):
    return Questions({"address": "127.0.0.1", "port": port}, {
        "path": "/list?limit=1", "at_once": 3, "identity": "http://127.0.0.1:%d/v3" % port, "a_token_each": a_token_each,
        "authorities": None, "login": {"user": "nova", "password": "p", "project": "service", "domain": "Default"}})
def round_of(asking):
    asked.clear()
    took = asking.ask_round()
    return ("whole" if took < DEADLINE_SECONDS else "not whole", sorted(asked))
lists = questions(False)
print(*round_of(lists))
Api.status = 500
print(*round_of(lists))
Api.status, Api.good = 200, "second"
print(*round_of(lists))
print(*round_of(lists))
print(*round_of(questions(True)))
server.shutdown()
`);
  expect(said.split('\n')).toEqual([
    "whole ['/list?limit=1', '/list?limit=1', '/list?limit=1', 'nova']",
    "not whole ['/list?limit=1', '/list?limit=1', '/list?limit=1']",
    "not whole ['/list?limit=1', '/list?limit=1', '/list?limit=1']",
    "whole ['/list?limit=1', '/list?limit=1', '/list?limit=1', 'nova']",
    "whole ['/list?limit=1', '/list?limit=1', '/list?limit=1', 'nova', 'nova', 'nova']",
  ]);
});

test('an API that is slow because it works is not taken for one that hangs', async () => {
  const said = await python(`
from pages import Pages
api = {"unit": "x.service", "expect": 200}
def ask(outcome):
    def answer(api):
        if isinstance(outcome, Exception):
            raise outcome
        return outcome
    return answer

def looks(ticks, *outcomes):
    counts = iter(ticks)
    pages = Pages(api, lambda unit: next(counts))
    return [pages.look(ask(outcome)) for outcome in outcomes][-1]

late = TimeoutError()
print(looks([0, 0, 50], 200, late))
print(looks([0, 0, 0], 200, late)[0])
print(looks([0, 50], late)[0])
print(looks([0, 0, 0, 40], 200, ConnectionRefusedError(), late)[0])
print(looks([0], 503)[0])
`);
  expect(said.split('\n')).toEqual([
    '(None, True)',
    'hangs: no answer within 1000 ms, and it does nothing',
    'not started yet',
    'not started yet',
    'answers 503',
  ]);
});
