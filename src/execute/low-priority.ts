/**
 * Words before a program that only looks: what serves on the host comes first. The kernel counts it among what is in one
 * session, or one group, with it. A look has dozens of processes at once, which weigh as much as one program that serves, all
 * together: with 5 instead of 19, on a machine where starting one takes 14 ms, 12 of 357 requests of others took over two
 * seconds while hosts were looked at, and 2 of 343 with this; the looks took as long (11 to 12 s).
 */
export const atLowPriority = 'nice -n 19';
