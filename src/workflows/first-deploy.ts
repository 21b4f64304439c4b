import type { Check } from '../model/check.ts';
import { type ObservedState, reachable } from '../model/observed.ts';

/** Before any run has deployed to any host that answers, there is nothing to judge but whether hosts answer. */
export const isBeforeFirstDeploy = (observed: ObservedState): boolean => {
  const answering = [...observed.hosts.keys()].filter((host) => reachable(observed, host) !== undefined);
  return answering.length > 0 && untouchedIn(observed).length === answering.length;
};

/** A machine that is in the inventory and that no run has been to: all else that it lacks follows from that. */
export const deployedCheck: Check = {
  name: 'cloud.deployed',
  service: 'membership',
  title: 'every host has been deployed to',
  judge: (observed) => {
    const hosts = untouchedIn(observed);
    if (hosts.length === 0) return [];
    const hint = 'Run mcp check, then mcp plan and mcp deploy.';
    if (isBeforeFirstDeploy(observed)) {
      return [{ severity: 'red', hosts: [], message: 'nothing has been deployed yet', hint }];
    }
    return hosts.map((host) => ({
      severity: 'red',
      hosts: [host],
      outage: 'host',
      message: `nothing has been deployed to ${host} yet`,
      hint,
    }));
  },
};

const untouchedIn = (observed: ObservedState): readonly string[] =>
  [...observed.hosts.keys()].filter((host) => {
    const now = reachable(observed, host);
    return now !== undefined && now.cloud === undefined;
  });
