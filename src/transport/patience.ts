/** How long is waited before a host, or the wire to it, counts as gone. Milliseconds. */
export interface Patience {
  /** Until its kernel has answered. */
  readonly connect: number;
  /** Until it has let us in. */
  readonly login: number;
  /**
   * Until it has opened a session, and until sudo in it says something: PAM, and a directory of users, where the first server
   * of it does not answer.
   */
  readonly session: number;
  /** Between questions whether a connection still stands; it counts as lost when the fourth is due and three had no answer. */
  readonly keepalive: number;
  /** Between signs of life for what a host holds for us: it lets go when it hears nothing for two minutes, eight of these. */
  readonly heartbeat: number;
  /** Until it has let go of that when it is asked to. */
  readonly release: number;
  /** Until it has closed its end of a connection. */
  readonly close: number;
}

export const usualPatience: Patience = {
  // Three SYNs: sent at once, after one second and after three.
  connect: 5000,
  login: 20_000,
  session: 60_000,
  keepalive: 15_000,
  heartbeat: 15_000,
  release: 5000,
  close: 1000,
};

/** The same, so many times as short: for tests of what happens at the end of it. */
export const patienceDividedBy = (times: number): Patience => ({
  connect: usualPatience.connect / times,
  login: usualPatience.login / times,
  session: usualPatience.session / times,
  keepalive: usualPatience.keepalive / times,
  heartbeat: usualPatience.heartbeat / times,
  release: usualPatience.release / times,
  close: usualPatience.close / times,
});
