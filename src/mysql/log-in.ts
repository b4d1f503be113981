import { Socket } from 'node:net'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { authPlugins, type ConnectionOptions, createConnection, type Connection as RawConnection } from 'mysql2'
import type { ServerConfig, TlsConfig } from '../config/config.ts'
import { hasNumber, PasswordWanted, type PlainLoginError, serverErrors } from './errors.ts'

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

/** The number of parts in which the connect timeout is waited for. */
const parts = 20

/**
 * Calls back when `milliseconds` have passed during which this process could receive: a timer that is late because of seconds of work counts as one
 * part. An answer that arrived in the socket meanwhile is not late. Returns a function that ends the wait.
 */
function waitWhileListening(milliseconds: number, late: () => void): () => void {
  let left = parts
  const timer = setInterval(() => {
    left -= 1
    if (left > 0) return
    clearInterval(timer)
    late()
  }, milliseconds / parts)
  return () => clearInterval(timer)
}

/** mysql2's own timer would run out while this process works, though the server has answered. */
function openRaw({ connectTimeout = 0, ...options }: ConnectionOptions): Promise<RawConnection> {
  return new Promise((resolve, reject) => {
    const raw = createConnection({ ...options, connectTimeout: 0 })
    // Errors outside a query (a server that closes an idle connection) must not end the process: the next query reports them.
    raw.on('error', () => {})
    const endWaiting = waitWhileListening(connectTimeout, () => {
      // Its own `destroy` waits for the end of a handshake that never comes.
      if ('stream' in raw && raw.stream instanceof Socket) raw.stream.destroy()
      raw.destroy()
      reject(Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' }))
    })
    raw.connect((error) => {
      endWaiting()
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

/** Its errors are a `PlainLoginError`. */
async function openPlain(options: ConnectionOptions, server: ServerConfig): Promise<RawConnection> {
  const isGuarded = server.password !== null && server.socket === null && !server.allowPublicKeyRetrieval
  try {
    return await openRaw({ ...options, ...(isGuarded ? { authPlugins: keylessPlugins } : {}) })
  } catch (error) {
    const mark: Pick<PlainLoginError, 'withoutTls'> = { withoutTls: true }
    throw error instanceof Error ? Object.assign(error, mark) : error
  }
}

function isHandshakeError(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}

const noTls = 'HANDSHAKE_NO_SSL_SUPPORT'

interface LoggedIn {
  readonly raw: RawConnection
  readonly encrypted: boolean
}

/**
 * How to log in again to servers that have accepted this process's password. After a login with TLS the server has cached it and compares a digest: TLS is
 * no longer needed, unless the account requires it.
 */
const proven = new WeakMap<ServerConfig, 'plain' | 'encrypted'>()

/**
 * The default for this machine. A login without TLS that the server ends by asking for the password counts against FAILED_LOGIN_ATTEMPTS like a wrong
 * password, so the first login with a password uses TLS: a second try would lock accounts. Later logins use it where the server or the account requires it.
 */
async function logInAsNeeded(
  server: ServerConfig,
  encrypted: () => Promise<LoggedIn>,
  plain: () => Promise<LoggedIn>,
): Promise<LoggedIn> {
  const known = proven.get(server)
  const asksOnce = server.password === null || server.socket !== null || server.allowPublicKeyRetrieval
  if (known === 'encrypted') return encrypted()
  if (!asksOnce && known === undefined) {
    try {
      const first = await encrypted()
      proven.set(server, 'plain')
      return first
    } catch (error) {
      // Both come before the login.
      if (!isHandshakeError(error, noTls, 'HANDSHAKE_SSL_ERROR')) throw error
    }
  }
  return plain().catch(async (error: unknown) => {
    // An account with REQUIRE SSL is refused with the error of a wrong password: the password is known to be right where it was accepted
    // before.
    const isRefused = known === 'plain' && hasNumber(error, serverErrors.accessDenied)
    if (!isRefused && !(error instanceof PasswordWanted) && !hasNumber(error, 3159)) throw error
    const again = await encrypted().catch((second: unknown) => {
      throw isHandshakeError(second, noTls) ? error : second
    })
    if (isRefused) proven.set(server, 'encrypted')
    return again
  })
}

/** Opens a connection, encrypted as configured. */
export async function logIn(options: ConnectionOptions, server: ServerConfig): Promise<LoggedIn> {
  const encrypted = async () => ({ raw: await openEncrypted(options, server), encrypted: true })
  const plain = async () => ({ raw: await openPlain(options, server), encrypted: false })
  switch (server.encryption) {
    case 'disabled':
      return plain()
    case 'required':
      return encrypted()
    case 'preferred':
      return encrypted().catch((error: unknown) => {
        if (!isHandshakeError(error, noTls)) throw error
        return plain()
      })
    case 'as-needed':
      return logInAsNeeded(server, encrypted, plain)
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
