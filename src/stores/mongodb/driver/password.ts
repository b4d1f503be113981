import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto'

/**
 * Whether a password is the one that the server keeps for a user, by what it keeps (SCRAM-SHA-256, RFC 7677). Nobody signs in for
 * that, so nothing stands in the server's log. A user without such a secret has another password, as far as we can tell.
 * @param credentials as `usersInfo` shows them.
 */
export function passwordMatches(password: string, credentials: unknown): boolean {
  const secret = readSecret(credentials)
  if (secret === null) return false
  const salted = pbkdf2Sync(
    password.normalize('NFKC'),
    Buffer.from(secret.salt, 'base64'),
    secret.iterations,
    32,
    'sha256',
  )
  const client = createHmac('sha256', salted).update('Client Key').digest()
  const stored = Buffer.from(secret.storedKey, 'base64')
  const own = createHash('sha256').update(client).digest()
  return stored.length === own.length && timingSafeEqual(stored, own)
}

function readSecret(
  credentials: unknown,
): { readonly salt: string; readonly storedKey: string; readonly iterations: number } | null {
  const all = credentials as Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>> | null | undefined
  const secret = all?.['SCRAM-SHA-256']
  const { salt, storedKey, iterationCount } = secret ?? {}
  if (typeof salt !== 'string' || typeof storedKey !== 'string' || typeof iterationCount !== 'number') return null
  return { salt, storedKey, iterations: iterationCount }
}
