# Written by mcp from api-checker/api-checker.py.hbs. Changes here are overwritten.
"""Answers GET /NAME with 200 while the API of that name on this host can work, and with 503 and the reason otherwise.

An API's own page says nothing of its database, and a load balancer that is told "unwell" by all hosts at once has nobody
left to ask. So the APIs of this host are looked at here, each by a process with the API's own user that asks its page
and its database; and an API is only said to be unwell while the checker of another host finds it well there.

What stands in the configuration (JSON): name, address, port, path and expected status of each API, the unit that serves
it, its system user, its database login; the addresses of the other hosts' checkers.
"""

import http.client
import json
import os
import pwd
import select
import socket
import socketserver
import sys
import threading
import time

import pymysql

# Twice a second: with HAProxy's second look a hang is out of rotation within three seconds.
INTERVAL_SECONDS = 0.5
# Of a page and of a query. Longer is of no use to a client who has two seconds.
DEADLINE_SECONDS = 1.0
# A finding that is older says something about this program and nothing about the API.
STALE_SECONDS = 5.0
# Another host's API counts as well while it was found so within this.
FRESH_SECONDS = 2.0
PEER_INTERVAL_SECONDS = 0.25
PEER_DEADLINE_SECONDS = 0.5
# Of CPU time within a deadline; a process that is stopped or waits for a lock uses none.
PROGRESS_TICKS = 2
WELL = "well"


class Finding:
    """What the latest looks at one API came to. Times are this host's monotonic clock, of the beginning of a look."""

    def __init__(self):
        self.reasons = {}
        self.well_at = {}
        self.unwell_since = {}
        self.looked_at = {}
        self.listens = True

    def take(self, aspect, reason, began, listens=True):
        """One look at one aspect (page, database); no reason: it was well."""
        self.looked_at[aspect] = began
        self.reasons[aspect] = reason
        if reason is None:
            self.well_at[aspect] = began
            self.unwell_since.pop(aspect, None)
        else:
            self.unwell_since.setdefault(aspect, began)
        if aspect == "page":
            self.listens = listens

    def is_fresh(self, now):
        """Whether somebody has looked at both lately; what was found longer ago says nothing."""
        return len(self.looked_at) == 2 and all(now - at < STALE_SECONDS for at in self.looked_at.values())

    def reason(self, now):
        """Why the API is unwell, None if it is not, or if nobody has looked lately."""
        for aspect in ("page", "database"):
            reason = self.reasons.get(aspect)
            if reason is not None and now - self.looked_at[aspect] < STALE_SECONDS:
                return reason
        return None

    def since(self):
        """When it was first seen to be unwell."""
        return min(self.unwell_since.values(), default=0.0)

    def last_well(self):
        """When it was last well as a whole; None while it was not yet."""
        return min(self.well_at["page"], self.well_at["database"]) if len(self.well_at) == 2 else None


def decide(finding, peers, now):
    """Whether the load balancers may send to this API, and what to tell them.

    `peers` holds, for each other host, when that host's API was last well if it is well now, on this host's clock.
    Nobody leaves unless another was well after this one became unwell. However they fail, one by one or all at one
    instant, the last of them finds nobody, so at least one always stays.
    """
    reason = finding.reason(now)
    if reason is None:
        return True, WELL if finding.is_fresh(now) else "nobody has looked lately"
    if not finding.listens:
        return False, reason
    others = [at for at in peers if at is not None and at > finding.since() and now - at < FRESH_SECONDS]
    if others:
        return False, reason
    return True, "%s; kept, since it is well nowhere else" % reason


