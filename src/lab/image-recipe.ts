import { createHash } from 'node:crypto';
import type { LabSettings } from '../model/inventory.ts';
import type { ImageExtras } from './description.ts';

/** Raised when the recipe below changes what an image holds, so that images of an older recipe are built anew. */
const recipeVersion = 4;

/** What every host has before anything is deployed: Debian with systemd and sshd. */
const basePackages: readonly string[] = ['dbus', 'openssh-server', 'systemd', 'systemd-sysv'];

/** What nobody reads on a lab host is left out: it is a third of the size. */
const leftOut = ['/usr/share/man/*', '/usr/share/doc/*', '/usr/share/locale/*'];

export interface ImageRecipe {
  readonly kind: LabSettings['image'];
  readonly release: string;
  /** All packages that are asked for by name, sorted. */
  readonly packages: readonly string[];
  /** Locales that are made, with what programs say in their languages. */
  readonly languages: readonly string[];
}

/** `bare` has nothing but the base; `stocked` has the services' packages too, none of them configured or enabled. */
export function recipeFor(
  kind: LabSettings['image'],
  release: string,
  servicePackages: readonly string[],
  { packages, languages }: ImageExtras = { packages: [], languages: [] },
): ImageRecipe {
  const wanted = [
    ...basePackages,
    ...packages,
    ...(languages.length === 0 ? [] : ['locales']),
    ...(kind === 'bare' ? [] : servicePackages),
  ];
  return { kind, release, packages: [...new Set(wanted)].sort(), languages };
}

/** Tells two images apart: the same recipe gives the same name. */
export function imageName({ kind, release, packages, languages }: ImageRecipe): string {
  const spoken = languages.length === 0 ? {} : { languages };
  const identity = JSON.stringify({ recipeVersion, release, packages, ...spoken });
  return `${release}-${kind}-${createHash('sha256').update(identity).digest('hex').slice(0, 12)}`;
}

/** The words that build a recipe's root file system in a folder; the downloaded packages stay in its apt cache. */
export const buildWords = (
  recipe: ImageRecipe,
  root: string,
  sources: readonly string[],
): readonly string[] => [
  'mmdebstrap',
  '--mode=root',
  '--variant=minbase',
  '--format=directory',
  '--components=main',
  `--include=${recipe.packages.join(',')}`,
  '--skip=essential/unlink,cleanup/apt/cache',
  '--aptopt=APT::Install-Recommends "false"',
  '--aptopt=Acquire::Retries "3"',
  '--dpkgopt=force-unsafe-io',
  ...leftOut.map((path) => `--dpkgopt=path-exclude=${path}`),
  '--dpkgopt=path-include=/usr/share/doc/*/copyright',
  ...recipe.languages.map((locale) => `--dpkgopt=path-include=/usr/share/locale/${locale.split('_')[0]}/*`),
  `--essential-hook=${compiledLater}`,
  `--customize-hook=${compiledAtOnce}`,
  `--customize-hook=${neverStart}`,
  `--customize-hook=${nothingEnabled}`,
  `--customize-hook=${noDisks}`,
  `--customize-hook=${nobodysIdentity}`,
  `--customize-hook=${noPublicAuthorities}`,
  `--customize-hook=${labRepository}`,
  ...recipe.languages.map((locale) => `--customize-hook=${localeMade(locale)}`),
  recipe.release,
  root,
  ...sources,
];

/**
 * Each of some 150 packages would start three Pythons, one after another, to compile its own modules: half of the time that
 * an image takes. All are compiled together, on all cores.
 */
const compiledLater = `
chroot "$1" dpkg-divert --quiet --local --rename --divert /usr/bin/py3compile.real --add /usr/bin/py3compile
ln -s /bin/true "$1/usr/bin/py3compile"
`;

/** What is no module of the release's Python (templates, examples) is left as it is, as Debian's program does. */
const compiledAtOnce = `
rm "$1/usr/bin/py3compile"
chroot "$1" dpkg-divert --quiet --local --rename --remove /usr/bin/py3compile
if [ -d "$1/usr/lib/python3/dist-packages" ]; then
  chroot "$1" python3 -m compileall -q -j 0 /usr/lib/python3/dist-packages /usr/share/openstack-dashboard >/dev/null 2>&1 || :
fi
`;

/** mmdebstrap keeps maintainer scripts from starting daemons while it builds; nothing of that may stay in the image. */
const neverStart = 'rm -f "$1/usr/sbin/policy-rc.d"';

/** Packages enable their units when they are installed; in the image only the network and sshd are. */
const nothingEnabled = `
presets="$1/etc/systemd/system-preset"
mkdir -p "$presets"
printf '%s\\n' 'enable ssh.service' 'enable systemd-networkd.service' 'disable *' > "$presets/00-lab.preset"
chroot "$1" systemctl --quiet preset-all
rm "$presets/00-lab.preset"
rmdir --ignore-fail-on-non-empty "$presets"
`;

/**
 * A host here is a folder. Each time systemd reads its unit files, on each host, it would start a process for every kind of
 * disk that a machine could have.
 */
const noDisks = `
generators="$1/etc/systemd/system-generators"
mkdir -p "$generators"
for kind in cryptsetup gpt-auto hibernate-resume integritysetup tpm2 veritysetup; do
  ln -s /dev/null "$generators/systemd-$kind-generator"
done
`;

/** Host keys, names and resolvers are a host's own; a lab has no resolver, and an empty file fails at once. */
const nobodysIdentity = `
rm -f "$1"/etc/ssh/ssh_host_* "$1/etc/hostname" "$1/etc/resolv.conf"
: > "$1/etc/resolv.conf"
`;

/**
 * Nothing public is within reach. With none of its authorities, adding the cloud's own does not start a thousand
 * processes on each host: with five of them at once on two cores that took 45 s.
 */
const noPublicAuthorities = `
if [ -e "$1/etc/ca-certificates.conf" ]; then
  : > "$1/etc/ca-certificates.conf"
  chroot "$1" update-ca-certificates --fresh >/dev/null
fi
`;

/** Not by locale-gen: it reads a list of other names that is left out with all else that nobody reads. */
const localeMade = (locale: string): string =>
  `chroot "$1" localedef -i ${locale.split('.')[0]} -c -f UTF-8 ${locale}`;

/** The lab has no route out: packages come from a folder of this machine that is mounted into every host. */
const labRepository = `
rm -f "$1/etc/apt/sources.list" "$1"/etc/apt/sources.list.d/*
echo 'deb [trusted=yes] file:/srv/mcp-repository ./' > "$1/etc/apt/sources.list.d/lab.list"
mkdir -p "$1/srv/mcp-repository"
`;
