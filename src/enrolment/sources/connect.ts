import type { Config } from '../../platform/config.ts';
import { openEgressSockets } from '../../platform/egress-socket.ts';
import { type Directory, openDirectory } from '../../platform/ldap.ts';
import { passwordOf, type SourceRow } from './store.ts';

/** Signs in at the directory. @throws {LdapError}, {SealingError} */
export async function openSource(
  config: Pick<Config, 'egress' | 'secretKeys'>,
  source: SourceRow,
  deadline: AbortSignal,
  password = passwordOf(config, source),
): Promise<Directory> {
  const { host, port, security, trust, account } = source.settings;
  return await openDirectory(
    { host, port: port ?? (security === 'tls' ? 636 : 389), security, trust: trust || undefined },
    { dn: account, password },
    openEgressSockets(config.egress),
    deadline,
  );
}
