import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kill as signal } from 'node:process'
import { openWireProxy, type WireCommand } from '../../helpers/mysql/wire-proxy.ts'
import { type Database, waitFor, withDatabase } from './database.ts'
import { type Fixture, type FixtureOptions, openFixture } from './fixture.ts'
import { listDescendants, listTools } from './processes.ts'
import { TableWriter, type WriterLog } from './table-writer.ts'

/** What is killed. */
type OnlineVictim = 'wwdb' | 'tool' | 'server'

/** From which moment on the kill is counted: a text that is sent then, and how many moments of commands follow at most. */
interface Instant {
  readonly name: string
  readonly begins: RegExp
  readonly most: number
}

type InstantName = 'beginning' | 'copying' | 'copied' | 'swapping' | 'swapped'

/** How a tool shows at the wire and among the processes. */
interface ChaosTool {
  /** Each command has three moments: before it is sent, when it is sent, and when it is answered. */
  readonly instants: (table: string) => Readonly<Record<InstantName, Instant>>
  /** A session of the tool says so. */
  readonly session: RegExp
  /** Words of its command line. */
  readonly words: (schema: string) => string
  readonly kills: readonly OnlineKill[]
}

const named = (begins: Readonly<Record<InstantName, RegExp>>): ReturnType<ChaosTool['instants']> => ({
  beginning: { name: 'before it copies', begins: begins.beginning, most: 24 },
  copying: { name: 'during the copy', begins: begins.copying, most: 120 },
  copied: { name: 'between copy and comparison', begins: begins.copied, most: 24 },
  swapping: { name: 'at the swap', begins: begins.swapping, most: 8 },
  swapped: { name: 'after the swap', begins: begins.swapped, most: 24 },
})

/** @param table a part of a regular expression */
const ofPtOsc = (table: string) =>
  named({
    beginning: new RegExp(`^CREATE TABLE \`\\w+\`\\.\`_${table}_new\``),
    copying: new RegExp(`^\\s*CREATE TRIGGER \`pt_osc_\\w+_${table}_`),
    copied: new RegExp(`'${table}','copied'`),
    swapping: new RegExp(`^LOCK TABLES \`\\w+\`\\.\`${table}\`|^RENAME TABLE \`\\w+\`\\.\`${table}\``),
    swapped: new RegExp(`^DROP TRIGGER \`.*_${table}_`),
  })

const ofGhOst = (table: string) =>
  named({
    beginning: new RegExp(`^\\s*create /\\* gh-ost \\*/\\s+table \`\\w+\`\\.\`_${table}_gh`, 'i'),
    copying: new RegExp(`^\\s*insert /\\* gh-ost.* ignore[\\s\\S]*\`_${table}_gho`, 'i'),
    copied: new RegExp(`'${table}','copied'`),
    swapping: new RegExp(`^\\s*lock /\\* gh-ost \\*/ tables[\\s\\S]*\`${table}\``, 'i'),
    swapped: new RegExp(`^RENAME TABLE \`\\w+\`\\.\`_${table}_del\``),
  })

const ofSpirit = (table: string) =>
  named({
    beginning: new RegExp(`^CREATE TABLE \`_${table}_new\``),
    copying: new RegExp(`^INSERT IGNORE INTO \`_${table}_new\``),
    copied: new RegExp(`'${table}','copied'`),
    swapping: /^DROP TABLE IF EXISTS `\w+`\.`_spirit_sentinel`/,
    swapped: new RegExp(`^RENAME TABLE \`\\w+\`\\.\`_${table}_old_`),
  })

export interface OnlineKill {
  readonly victim: OnlineVictim
  readonly instant: InstantName
}

/** The tool has ended when the copy is compared. */
const killsOfPtOsc: readonly OnlineKill[] = [
  { victim: 'wwdb', instant: 'copying' },
  { victim: 'tool', instant: 'copying' },
  { victim: 'server', instant: 'copying' },
  { victim: 'wwdb', instant: 'swapping' },
  { victim: 'server', instant: 'swapping' },
  { victim: 'tool', instant: 'beginning' },
  { victim: 'wwdb', instant: 'beginning' },
  { victim: 'server', instant: 'copied' },
  { victim: 'wwdb', instant: 'copied' },
  { victim: 'server', instant: 'beginning' },
  { victim: 'wwdb', instant: 'swapped' },
  { victim: 'server', instant: 'swapped' },
]

