import type { LabOf } from './mcp.ts';
import { publicSeat } from './seat.ts';

/** What clients outside of the cloud's networks met at the public VIP: statuses by what they asked. */
export interface GuessesSeen {
  /** Wrong passwords from one address, until one was not even tried. */
  readonly guesses: readonly number[];
  /** The same address right after: a token looked at, the version, the sign-in page, and a guess at the dashboard. */
  readonly after: {
    readonly token: number;
    readonly version: number;
    readonly page: number;
    readonly form: number;
  };
  /** Another address's first guess. */
  readonly another: number;
}

/**
 * Tries wrong passwords for nobody's account through the public VIP. A network of its own is what the proxy's host has
 * in its loopback: no other address of the lab is outside of the management network.
 */
export const guessPasswords = async (lab: LabOf, holder: string): Promise<GuessesSeen> =>
  JSON.parse(await askAtVip(lab, holder, guessing));

/** Names, in lower case, and values of the headers of a page or an API of the public VIP, each as often as it is sent. */
export const headersAt = async (
  lab: LabOf,
  host: string,
  { port, path }: { readonly port: number; readonly path: string },
): Promise<readonly (readonly [string, string])[]> =>
  JSON.parse(
    await askAtVip(
      lab,
      host,
      `answer = ask(None, "GET", "${path}", ${port})
print(json.dumps([[name.lower(), value] for name, value in answer.getheaders()]))`,
    ),
  );

const askAtVip = (lab: LabOf, host: string, program: string): Promise<string> =>
  lab.on(host, `python3 - <<'END'\n${asking}\n${program}\nEND`);

const asking = `import http.client, json, socket, ssl
trusted = ssl.create_default_context()
def ask(source, method, path, port, body=None, kind="application/json"):
    connection = http.client.HTTPSConnection("${publicSeat.hostname}", port, timeout=20, context=trusted)
    address = ("${publicSeat.address}", port)
    connection._create_connection = lambda *_rest: socket.create_connection(address, 20, source and (source, 0))
    connection.request(method, path, body, {"Content-Type": kind} if body else {})
    answer = connection.getresponse()
    answer.read()
    return answer`;

const guessing = `user = {"name": "nobody-here", "domain": {"name": "Default"}, "password": "wrong"}
login = json.dumps({"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}})
one, other = "127.0.9.1", "127.0.9.2"
def guess(source): return ask(source, "POST", "/v3/auth/tokens", 5000, login).status
def fill_in(): return ask(one, "POST", "/auth/login/", 443, "username=x", "application/x-www-form-urlencoded").status
def until_held_up(most, tries):
    seen = []
    while len(seen) < most and seen[-1:] != [429]:
        seen.append(tries())
    return seen
guesses = until_held_up(500, lambda: guess(one))
after = {
    "token": ask(one, "GET", "/v3/auth/tokens", 5000).status,
    "version": ask(one, "GET", "/v3", 5000).status,
    "page": ask(one, "GET", "/auth/login/", 443).status,
    # What was asked in between may have taken the second after which one more guess is let in.
    "form": until_held_up(20, fill_in)[-1],
}
print(json.dumps({"guesses": guesses, "after": after, "another": guess(other)}))`;
