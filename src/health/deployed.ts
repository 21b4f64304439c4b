import type { Check } from '../model/check.ts';
import { type ObservedState, type ReachableHost, reachable } from '../model/observed.ts';

/** Before any run has deployed to any host that answers, there is nothing to judge but whether hosts answer. */
export const isBeforeFirstDeploy = (observed: ObservedState): boolean => {
  const answering = answeringIn(observed);
  return answering.length > 0 && answering.every(isUntouched);
};

/** A machine that is in the inventory and that no run has been to: all else that it lacks follows from that. */
export const deployedCheck: Check = {
  name: 'cloud.deployed',
  service: 'membership',
  title: 'every host has been deployed to',
  judge: (observed) => {
    const hosts = answeringIn(observed).filter(isUntouched);
    if (hosts.length === 0) return [];
    const hint = 'Run mcp check, then mcp plan and mcp deploy.';
    if (isBeforeFirstDeploy(observed)) {
      return [{ severity: 'red', hosts: [], message: 'nothing has been deployed yet', hint }];
    }
    return hosts.map(({ host }) => ({
      severity: 'red',
      hosts: [host],
      outage: 'host',
      message: `nothing has been deployed to ${host} yet`,
      hint,
    }));
  },
};

const answeringIn = (observed: ObservedState): readonly ReachableHost[] =>
  [...observed.hosts.keys()].flatMap((host) => reachable(observed, host) ?? []);

const isUntouched = ({ cloud }: ReachableHost): boolean => cloud === undefined;
