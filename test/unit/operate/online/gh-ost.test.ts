import { describe, expect, test } from 'vitest'
import type { ServerConfig } from '../../../../src/config/config.ts'
import { Secret } from '../../../../src/config/secret.ts'
import {
  ghOst,
  ghOstArguments,
  ghOstConfiguration,
  ghOstLock,
  ghOstVariables,
  readGhOstProgress,
} from '../../../../src/operate/online/gh-ost.ts'
import { readLeftoverName } from '../../../../src/operate/online/leftover-names.ts'

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
const run = {
  schema: 'app',
  table: 'orders',
  changes: 'MODIFY n BIGINT',
  folder: '/private',
  token: 12_345_678,
  renames: false,
  budget: 60_000,
}

describe('what gh-ost is given', () => {
  test('no password, in the command line or in its file: both name a variable', () => {
    const words = ghOstArguments(run, server).join(' ')
    const files = [...ghOstConfiguration(server).values()].join('\n')
    expect(words + files).not.toContain(password.reveal())
    const [, name = ''] = /password = \$\{(\w+)\}/.exec(files) ?? []
    expect(ghOstVariables(server)[name]).toBe(password.reveal())
  })

  test('a cut-over that is postponed before it starts, and no leave to drop the table as it was', () => {
    const words = ghOstArguments(run, server)
    expect(words).toContain('--postpone-cut-over-flag-file=/private/postpone')
    expect(words).toContain('--ok-to-drop-table=false')
    expect(words.some((word) => word.startsWith('--ssl'))).toBe(false)
    expect(ghOstConfiguration(server).get('postpone')).toBe('')
  })

  test('as many retries as its cut-over may have tries within the budget of the guard', () => {
    expect(ghOstArguments(run, server)).toContain('--default-retries=45')
    expect(ghOstArguments({ ...run, budget: 3_600_000 }, server)).toContain('--default-retries=930')
  })

  test('the server of the connection as the one that is changed, also where it replicates from another', () => {
    expect(ghOstArguments(run, server)).toContain('--assume-master-host=db.example:3307')
    expect(ghOstArguments(run, { ...server, host: '::1' })).toContain('--assume-master-host=[::1]:3307')
  })

  test('TLS as the configuration has it', () => {
    const tls = { ca: 'a', cert: null, key: null, verify: false }
    const words = ghOstArguments(run, { ...server, encryption: 'required', tls })
    expect(words.filter((word) => word.startsWith('--ssl'))).toEqual([
      '--ssl',
      '--ssl-ca=/private/ca.pem',
      '--ssl-allow-insecure',
    ])
    const verified = ghOstArguments(run, { ...server, encryption: 'required', tls: { ...tls, verify: true } })
    expect(verified).not.toContain('--ssl-allow-insecure')
  })
})

test('its version and its progress are read, and nothing else for them', () => {
  expect(ghOst.readVersion('1.1.10 (git commit: 0123)\n')).toBe('1.1.10')
  expect(ghOst.readVersion('unversioned (git commit: unknown)')).toBeNull()
  expect(readGhOstProgress('Copy: 1000/20000 5.0%; Applied: 3; Backlog: 0/1000')).toEqual({ rows: 1000, of: 20_000 })
  expect(readGhOstProgress('# Migrating `app`.`orders`')).toBeNull()
})

test('its named lock is hashed where it would be too long, and the names of its tables are known as leftovers', () => {
  expect(ghOstLock('app', 'orders')).toBe('gh-ost::app.orders')
  expect(ghOstLock('a'.repeat(40), 'orders_of_another_age')).toMatch(/^gh-ost::[0-9a-f]{40}$/)
  const { copy, old, logs } = ghOst.namesOf('app', 'orders')
  for (const name of [copy, old ?? '', ...logs]) expect(readLeftoverName(name)?.tools).toEqual(['gh-ost'])
})
