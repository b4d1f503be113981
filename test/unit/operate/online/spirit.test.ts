import { describe, expect, test } from 'vitest'
import type { ServerConfig } from '../../../../src/config/config.ts'
import { Secret } from '../../../../src/config/secret.ts'
import { readLeftoverName } from '../../../../src/operate/online/leftover-names.ts'
import {
  isChangedInPlace,
  isWaitingForSentinel,
  readSpiritProgress,
  spirit,
  spiritArguments,
  spiritConfiguration,
  spiritLock,
} from '../../../../src/operate/online/spirit.ts'

const password = new Secret('p"a#;$ `HOME` x')
const server: ServerConfig = {
  host: 'db.example',
  port: 3307,
  socket: null,
  user: 'app',
  password,
  encryption: 'as-needed',
  tls: null,
  allowPublicKeyRetrieval: false,
  label: 'db.example:3307',
}
const run = { schema: 'app', table: 'orders', changes: 'MODIFY n BIGINT', folder: '/private' }

describe('what spirit is given', () => {
  test('the whole statement, a cut-over that waits for its sentinel, and no leave to drop the table as it was', () => {
    expect(spiritArguments(run, server)).toEqual([
      'migrate',
      '--conf=/private/spirit.conf',
      '--host=db.example:3307',
      '--database=app',
      '--statement=ALTER TABLE `orders` MODIFY n BIGINT',
      '--threads=2',
      '--write-threads=2',
      '--lock-wait-timeout=5s',
      '--defer-cutover',
      '--skip-drop-after-cutover',
      '--tls-mode=PREFERRED',
    ])
    expect(spiritArguments(run, { ...server, host: '::1' })).toContain('--host=[::1]:3307')
  })

  test('the password in a file that is its own, as it is, and never in the command line', () => {
    expect(spiritArguments(run, server).join(' ')).not.toContain(password.reveal())
    expect(spiritConfiguration(server).get('spirit.conf')).toBe(
      `[client]\nuser = \`app\`\npassword = \`${password.reveal()}\`\n`,
    )
  })

  test('TLS as the configuration has it', () => {
    const tls = { ca: 'a', cert: null, key: null, verify: false }
    const modes = (config: Partial<ServerConfig>): readonly string[] =>
      spiritArguments(run, { ...server, ...config }).filter((word) => word.startsWith('--tls'))
    expect(modes({ encryption: 'disabled' })).toEqual(['--tls-mode=DISABLED'])
    expect(modes({ encryption: 'required', tls })).toEqual(['--tls-mode=REQUIRED', '--tls-ca=/private/ca.pem'])
    expect(modes({ encryption: 'required', tls: { ...tls, verify: true } })[0]).toBe('--tls-mode=VERIFY_IDENTITY')
    expect(spiritConfiguration({ ...server, tls }).get('ca.pem')).toBe('a')
  })
})

test('its version, its progress and its waiting are read, and nothing else for them', () => {
  expect(spirit.readVersion('spirit v0.16.0\n  commit:  0123\n')).toBe('0.16.0')
  expect(spirit.readVersion('spirit dev\n  commit:  0123\n')).toBeNull()
  expect(readSpiritProgress('  copier   12.50%  1000/8000  chunk-size=500  eta=TBD')).toEqual({ rows: 1000, of: 8000 })
  expect(readSpiritProgress('  applier  12.50%  1000/8000')).toBeNull()
  expect(isWaitingForSentinel('2026/11/29 12:00:00 WARN cutover deferred while sentinel table exists; will wait')).toBe(
    true,
  )
})

test('its named lock is that of the table, and the names of its tables are known as leftovers', () => {
  // sha1 of `apporders`.
  expect(spiritLock('app', 'orders')).toBe('app.orders-2c746d53')
  expect(spiritLock('a'.repeat(30), 'b'.repeat(40))).toMatch(/^a{20}\.b{32}-[0-9a-f]{8}$/)
  const { copy, old, logs } = spirit.namesOf('app', 'orders')
  for (const name of [`${old}20261129_120000`, ...logs]) expect(readLeftoverName(name)?.tools).toEqual(['spirit'])
  expect(readLeftoverName(`${old}20261129_120000`)).toMatchObject({ role: 'old', table: 'orders' })
  expect(readLeftoverName(copy)?.tools).toContain('spirit')
})

test.each([
  ['ALTER TABLE orders DROP INDEX a, RENAME INDEX b TO c', true],
  ['ALTER TABLE orders ALTER INDEX a INVISIBLE', true],
  ["ALTER TABLE orders COMMENT = 'first, second'", true],
  ['ALTER TABLE orders MODIFY code VARCHAR(40)', true],
  ['ALTER TABLE orders MODIFY code VARCHAR(40) NOT NULL', false],
  ['ALTER TABLE orders MODIFY code VARCHAR(40) FIRST', false],
  ['ALTER TABLE orders DROP INDEX a, ADD INDEX b (n)', false],
  ['ALTER TABLE orders DROP COLUMN n', false],
  ['ALTER TABLE orders MODIFY n BIGINT', false],
])('%s is a change that spirit has the server make in place: %s', (text, expected) => {
  expect(isChangedInPlace(text)).toBe(expected)
})
