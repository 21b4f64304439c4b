import { McpError } from '../model/failure.ts';
import { multiline } from '../model/multiline.ts';
import type { FileResource } from '../model/resource.ts';
import type { Secret } from '../model/secret.ts';
import type { Render } from '../model/service.ts';
import type { Topology } from '../model/topology.ts';
import { configFile } from './file.ts';

/** What a daemon needs to speak TLS in the name of its host. */
export interface HostCertificate {
  /** Paths. Where the key stands with the certificate, both are the same. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  /** Those files, each once. */
  readonly files: readonly FileResource[];
}

interface Wanted {
  /** The host's name. */
  readonly host: string;
  /** The service's own folder for them. */
  readonly directory: string;
  /** Whom the daemon runs as: its group reads the key, and nobody else but root does. */
  readonly group: string;
  /** Whether the key stands in the file of the certificate, after it, or in one of its own. */
  readonly key: 'inside' | 'beside';
}

/**
 * A host's certificate and key, and the authority that the others' are verified with, as files of a service. Throws McpError
 * `invalid-inventory` where there is none.
 */
export function hostCertificate(
  { host, directory, group, key }: Wanted,
  { certificates }: Pick<Topology, 'certificates'>,
  render: Render,
): HostCertificate {
  const pair = certificates.hosts[host];
  if (pair === undefined || certificates.authority === undefined) {
    throw new McpError('invalid-inventory', `there is no certificate for the host ${host}`, {
      hint: 'Run mcp certs init, or put yours beside the inventory.',
    });
  }
  const authority = configFile({
    path: `${directory}/ca.crt`,
    template: 'host/authority.crt.hbs',
    content: render('host/authority.crt.hbs', { certificate: multiline(certificates.authority) }),
  });
  const pem = (name: string, text: string | Secret, inside?: Secret): FileResource =>
    configFile({
      path: `${directory}/${name}`,
      mode: '0640',
      group,
      template: 'host/certificate.pem.hbs',
      content: render('host/certificate.pem.hbs', {
        pem: multiline(text),
        key: inside !== undefined && multiline(inside),
      }),
    });
  const own =
    key === 'inside'
      ? [pem('host.pem', pair.certificate, pair.key)]
      : [pem('host.crt', pair.certificate), pem('host.key', pair.key)];
  return {
    authority: authority.path,
    certificate: own[0]?.path ?? '',
    key: own.at(-1)?.path ?? '',
    files: [authority, ...own],
  };
}
