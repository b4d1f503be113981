import { authPlugins, type ConnectionOptions, createConnection, type Connection as RawConnection } from 'mysql2'
import type { ServerConfig, TlsConfig } from '../config/config.ts'
import { hasNumber } from './server-errors.ts'
import { isRightWithoutName, tlsOptions } from './tls.ts'

type AuthPlugin = NonNullable<ConnectionOptions['authPlugins']>[string]

/** The server wants the password itself, on a connection that everybody on the way can read. */
export class PasswordWanted extends Error {}

/** What the client sends to ask for the key that encrypts the password: one byte, another one for each of the two methods. */
const requests = { caching_sha2_password: 2, sha256_password: 1 } as const

/**
 * A method of authentication that never asks for the server's RSA key: whoever answers instead of the server could send one of
 * its own, and read the password. What was sent by then is a digest.
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
    // Errors outside a query (a server that hangs up while we are idle) must not end the process: the next query reports them.
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

/** True for an error that a connection with TLS would not meet; 3159 is `require_secure_transport`. */
function needsTls(error: unknown): boolean {
  return error instanceof PasswordWanted || hasNumber(error, 3159)
}

/** Opens a connection as the configuration says it is to be encrypted. */
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
