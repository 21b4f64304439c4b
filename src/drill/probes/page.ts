import { Client } from 'undici';
import { McpError } from '../../model/failure.ts';
import type { PageTarget } from '../targets.ts';
import { failureOf, type Probe, ProbeFailure } from './probe.ts';

/** Fetches the sign-in page over a fresh connection, TLS verified; an answer without the form is a failure. */
export function pageProbe(target: PageTarget, path: string): Probe {
  return {
    series: { name: 'page', endpoint: 'page' },
    // More than 2 s is a failed request, wherever one is counted.
    deadlineMilliseconds: 2000,
    attempt: async (_number, signal) => {
      const { status, body } = await fetchOnce(target, path, signal);
      if (status !== 200) throw new ProbeFailure(`http-${status}`);
      if (!isSignInPage(body)) throw new ProbeFailure('wrong-page');
    },
    close: async () => undefined,
  };
}

/** Follows redirects from `/` to the sign-in page, once, so that each attempt is a single request. */
export async function findSignInPage(target: PageTarget, signal: AbortSignal): Promise<string> {
  let path = '/';
  for (let hop = 0; hop < 5; hop += 1) {
    const { status, location, body } = await fetchOnce(target, path, signal).catch((cause: unknown) => {
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

async function fetchOnce(target: PageTarget, path: string, signal: AbortSignal): Promise<Answer> {
  const { address, port, hostname, authority } = target;
  const client = new Client(`https://${urlHost(address)}:${port}`, {
    connect: { servername: hostname, ...(authority === undefined ? {} : { ca: authority }) },
  });
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
}

const urlHost = (address: string): string => (address.includes(':') ? `[${address}]` : address);
