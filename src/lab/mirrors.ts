/** Where Debian's packages come from. */
export interface Mirrors {
  readonly debian: string;
  readonly security: string;
}

const defaults: Mirrors = {
  debian: 'http://deb.debian.org/debian',
  security: 'http://deb.debian.org/debian-security',
};

/** The mirrors that this machine's own apt uses (texts of its `.sources` and `.list` files), else Debian's. */
export function mirrorsIn(sources: readonly string[]): Mirrors {
  const addresses = sources.flatMap(addressesIn).map((address) => address.replace(/\/+$/, ''));
  return {
    debian: addresses.find((address) => address.endsWith('/debian')) ?? defaults.debian,
    security: addresses.find((address) => address.endsWith('/debian-security')) ?? defaults.security,
  };
}

/** One-line sources of a Debian release for mmdebstrap. */
export const sourceLines = ({ debian, security }: Mirrors, release: string): readonly string[] => [
  `deb ${debian} ${release} main`,
  `deb ${debian} ${release}-updates main`,
  `deb ${security} ${release}-security main`,
];

function addressesIn(source: string): readonly string[] {
  const lines = source.split('\n').filter((line) => !line.trimStart().startsWith('#'));
  return lines.flatMap((line) => {
    const words = line
      .replace(/\[[^\]]*\]/, '')
      .trim()
      .split(/\s+/);
    if (words[0] === 'URIs:') return words.slice(1);
    return words[0] === 'deb' ? words.slice(1, 2) : [];
  });
}
