import { randomBytes, type ScryptOptions, scrypt } from 'node:crypto'

/** What is stored of a password. */
export interface PasswordHash {
  /** PHC string format, 131 characters: `$scrypt$ln=17,r=8,p=1$<salt>$<hash>`, base64 without padding. */
  readonly hash: string
  /** The salt alone, as it stands in the hash: 22 characters. */
  readonly salt: string
}

/** N = 2^17, r = 8, p = 1: what OWASP's Password Storage Cheat Sheet asks for, 128 MiB and some tenths of a second. */
const logarithm = 17
const blockSize = 8
const parallelism = 1
const saltBytes = 16
const hashBytes = 64

function derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // The same password typed on another system may come in another form of Unicode.
    scrypt(password.normalize('NFKC'), salt, hashBytes, options, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

const encode = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')

/** Hashes a password with a new salt. */
export async function hashPassword(password: string): Promise<PasswordHash> {
  const bytes = randomBytes(saltBytes)
  const cost = 2 ** logarithm
  const key = await derive(password, bytes, {
    N: cost,
    r: blockSize,
    p: parallelism,
    maxmem: 2 * 128 * cost * blockSize,
  })
  const salt = encode(bytes)
  return { hash: `$scrypt$ln=${logarithm},r=${blockSize},p=${parallelism}$${salt}$${encode(key)}`, salt }
}
