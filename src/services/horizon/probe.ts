import { askForPage, statusOf } from '../../health/index.ts';
import type { Probe } from '../../model/probe.ts';
import { files, type HorizonInstance, ownAddress, signInPath } from './names.ts';

export const probeName = 'horizon.page';

/** Asks the dashboard on this host for its sign-in page: `status=200 form=yes milliseconds=35`. */
export const pageProbe = ({ host, settings: { port } }: HorizonInstance): Probe => ({
  name: probeName,
  deadlineSeconds: 10,
  asks: {
    needs: [{ path: files.uwsgi }, { path: '/usr/bin/uwsgi' }],
    exchanges: [
      askForPage({
        ...{ address: ownAddress(host), port, path: signInPath, site: 'localhost', tls: false },
        // As the proxies say it for their clients.
        ...{ headers: 'X-Forwarded-Proto: https\r\n', wants: 'page', seconds: 8 },
      }),
    ],
    told: ([answer]) => {
      const status = (answer && statusOf(answer)) ?? 'none';
      const form = answer?.text?.includes('name="password"') ? 'yes' : 'no';
      return `status=${status} form=${form} milliseconds=${answer?.milliseconds ?? 0}\n`;
    },
  },
});