class Pages:
    """Asks the page of one API, and tells a hang from too much work."""

    def __init__(self, api, ticks_of, clock=time.monotonic):
        self.api = api
        self.ticks_of = ticks_of
        self.clock = clock
        # While it loads it is slow as well, and busy: that is excused only when it has answered before.
        self.has_answered = False

    def look(self, ask):
        """(reason or None, whether something listens there)."""
        ticks = self.ticks_of(self.api["unit"])
        try:
            status = ask(self.api)
        except ConnectionRefusedError:
            self.has_answered = False
            return "does not listen", False
        except (TimeoutError, socket.timeout):
            return self.why_late(ticks), True
        except OSError as failure:
            return "no answer: %s" % describe(failure), True
        except http.client.HTTPException:
            # It hung up in the middle: a restart looks like this.
            return "hung up", True
        if status != self.api["expect"]:
            return "answers %d" % status, True
        self.has_answered = True
        return None, True

    def why_late(self, before):
        """More requests than it can carry make it slow, not unwell: taking it out would leave more to the others."""
        after = self.ticks_of(self.api["unit"])
        if not self.has_answered:
            return "not started yet"
        if before is None or after is None or after - before >= PROGRESS_TICKS:
            return None
        return "hangs: no answer within %d ms, and it does nothing" % (DEADLINE_SECONDS * 1000)


def ask_page(api):
    connection = http.client.HTTPConnection(api["address"], api["port"], timeout=DEADLINE_SECONDS)
    try:
        connection.request("GET", api["path"], headers={"Host": api["address"], "Connection": "close"})
        return connection.getresponse().status
    finally:
        connection.close()