/** gh-ost and spirit run until they have swapped the tables. */
const killsOfLogTools: readonly OnlineKill[] = [
  { victim: 'wwdb', instant: 'copied' },
  { victim: 'tool', instant: 'swapping' },
  { victim: 'server', instant: 'swapping' },
  { victim: 'wwdb', instant: 'swapping' },
  { victim: 'tool', instant: 'copying' },
  { victim: 'wwdb', instant: 'swapped' },
  { victim: 'server', instant: 'copying' },
  { victim: 'wwdb', instant: 'copying' },
  { victim: 'tool', instant: 'copied' },
  { victim: 'wwdb', instant: 'beginning' },
  { victim: 'server', instant: 'swapped' },
]

export const chaosTools = {
  'pt-osc': {
    instants: ofPtOsc,
    session: /\bwait_timeout\s*=\s*'?\d{8}/,
    words: (schema) => `D=${schema},`,
    kills: killsOfPtOsc,
  },
  'gh-ost': {
    instants: ofGhOst,
    session: /\/\* gh-ost/,
    words: (schema) => `--database=${schema}`,
    kills: killsOfLogTools,
  },
  spirit: {
    instants: ofSpirit,
    session: /sql_mode='NO_AUTO_VALUE_ON_ZERO', time_zone/,
    words: (schema) => `--database=${schema}`,
    kills: killsOfLogTools,
  },
} as const satisfies Readonly<Record<string, ChaosTool>>

export const describeKill = ({ victim, instant }: OnlineKill): string => `${victim} ${ofPtOsc('things')[instant].name}`

const rows = 6000

const setUp = `CREATE TABLE things (id INT NOT NULL, n INT NOT NULL, note VARCHAR(200) NOT NULL DEFAULT 'as it was', PRIMARY KEY (id)) ENGINE=InnoDB;
SET cte_max_recursion_depth = 100000; INSERT INTO things (id, n) SELECT i, i FROM (WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${rows}) SELECT i FROM s) x`

/** A column that is added twice would fail, and a copy that is made twice leaves two tables on hold. */
const alter = 'ALTER TABLE things MODIFY n BIGINT NOT NULL, ADD COLUMN extra INT NOT NULL DEFAULT 7'

const filesOf = (tool: keyof typeof chaosTools) => ({
  'wwdb.config.json': JSON.stringify({
    databases: { app: { url: '$' + '{APP_URL}', migrations: 'migrations/app' } },
    online: { inplace: '0', tool },
  }),
  'migrations/app/0001_wider.sql': `-- migrate:up\n-- wwdb:online\n${alter};\n`,
})

export const migrate = ['migrate', '--yes', '--no-probe']

export interface OnlineHistory {
  readonly killed: number
  readonly problems: readonly string[]
}

/** Begins the change, kills once for each of `kills`, lets a last run finish it, and compares what is there with the log of a writer. */
export async function surviveOnline(
  place: Omit<FixtureOptions, 'files'>,
  kills: readonly OnlineKill[],
  random: () => number,
  tool: keyof typeof chaosTools,
): Promise<OnlineHistory> {
  const { words } = chaosTools[tool]
  const instants = chaosTools[tool].instants('things')
  // Of the run that is killed: the file with the password must not outlive it.
  const temporary = await mkdtemp(join(tmpdir(), 'wwdb-chaos-online-'))
  const fixture = await openFixture({
    ...place,
    files: filesOf(tool),
    environment: { ...place.environment, TMPDIR: temporary },
  })
  const schema = await fixture.createSchema(setUp)
  const writer = new TableWriter(fixture.urlOf(schema), 'things', rows, random)
  let killed = 0
  try {
    for (const kill of kills)
      if (await killOnce({ fixture, schema, victim: kill.victim, instant: instants[kill.instant], tool, random }))
        killed += 1
    let last = await fixture.run(migrate, schema)
    // Rows that are written all the time are late in the copy of spirit: such a table is refused and left as it was (docs/operations/online-changes.md).
    if (tool === 'spirit' && last.stderr.includes('differs from it: ')) {
      await writer.stop()
      last = await fixture.run(migrate, schema)
    }
    const wrong = last.exitCode === 0 ? [] : [`the last run ended with ${last.exitCode}: ${last.stderr}${last.stdout}`]
    const tools = await listTools(words(schema))
    if (tools.length > 0) wrong.push(`the tool still runs: ${tools.join()}`)
    const left = (await readdir(temporary)).filter((name) => name.startsWith('wwdb-online-'))
    if (left.length > 0) wrong.push(`a folder with the password is left: ${left.join()}`)
    const log = await writer.stop()
    // What a run that failed left has other columns: its own words say more.
    const found =
      last.exitCode === 0 ? await withDatabase(fixture.urlOf(schema), (database) => findWrong(database, log)) : []
    return { killed, problems: [...wrong, ...found] }
  } finally {
    await writer.stop()
    await fixture.dropSchema(schema)
    await fixture.close()
    await rm(temporary, { recursive: true, force: true })
  }
}

