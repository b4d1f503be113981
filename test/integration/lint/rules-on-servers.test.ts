import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findUntriedCounters, knowsFunction, parses } from '../../../scripts/removed-syntax.ts'
import { statementForms } from '../../../scripts/statement-forms.ts'
import { isAtLeast } from '../../../src/core/version.ts'
import type { Claim, Fixture } from '../../../src/lint/rule.ts'
import { defaultOn, newDefaults } from '../../../src/lint/upgrade/new-defaults.ts'
import { removedFunctions, removedStatements, removedVariables } from '../../../src/lint/upgrade/removed-names.ts'
import { lostFunctions, lostStatements } from '../../../src/lint/upgrade/removed-syntax.generated.ts'
import { reservedSince } from '../../../src/lint/upgrade/reserved-words.ts'
import type { Asker } from '../../../src/mysql/connection.ts'
import { readUpgradeFacts } from '../../../src/schema/mysql/upgrade-facts.ts'
import { scan } from '../../../src/sql/scanner.ts'
import { allRules } from '../../helpers/lint/lint-fixture.ts'
import { randomName } from '../../helpers/servers/schema.ts'
import { type ServerVersion, startServer, testServerOf } from '../../helpers/servers/servers.ts'

interface Shown {
  readonly code: string
  readonly fixture: Fixture
  readonly claims: readonly Claim[]
}

const claimed: readonly Shown[] = allRules.flatMap((rule) => {
  const { found, clean } = rule.fixtures
  return [...found, ...clean].flatMap((fixture) => {
    const claims = fixture.claims === undefined ? [] : [fixture.claims].flat()
    return claims.length === 0 ? [] : [{ code: rule.code, fixture, claims }]
  })
})

function holdsFor({ since, before }: Claim, version: string): boolean {
  return (since === undefined || isAtLeast(version, since)) && (before === undefined || !isAtLeast(version, before))
}

function split(text: string | undefined): readonly string[] {
  const pieces = [...scan(text ?? '', { file: 'fixture.sql' })]
  return pieces.flatMap((piece) => (piece.type === 'statement' ? [piece.text] : []))
}

/** Algorithm and lock of a change are asked by an option that the server refuses where it cannot do so. */
const options = { copies: 'ALGORITHM=INPLACE', rebuilds: 'ALGORITHM=INSTANT', blocks: 'LOCK=NONE' } as const
const unsupported = [1845, 1846]

function withOption(text: string, option: string): string {
  return /^alter/i.test(text) ? `${text}, ${option}` : `${text} ${option}`
}

/** The error number of a statement, or null where the server takes it. */
async function attempt(connection: Connection, text: string): Promise<number | null> {
  try {
    await connection.query(text)
    return null
  } catch (error) {
    return error instanceof Error && 'errno' in error ? Number(error.errno) : -1
  }
}

async function show(connection: Connection, { fixture }: Shown, claim: Claim): Promise<unknown> {
  for (const text of split(fixture.setup)) await connection.query(text)
  // A template is shown as one of its shards.
  const statements = split(fixture.sql.replaceAll('{{table}}', 'shard'))
  const last = statements.at(-1) ?? ''
  for (const text of statements.slice(0, -1)) await connection.query(text)
  switch (claim.server) {
    case 'refuses':
      return await attempt(connection, last)
    case 'copies':
    case 'rebuilds':
    case 'blocks':
      return unsupported.includes((await attempt(connection, withOption(last, options[claim.server]))) ?? 0)
    case 'warns': {
      await connection.query(last)
      const numbers = await warnings(connection)
      return numbers.includes(claim.number) ? claim.number : numbers
    }
    case 'accepts':
      await connection.query(last)
      return await warnings(connection)
    case 'answers':
      await connection.query(last)
      return await answer(connection, claim.query)
  }
}

function askerOf(connection: Connection): Asker {
  return {
    ask: async (sql) => {
      const [rows] = await connection.query<RowDataPacket[]>({ sql, rowsAsArray: true })
      return {
        rows: rows.map((row) => Object.values(row).map(String)),
        affected: null,
        insertId: null,
        warningCount: 0,
      }
    },
  }
}

async function warnings(connection: Connection): Promise<readonly number[]> {
  const [rows] = await connection.query<RowDataPacket[]>('SHOW WARNINGS')
  return rows.map((row) => Number(row['Code']))
}

async function answer(connection: Connection, query: string): Promise<string> {
  const [rows] = await connection.query<RowDataPacket[][]>({ sql: query, rowsAsArray: true })
  return rows.map((row) => Object.values(row).map(String).join(',')).join(';')
}

function expected(claim: Claim): unknown {
  switch (claim.server) {
    case 'refuses':
    case 'warns':
      return claim.number
    case 'copies':
    case 'rebuilds':
    case 'blocks':
      return true
    case 'accepts':
      return []
    case 'answers':
      return claim.answer
  }
}

/** What 8.0.12 reserves, and words of a newer server that are in no list: the old one is asked first. */
const reservedBefore = new Set<string>()
const unknown: string[] = []
/** Heads of statements that the old server refuses in a body. */
const refusedBefore = new Set<string>()
/** Variables of the old server. */
const oldVariables = new Set<string>()

afterAll(() => {
  expect(unknown).toEqual([])
})

