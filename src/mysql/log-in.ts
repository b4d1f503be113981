import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { authPlugins, type ConnectionOptions, createConnection, type Connection as RawConnection } from 'mysql2'
import type { ServerConfig, TlsConfig } from '../config/config.ts'
import { hasNumber, PasswordWanted, serverErrors } from './errors.ts'

type AuthPlugin = NonNullable<ConnectionOptions['authPlugins']>[string]

/** The byte by which the client requests the public key of the server, for each of the two authentication methods. */
const requests = { caching_sha2_password: 2, sha256_password: 1 } as const

/**
 * A method of authentication that never requests the server's RSA key: another host that answers instead of the server could send
 * its own key and read the password. Before that request only a digest is sent.
 */
function withoutKey(method: keyof typeof requests): AuthPlugin {
  const standard = authPlugins[method]()
  return (metadata) => {
    const answer = standard(metadata)
    return (data) => {
      const packet = answer(data)
      if (Buffer.isBuffer(packet) && packet.length === 1 && packet[0] === requests[method]) throw new PasswordWanted()
      return packet
    }
  }
}

const keylessPlugins: Readonly<Record<string, AuthPlugin>> = {
  caching_sha2_password: withoutKey('caching_sha2_password'),
  sha256_password: withoutKey('sha256_password'),
}

const unproven: TlsConfig = { ca: null, cert: null, key: null, verify: false }

function openRaw(options: ConnectionOptions): Promise<RawConnection> {
  return new Promise((resolve, reject) => {
    const raw = createConnection(options)
    // Errors outside a query (a server that closes an idle connection) must not end the process: the next query reports them.
    raw.on('error', () => {})
    raw.connect((error) => {
      if (error) {
        raw.destroy()
        reject(error)
      } else resolve(raw)
    })
  })
}

async function openEncrypted(options: ConnectionOptions, server: ServerConfig): Promise<RawConnection> {
  const tls = server.tls ?? unproven
  const attempt = (named: boolean): Promise<RawConnection> => openRaw({ ...options, ssl: tlsOptions(tls, named) })
  return attempt(true).catch((error: unknown) => {
    if (!(error instanceof Error && isRightWithoutName(error, server))) throw error
    return attempt(false)
  })
}

function openPlain(options: ConnectionOptions, server: ServerConfig): Promise<RawConnection> {
  const isGuarded = server.password !== null && server.socket === null && !server.allowPublicKeyRetrieval
  return openRaw({ ...options, ...(isGuarded ? { authPlugins: keylessPlugins } : {}) })
}

function offersNoTls(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'HANDSHAKE_NO_SSL_SUPPORT'
}

/**
 * True for an error that may not occur on a connection with TLS: 3159 is `require_secure_transport`, and an account with REQUIRE SSL is refused as if its
 * password were wrong.
 */
function needsTls(error: unknown): boolean {
  return error instanceof PasswordWanted || hasNumber(error, 3159, serverErrors.accessDenied)
}

/** Opens a connection, encrypted as configured. */
export async function logIn(
  options: ConnectionOptions,
  server: ServerConfig,
): Promise<{ readonly raw: RawConnection; readonly encrypted: boolean }> {
  const encrypted = async () => ({ raw: await openEncrypted(options, server), encrypted: true })
  const plain = async () => ({ raw: await openPlain(options, server), encrypted: false })
  switch (server.encryption) {
    case 'disabled':
      return plain()
    case 'required':
      return encrypted()
    case 'preferred':
      return encrypted().catch((error: unknown) => {
        if (!offersNoTls(error)) throw error
        return plain()
      })
    case 'as-needed':
      return plain().catch((error: unknown) => {
        if (!needsTls(error)) throw error
        return encrypted().catch((second: unknown) => {
          throw offersNoTls(second) ? error : second
        })
      })
  }
}

/**
 * The TLS options of mysql2. `named` requires that the certificate contains the host; without it any certificate of the
 * authority is accepted.
 */
function tlsOptions(tls: TlsConfig, named: boolean): NonNullable<Exclude<ConnectionOptions['ssl'], string>> {
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
 * True for a certificate that was refused because of its name, and is acceptable because the configured authority signed it:
 * the certificates that MySQL generates at its first start contain no host, and mysql2 compares an address with a
 * name. Public authorities sign certificates of any host: for them the name decides.
 */
function isRightWithoutName(error: Error, server: ServerConfig): boolean {
  if (!isNameMismatch(error) || server.tls === null || server.tls.ca === null) return false
  if (error.cert.subjectaltname === undefined)
    return /^MySQL_Server_\S+_Auto_Generated_Server_Certificate$/.test(String(error.cert.subject.CN))
  return checkServerIdentity(server.host, error.cert) === undefined
}
