import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import type { ConnectionOptions } from 'mysql2'
import type { ServerConfig, TlsConfig } from '../config/config.ts'

/**
 * What mysql2 is told about TLS. `named` demands that the certificate names the host; without it every server that the
 * authority signed is as good as the one that was meant.
 */
export function tlsOptions(tls: TlsConfig, named: boolean): NonNullable<Exclude<ConnectionOptions['ssl'], string>> {
  return {
    rejectUnauthorized: tls.verify,
    verifyIdentity: tls.verify && named,
    ...(tls.ca === null ? {} : { ca: tls.ca }),
    ...(tls.cert === null ? {} : { cert: tls.cert }),
    ...(tls.key === null ? {} : { key: tls.key.reveal() }),
  }
}

interface NameMismatch extends Error {
  readonly cert: PeerCertificate
}

function isNameMismatch(error: Error): error is NameMismatch {
  return 'cert' in error && 'reason' in error && 'host' in error
}

/**
 * True for a certificate that was refused for its name and is nevertheless the right one, signed by the authority that was
 * named: MySQL's own certificates, made when a server starts for the first time, name no host at all; and a host given as
 * an address is compared with a name by mysql2. Public authorities sign for anybody: there the name decides.
 */
export function isRightWithoutName(error: Error, server: ServerConfig): boolean {
  if (!isNameMismatch(error) || server.tls === null || server.tls.ca === null) return false
  if (error.cert.subjectaltname === undefined)
    return /^MySQL_Server_\S+_Auto_Generated_Server_Certificate$/.test(String(error.cert.subject.CN))
  return checkServerIdentity(server.host, error.cert) === undefined
}