describe.each<ServerVersion>(['8.0', '9.7'])('what rules say of MySQL is true on %s', (version) => {
  const schema = randomName('rules')
  let connection: Connection | undefined
  let running = ''

  beforeAll(async () => {
    const server = await testServerOf(version)
    running = server.version
    connection = await createConnection({ uri: `${server.url}/information_schema`, charset: 'utf8mb4', timezone: 'Z' })
  })
  afterAll(async () => {
    await connection?.query(`DROP DATABASE IF EXISTS \`${schema}\``)
    await connection?.end()
  })

  test('every word that a server reserves is known with its version', async () => {
    const reserved = await connection?.query<RowDataPacket[]>(
      'SELECT k.WORD AS word FROM information_schema.KEYWORDS k WHERE k.RESERVED = 1',
    )
    const words = new Set((reserved?.[0] ?? []).map((row) => String(row['word']).toUpperCase()))
    const wrong = [...reservedSince].filter(([word, since]) => words.has(word) !== isAtLeast(running, since))
    expect(wrong).toEqual([])
    const untold = [...words].filter((word) => !reservedSince.has(word) && !reservedBefore.has(word))
    if (running.startsWith('8.0.')) for (const word of untold) reservedBefore.add(word)
    else unknown.push(...untold)
  })

  test('functions and statements that are gone are those of the table that scripts/find-removed-syntax.mjs wrote', async () => {
    const own = connection
    if (own === undefined) throw new Error('there is no connection')
    await own.query(`CREATE DATABASE IF NOT EXISTS \`${schema}\``)
    await own.query(`USE \`${schema}\``)
    const isNew = !running.startsWith('8.0.')
    const functions = await Promise.all(lostFunctions.map((name) => knowsFunction(own, name)))
    expect(functions).toEqual(lostFunctions.map(() => !isNew))
    const parsed = new Map<string, boolean>()
    for (const form of Object.values(statementForms).flat()) {
      const head = form.split('|')[0]?.trim() ?? ''
      if (await parses(own, form)) parsed.set(head, true)
      else if (!parsed.has(head)) parsed.set(head, false)
    }
    const refused = new Set([...parsed].flatMap(([head, isParsed]) => (isParsed ? [] : [head])))
    if (!isNew) for (const head of refused) refusedBefore.add(head)
    else expect([...refused].filter((head) => !refusedBefore.has(head)).toSorted()).toEqual(lostStatements)
    expect(await findUntriedCounters(own).then((names) => (isNew ? [] : names))).toEqual([])
    await own.query('USE information_schema')
  })

  test('every function and statement that is gone has a version that a rule names', () => {
    expect(lostFunctions.filter((name) => !removedFunctions.has(name))).toEqual([])
    expect(removedStatements.map(({ words }) => words.join(' ')).toSorted()).toEqual(lostStatements)
  })

  test('settings that are gone, and defaults that are new, are those that the lists name', async () => {
    if (connection === undefined) throw new Error('there is no connection')
    const { facts, unread } = await readUpgradeFacts(askerOf(connection))
    expect(unread).toEqual([])
    expect(running.startsWith(facts.version)).toBe(true)
    const values = new Map(facts.variables?.map((each) => [each.name, each]))
    const stays = [...removedVariables].filter(([name, since]) => isAtLeast(running, since) && values.has(name))
    expect(stays).toEqual([])
    const lost = [...oldVariables].filter((name) => !values.has(name) && !removedVariables.has(name))
    expect(lost).toEqual([])
    if (running.startsWith('8.0.')) for (const name of values.keys()) oldVariables.add(name)
    const others = [...newDefaults].filter(([name, [first]]) => {
      const own = values.get(name)
      if (own === undefined || own.isSet) return false
      const expectedValue = defaultOn(name, running)?.value
      return expectedValue === undefined ? own.value === first?.value : own.value !== expectedValue
    })
    expect(others).toEqual([])
    expect(facts.accounts?.map(({ name }) => name)).toContain("'root'@'localhost'")
    expect(facts.paths?.length).toBeGreaterThan(0)
  })

  test('every claim of every fixture is shown', { timeout: 300_000 }, async () => {
    if (connection === undefined) throw new Error('there is no connection')
    const shared = claimed.filter(({ fixture }) => fixture.alone !== true)
    expect(await showAll(connection, { schema, running }, shared)).toEqual([])
  })
})

describe.each<ServerVersion>(['8.0', '9.7'])(
  'what rules say of a whole server is true on a %s of its own',
  (version) => {
    test('every claim of every fixture about accounts and settings is shown', { timeout: 300_000 }, async () => {
      const alone = claimed.filter(({ fixture }) => fixture.alone === true)
      expect(alone.length).toBeGreaterThan(0)
      const server = await startServer({ version })
      const connection = await createConnection({ uri: server.url, charset: 'utf8mb4' })
      try {
        expect(await showAll(connection, { schema: 'own', running: server.version }, alone)).toEqual([])
      } finally {
        await connection.end()
        await server.stop()
      }
    })
  },
)

interface Place {
  readonly schema: string
  /** The server's version. */
  readonly running: string
}

/** What is not as it is claimed. */
async function showAll(
  connection: Connection,
  { schema, running }: Place,
  list: readonly Shown[],
): Promise<readonly unknown[]> {
  const wrong: unknown[] = []
  for (const shown of list) {
    for (const claim of shown.claims.filter((each) => holdsFor(each, running))) {
      await connection.query(`DROP DATABASE IF EXISTS \`${schema}\``)
      await connection.query(`CREATE DATABASE \`${schema}\` CHARACTER SET utf8mb4`)
      await connection.query(`USE \`${schema}\``)
      const found = await show(connection, shown, claim).catch((error: unknown) => String(error))
      await connection.query(
        'SET SESSION sql_mode = DEFAULT, SESSION foreign_key_checks = 1, SESSION unique_checks = 1, SESSION sql_log_bin = 1',
      )
      if (JSON.stringify(found) !== JSON.stringify(expected(claim)))
        wrong.push({ code: shown.code, sql: shown.fixture.sql, claimed: claim, found })
    }
  }
  return wrong
}
