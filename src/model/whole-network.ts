/** Every network without a bit of a host, and whatever is no network: as a pattern, so that editors know it too. */
export const wholeNetwork = new RegExp(`^(?!${anyNetwork()}$)|^(${withoutHostBits().join('|')})$`);

function anyNetwork(): string {
  const octet = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])';
  return `(${octet}\\.){3}${octet}/([0-9]|[12][0-9]|3[0-2])`;
}

/** One part for each prefix: octets before its end, the one that it ends in, and zeros. */
function withoutHostBits(): readonly string[] {
  return [
    ...[0, 1, 2, 3].flatMap((before) =>
      [0, 1, 2, 3, 4, 5, 6, 7].map(
        (bits) =>
          `${repeated('[0-9]+\\.', before)}(${endingAt(bits)})${repeated('\\.0', 3 - before)}/${8 * before + bits}`,
      ),
    ),
    '[0-9.]+/32',
  ];
}

function repeated(part: string, times: number): string {
  return times === 0 ? '' : `(${part}){${times}}`;
}

/** The octets of which so many bits, from the left, may be set. */
function endingAt(bits: number): string {
  if (bits === 7) return '[0-9]*[02468]';
  if (bits === 6) return '([0-9]*[02468])?[048]|[0-9]*[13579][26]';
  return Array.from({ length: 2 ** bits }, (_, index) => String(index * 2 ** (8 - bits))).join('|');
}
