import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inject } from 'vitest'

const certificates = join(import.meta.dirname, '..', '..', 'fixtures', 'tls')

/** A file that members know each other by; with it no client is let in without a user. */
export async function writeKeyFile(): Promise<string> {
  const file = await newFile('key')
  await writeFile(file, randomBytes(48).toString('base64'), { mode: 0o400 })
  return file
}

/** The arguments by which a mongod speaks TLS only. */
export async function tlsFlags(): Promise<readonly string[]> {
  const file = await newFile('pem')
  const parts = await Promise.all(['here.pem', 'here.key'].map((name) => readFile(join(certificates, name), 'utf8')))
  await writeFile(file, parts.join('\n'), { mode: 0o600 })
  const both = ['--tlsMode', 'requireTLS', '--tlsCertificateKeyFile', file, '--tlsCAFile', join(certificates, 'ca.pem')]
  return [...both, '--tlsAllowConnectionsWithoutCertificates']
}

/** The authority that signed it, and a certificate that signed nothing. */
export async function readAuthorities(): Promise<{ readonly right: string; readonly wrong: string }> {
  const [right = '', wrong = ''] = await Promise.all(
    ['ca.pem', 'elsewhere.pem'].map((name) => readFile(join(certificates, name), 'utf8')),
  )
  return { right, wrong }
}

async function newFile(ending: string): Promise<string> {
  const folder = inject('servers').runDirectory
  await mkdir(folder, { recursive: true })
  return join(folder, `mongodb-${randomBytes(4).toString('hex')}.${ending}`)
}
