import type { Answer, Exchange } from '../model/probe.ts';

/** A page as the host itself asks for it. */
export interface AskedPage {
  readonly address: string;
  readonly port: number;
  readonly path: string;
  /** Name of the site; `localhost` where the server has none of its own. */
  readonly site: string;
  readonly tls: boolean;
  readonly seconds: number;
  /** `status`: its first line alone. */
  readonly wants: 'status' | 'page';
  /** More lines of the request, each with its end. */
  readonly headers?: string;
}

/** Asks for a page, over a connection of its own. By HTTP/1.0 it comes in one piece; where its status is enough, it is asked as clients do. */
export const askForPage = ({
  address,
  port,
  path,
  site,
  tls,
  seconds,
  wants,
  headers = '',
}: AskedPage): Exchange => ({
  place: { address, port },
  ...(tls ? { site } : {}),
  sends:
    wants === 'status'
      ? `GET ${path} HTTP/1.1\r\nHost: ${site}\r\nConnection: close\r\n${headers}\r\n`
      : `GET ${path} HTTP/1.0\r\nHost: ${site}\r\n${headers}\r\n`,
  reads: wants === 'status' ? 'line' : 'all',
  seconds,
});

/** The status of an HTTP answer; undefined where there was none. */
export function statusOf({ text }: Answer): number | undefined {
  const found = /^HTTP\/[\d.]+ (\d{3})/.exec(text ?? '');
  return found?.[1] === undefined ? undefined : Number(found[1]);
}

/** What stands below the head of an HTTP answer; undefined where there was none. */
export function bodyOf({ text }: Answer): string | undefined {
  const end = text?.indexOf('\r\n\r\n') ?? -1;
  return end < 0 ? undefined : text?.slice(end + 4);
}
