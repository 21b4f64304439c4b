import type { Output } from '../report/index.ts';
import type { OpenCloud } from './deployer.ts';

/** Certificates that expire soon, on standard error: nothing of a plan depends on them yet. */
export function tellExpiring(cloud: Pick<OpenCloud, 'expiring'>, output: Output): void {
  for (const { message, hint } of cloud.expiring()) {
    output.complain(hint === undefined ? message : `${message}: ${hint}`);
  }
}