interface KillRequest {
  readonly fixture: Fixture
  readonly schema: string
  readonly victim: OnlineVictim
  readonly instant: Instant
  readonly tool: keyof typeof chaosTools
  readonly random: () => number
}

/** True where the run was still going at the moment. The next run begins while sessions of the one before may live. */
export async function killOnce({
  fixture,
  schema,
  victim,
  instant: { begins, most },
  tool: name,
  random,
}: KillRequest): Promise<boolean> {
  const { session, words } = chaosTools[name]
  const last = 1 + Math.floor(random() * most)
  let moments = 0
  let isKilled = false
  const ofTool = new Set<number>()
  const proxy = await openWireProxy(fixture.server.port, async ({ connection, text }: WireCommand) => {
    if (session.test(text)) ofTool.add(connection)
    if (moments === 0 && !begins.test(text)) return 'pass'
    moments += 1
    if (isKilled) return victim === 'server' || (victim === 'wwdb' && !ofTool.has(connection)) ? 'drop' : 'pass'
    if (moments < last || (victim === 'tool' && (await findTools(tool.child.pid, words(schema))).length === 0))
      return 'pass'
    isKilled = true
    if (victim === 'server') {
      await fixture.server.kill()
      return 'drop'
    }
    if (victim === 'wwdb') {
      tool.child.kill('SIGKILL')
      // What the tool is about to send may still arrive.
      return ofTool.has(connection) ? 'pass' : 'drop'
    }
    for (const pid of await findTools(tool.child.pid, words(schema))) signal(pid, 'SIGKILL')
    return ofTool.has(connection) ? 'drop' : 'pass'
  })
  const tool = fixture.start(migrate, schema, proxy.port)
  await tool.ended
  if (victim === 'server' && isKilled) await fixture.server.restart()
  if (victim !== 'wwdb') await proxy.close()
  else
    void waitFor('the end of the tool', async () => (await listTools(words(schema))).length === 0).finally(proxy.close)
  return isKilled
}

const findTools = async (pid: number | undefined, words: string): Promise<readonly number[]> =>
  pid === undefined ? [] : listDescendants(pid, words)

async function findWrong(database: Database, log: WriterLog): Promise<readonly string[]> {
  const problems = log.refused.slice(0, 5).map((text) => `a write was refused: ${text}`)
  if (log.written < 20) problems.push(`the writer wrote only ${log.written} times`)
  const all = await database.rows('SELECT id, n, extra, note FROM things')
  const found = new Map(all.map(([id, n]) => [Number(id), Number(n)]))
  const lost = [...log.rows].filter(([id, n]) => found.get(id) !== n)
  const extra = [...found].filter(([id]) => !log.rows.has(id))
  for (const [id, n] of lost.slice(0, 5)) problems.push(`row ${id} is ${found.get(id)}, not ${n}`)
  for (const [id] of extra.slice(0, 5)) problems.push(`row ${id} should not be there`)
  const others = all.filter(([, , value, note]) => value !== '7' || note !== 'as it was')
  if (others.length > 0) problems.push(`other values: ${JSON.stringify(others.slice(0, 3))}`)
  const expect = async (what: string, query: string, wanted: readonly string[]): Promise<void> => {
    const seen = (await database.rows(query)).map((row) => row.join(' ').replace(/\d{8}_[0-9a-f]{8}/, 'X'))
    if (JSON.stringify(seen) !== JSON.stringify(wanted)) problems.push(`${what}: ${JSON.stringify(seen)}`)
  }
  await expect(
    'tables',
    "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME NOT LIKE 'wwdb%' ORDER BY 1",
    ['_hold_X_things', 'things'],
  )
  await expect('triggers', 'SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()', [])
  await expect(
    'columns',
    "SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'things' ORDER BY ORDINAL_POSITION",
    ['id int', 'n bigint', 'note varchar', 'extra int'],
  )
  await expect(
    'rows of the journal',
    "SELECT statement, state FROM wwdb_journal WHERE version = '0001' AND state <> 'failed'",
    ['0 closed'],
  )
  await expect('open records', "SELECT state FROM wwdb_online WHERE state NOT IN ('held', 'removed')", [])
  return problems
}
