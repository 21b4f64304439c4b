/**
 * Words before a program that only looks: what serves on the host comes first. The kernel counts it among what is in one
 * session, or one group, with it.
 */
export const atLowPriority = 'nice -n 5';
