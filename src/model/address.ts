/** An address as it stands before a port. */
export const inUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address);