def ticks_of(unit):
    """CPU time that the processes of a unit have used, in ticks; None while it can't be told."""
    for hierarchy in ("/sys/fs/cgroup", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"):
        try:
            with open("%s/system.slice/%s/cgroup.procs" % (hierarchy, unit), encoding="ascii") as file:
                numbers = file.read().split()
        except OSError:
            continue
        if numbers:
            return sum(map(ticks_of_process, numbers))
    return None


def ticks_of_process(number):
    try:
        with open("/proc/%s/stat" % number, encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


class Database:
    """Asks the database with the API's own login, over one connection that stays open."""

    def __init__(self, login):
        self.login = login
        self.connection = None

    def look(self):
        """The reason why it can't be used, None when it can. A connection that was cut is opened anew once."""
        was_open = self.connection is not None
        try:
            self.query()
            return None
        except (pymysql.MySQLError, OSError) as failure:
            self.close()
            if was_open and not is_timeout(failure):
                return self.look()
            return "its database can not be used: %s" % describe(failure)

    def query(self):
        if self.connection is None:
            self.connection = pymysql.connect(
                connect_timeout=DEADLINE_SECONDS,
                read_timeout=DEADLINE_SECONDS,
                write_timeout=DEADLINE_SECONDS,
                **self.login,
            )
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchall()

    def close(self):
        if self.connection is not None:
            self.connection._force_close()
        self.connection = None


def is_timeout(failure):
    return "timed out" in str(failure)


def describe(failure):
    text = " ".join(str(part) for part in failure.args) if failure.args else type(failure).__name__
    return text.splitlines()[0][:120]


def watch(api, report):
    """Looks at one API for ever, as its own user: what is forbidden to that user alone is seen."""
    user = pwd.getpwnam(api["user"])
    os.initgroups(user.pw_name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    pages = Pages(api, ticks_of)
    database = Database(api["database"])

    def tell(aspect, look):
        while True:
            began = time.monotonic()
            reason, listens = look()
            line = json.dumps({"aspect": aspect, "reason": reason, "began": began, "listens": listens})
            os.write(report, line.encode() + b"\n")
            time.sleep(max(0.05, INTERVAL_SECONDS - (time.monotonic() - began)))

    threading.Thread(target=tell, args=("database", lambda: (database.look(), True)), daemon=True).start()
    tell("page", lambda: pages.look(ask_page))


class Watched:
    """One API of this host: the process that looks at it, and what it found."""

    def __init__(self, api):
        self.api = api
        self.finding = Finding()
        self.told = None

    def run(self):
        """Starts the process, and again whenever it ends or says nothing for long."""
        while True:
            reading, writing = os.pipe()
            child = os.fork()
            if child == 0:
                os.close(reading)
                try:
                    watch(self.api, writing)
                finally:
                    os._exit(1)
            os.close(writing)
            self.follow(reading)
            os.close(reading)
            try:
                os.kill(child, 9)
            except ProcessLookupError:
                pass
            os.waitpid(child, 0)
            time.sleep(1)

    def follow(self, reading):
        rest = b""
        while True:
            if not select.select([reading], [], [], STALE_SECONDS)[0]:
                return
            read = os.read(reading, 65536)
            if not read:
                return
            *lines, rest = (rest + read).split(b"\n")
            for line in lines:
                self.finding.take(**json.loads(line))


class Peers:
    """What the checkers of the other hosts find. They are asked only while something is unwell here."""

    def __init__(self, addresses, port):
        self.addresses = addresses
        self.port = port
        # By address, then by API: when it was last well there, on our clock; None: it is not.
        self.well = {address: {} for address in addresses}

    def follow(self, address, is_needed):
        while True:
            if is_needed():
                self.well[address] = self.ask(address)
            time.sleep(PEER_INTERVAL_SECONDS)

    def ask(self, address):
        connection = http.client.HTTPConnection(address, self.port, timeout=PEER_DEADLINE_SECONDS)
        # Ages travel, not times: the hosts' clocks do not agree. The exchange's own time only makes them older.
        asked_at = time.monotonic()
        try:
            connection.request("GET", "/own")
            lines = connection.getresponse().read().decode().splitlines()
        except (OSError, http.client.HTTPException):
            return {}
        finally:
            connection.close()
        found = {}
        for line in lines:
            name, state, age = line.split(" ", 3)[:3]
            found[name] = asked_at - float(age) if state == WELL else None
        return found

    def of(self, name):
        return [apis.get(name) for apis in self.well.values()]


class Handler(socketserver.BaseRequestHandler):
    """One question, one answer. Load balancers ask some twenty times a second, so nothing is read but the first line."""

    def handle(self):
        self.request.settimeout(2)
        received = b""
        while b"\r\n\r\n" not in received and len(received) < 8192:
            more = self.request.recv(4096)
            if not more:
                return
            received += more
        words = received.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        status, text = self.answer_to(words[1] if len(words) > 1 else "")
        body = text.encode()
        head = "HTTP/1.0 %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        self.request.sendall((head % (status, len(body))).encode() + body)

    def answer_to(self, path):
        if path == "/own":
            return "200 OK", self.server.own()
        watched = self.server.apis.get(path.lstrip("/"))
        if watched is None:
            return "404 Not Found", "there is no such API here\n"
        may_serve, text = self.server.decision(watched)
        return ("200 OK" if may_serve else "503 Service Unavailable"), text + "\n"


class Server(socketserver.ThreadingTCPServer):
    """Serves the socket that systemd opened."""

    daemon_threads = True

    def __init__(self, config):
        listening = socket.socket(fileno=3)
        self.address_family = listening.family
        super().__init__(listening.getsockname(), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.apis = {api["name"]: Watched(api) for api in config["apis"]}
        self.peers = Peers(config["peers"], config["port"])

    def is_unwell(self):
        now = time.monotonic()
        return any(watched.finding.reason(now) is not None for watched in self.apis.values())

    def decision(self, watched):
        now = time.monotonic()
        may_serve, text = decide(watched.finding, self.peers.of(watched.api["name"]), now)
        told = (may_serve, text)
        if told != watched.told:
            watched.told = told
            print("%s: %s" % (watched.api["name"], text), file=sys.stderr, flush=True)
        return told

    def own(self):
        """A line for each API: its name, whether it is well, the age of that in seconds, and what is told of it."""
        now = time.monotonic()
        lines = []
        for name, watched in self.apis.items():
            well_at = watched.finding.last_well()
            reason = watched.finding.reason(now)
            is_well = reason is None and well_at is not None and watched.finding.is_fresh(now)
            state = WELL if is_well else "unwell" if reason else "unknown"
            age = now - well_at if is_well else 0.0
            may_serve, text = self.decision(watched)
            lines.append("%s %s %.2f %s %s" % (name, state, age, "in" if may_serve else "out", text))
        return "\n".join(lines) + "\n"

    def handle_error(self, request, client_address):
        """Load balancers give up and hang up; nothing to say about that."""


def main(path):
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    server = Server(config)
    for watched in server.apis.values():
        threading.Thread(target=watched.run, daemon=True).start()
    for address in config["peers"]:
        threading.Thread(target=server.peers.follow, args=(address, server.is_unwell), daemon=True).start()
    server.serve_forever(poll_interval=60)


if __name__ == "__main__":
    main(sys.argv[1])
