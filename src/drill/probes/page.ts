import { createSecureContext } from 'node:tls';
import { Client } from 'undici';
import { McpError } from '../../model/failure.ts';
import type { PageTarget } from '../targets.ts';
import { failureOf, type Probe, ProbeFailure } from './probe.ts';

/**
 * Asks for what is at `/` over a fresh connection, TLS verified: the dashboard sends an unknown browser on to its sign-in
 * page. Each second one attempt fetches that page too; all of them would keep two cores busy with drawing it. Any other
 * answer is a failure.
 */
export function pageProbe(target: PageTarget, signInPath: string): Probe {
  const fetchOnce = fetcherOf(target);
  return {
    series: { name: 'page', endpoint: 'page' },
    // More than 2 s is a failed request, wherever one is counted.
    deadlineMilliseconds: 2000,
    attempt: async (number, signal) => {
      if (number % attemptsPerPage === 0) expectPage(await fetchOnce(signInPath, signal));
      else expectRedirect(await fetchOnce('/', signal), signInPath);
    },
    close: async () => undefined,
  };
}

/** One a second at the usual interval of 50 ms. */
const attemptsPerPage = 20;

function expectPage({ status, body }: Answer): void {
  if (status !== 200) throw new ProbeFailure(`http-${status}`);
  if (!isSignInPage(body)) throw new ProbeFailure('wrong-page');
}

function expectRedirect({ status, location }: Answer, path: string): void {
  if (status !== 302) throw new ProbeFailure(`http-${status}`);
  const target = location && new URL(location, 'https://dashboard').pathname;
  if (target !== path.split('?')[0]) throw new ProbeFailure('wrong-page');
}

/** Follows redirects from `/` to the sign-in page, once, so that each attempt is a single request. */
export async function findSignInPage(target: PageTarget, signal: AbortSignal): Promise<string> {
  const fetchOnce = fetcherOf(target);
  let path = '/';
  for (let hop = 0; hop < 5; hop += 1) {
    const { status, location, body } = await fetchOnce(path, signal).catch((cause: unknown) => {
      const why = failureOf(cause);
      throw new McpError('drill-failed', `https://${target.hostname}${path} can not be fetched: ${why}`, {
        cause,
      });
    });
    if (status === 200 && isSignInPage(body)) return path;
    if (location === undefined) break;
    const next = new URL(location, `https://${target.hostname}${path}`);
    path = `${next.pathname}${next.search}`;
  }
  throw new McpError('drill-failed', `https://${target.hostname}/ leads to no sign-in page`, {
    hint: 'look at `mcp status`, and open the page in a browser',
  });
}

const isSignInPage = (body: string): boolean => body.includes('<form') && /name="password"/.test(body);

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
}

/**
 * Fetches over a fresh connection each time. What is trusted is read once: parsing an authority costs as much as the rest
 * of an attempt, and this process must not be what is slow.
 */
function fetcherOf({ address, port, hostname, authority }: PageTarget) {
  const origin = `https://${urlHost(address)}:${port}`;
  const secureContext = createSecureContext(authority === undefined ? {} : { ca: authority });
  return async (path: string, signal: AbortSignal): Promise<Answer> => {
    const client = new Client(origin, { connect: { servername: hostname, secureContext } });
    const letGo = () => void client.destroy();
    signal.addEventListener('abort', letGo, { once: true });
    try {
      const answer = await client.request({ method: 'GET', path, headers: { host: hostname }, signal });
      const body = await answer.body.text();
      const { location } = answer.headers;
      return {
        status: answer.statusCode,
        location: typeof location === 'string' ? location : undefined,
        body,
      };
    } finally {
      signal.removeEventListener('abort', letGo);
      await client.destroy();
    }
  };
}

const urlHost = (address: string): string => (address.includes(':') ? `[${address}]` : address);
