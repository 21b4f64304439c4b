const apis = [5000, 8774, 8778, 9292, 9696];

/** The TCP ports that answer to anybody, by where README says so. */
export const openPorts = {
  'every host': [22],
  'hosts of the broker': [5672],
  'control VIP': [...apis, 8775],
  'database VIP': [],
  'public VIP': [80, 443, ...apis],
} as const satisfies Readonly<Record<string, readonly number[]>>;
