import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../chaos/support/database.ts'
import { createSchema } from '../../helpers/servers/schema.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { type FanOutProject, openFanOutProject, outcomeOf } from '../../helpers/shards/fan-out-project.ts'

const events = (columns: string): string =>
  `-- wwdb:period month\n-- wwdb:name events_{YYYYMM}\n-- wwdb:view events_recent 3 periods\n-- wwdb:late 0 days\nCREATE TABLE {{table}} (\n  id BIGINT NOT NULL PRIMARY KEY${columns}\n) ENGINE=InnoDB;\n`
const template = 'shard-templates/app/events.sql'
const whole = ',\n  kind INT NULL,\n  note INT NULL'

/** `events_202611` of this month, or of one so many months ago. */
function tableOf(back: number): string {
  const now = new Date()
  const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString()
  return `events_${month.slice(0, 7).replace('-', '')}`
}

describe.each(versionsInTurn(import.meta.url))('a view over shards on MySQL %s', (version) => {
  const closings: (() => Promise<void> | void)[] = []
  let url: string
  let database: Database
  let project: FanOutProject

  /** This month and the two before it, in a view, with a row each. */
  beforeEach(async () => {
    const schema = await createSchema('fan', await testServerOf(version))
    url = schema.url
    database = await openDatabase(url)
    const folder = mkdtempSync(join(tmpdir(), 'wwdb-fan-out-'))
    closings.push(() => rmSync(folder, { recursive: true }), schema.drop, database.close)
    project = openFanOutProject(url, folder)
    project.write(template, events(whole))
    await project.rotate()
    for (const back of [1, 2]) await database.run(`CREATE TABLE ${tableOf(back)} LIKE ${tableOf(0)}`)
    await project.rotate()
    for (const back of [0, 1, 2]) await database.run(`INSERT INTO ${tableOf(back)} VALUES (${back}, 1, 2)`)
    expect(await columnsOf('events_recent')).toEqual(['id', 'kind', 'note'])
  })
  afterEach(async () => {
    for (const close of closings.splice(0).reverse()) await close()
  })

  const columnsOf = async (table: string): Promise<readonly (string | null | undefined)[]> =>
    (await database.rows(`SHOW COLUMNS FROM ${table}`)).map(([name]) => name)

  /** Reads the view over and over while something is done; whoever is refused lets the test fail. */
  async function readMeanwhile<T>(work: () => Promise<T>): Promise<T> {
    let ended = false
    const read = async (): Promise<void> => {
      const reader = await createConnection(url)
      try {
        while (!ended) await reader.query('SELECT COUNT(*) FROM events_recent')
      } finally {
        await reader.end()
      }
    }
    const reading = Promise.all([read(), read(), read()])
    // Whoever is refused is told of below, when the work has ended.
    reading.catch(() => undefined)
    try {
      return await work()
    } finally {
      ended = true
      await reading
    }
  }

  function write(columns: string, up: string, down: string): void {
    project.write(template, events(columns))
    const text = `-- wwdb:shards events\n-- wwdb:accept DROP_COLUMN a test\n-- migrate:up\nALTER TABLE {{table}} ${up};\n-- migrate:down\nALTER TABLE {{table}} ${down};\n`
    project.write('migrations/20260101000000_change.sql', text)
  }

  test('a column that goes leaves it first, and is back after the rollback', async () => {
    write(',\n  kind INT NULL', 'DROP COLUMN note', 'ADD COLUMN note INT NULL')
    expect(outcomeOf(await readMeanwhile(() => project.migrate()))).toMatchObject({ state: 'done', fault: null })
    expect(await columnsOf('events_recent')).toEqual(['id', 'kind'])
    expect(outcomeOf(await readMeanwhile(() => project.rollback()))).toMatchObject({ state: 'done', fault: null })
    expect(await columnsOf('events_recent')).toEqual(['id', 'kind', 'note'])
  })

  test('a column that gets another name, and one that comes, are shown when all shards have them', async () => {
    write(
      ',\n  sort INT NULL,\n  note INT NULL,\n  more INT NULL',
      'RENAME COLUMN kind TO sort, ADD COLUMN more INT NULL',
      'RENAME COLUMN sort TO kind, DROP COLUMN more',
    )
    expect(outcomeOf(await readMeanwhile(() => project.migrate()))).toMatchObject({ state: 'done', fault: null })
    expect(await database.rows('SELECT id, sort, note, more FROM events_recent ORDER BY id')).toEqual([
      ['0', '1', '2', null],
      ['1', '1', '2', null],
      ['2', '1', '2', null],
    ])
  })

  test('a repair takes a column away that only some shards have', async () => {
    for (const back of [0, 1]) await database.run(`ALTER TABLE ${tableOf(back)} ADD COLUMN stray INT NULL`)
    await project.rotate()
    expect(await columnsOf('events_recent')).toEqual(['id', 'kind', 'note', 'stray'])
    const { result } = await readMeanwhile(() => project.repair(['DROP_COLUMN']))
    expect(result).toMatchObject({ families: [{ repaired: [tableOf(1), tableOf(0)], failed: [], left: 0 }] })
    expect(await columnsOf('events_recent')).toEqual(['id', 'kind', 'note'])
  })

  test('a change that fails on a shard leaves a view that all can read, and the next run ends it', async () => {
    await database.run(`INSERT INTO ${tableOf(1)} VALUES (7, 1, 2)`)
    const once = ',\n  kind INT NULL,\n  UNIQUE KEY uk_kind (kind)'
    write(once, 'DROP COLUMN note, ADD UNIQUE KEY uk_kind (kind)', 'ADD COLUMN note INT NULL, DROP KEY uk_kind')
    expect(outcomeOf(await project.migrate())).toMatchObject({ state: 'failed' })
    expect(await columnsOf('events_recent')).toEqual(['id', 'kind'])
    expect(await database.rows('SELECT COUNT(*) FROM events_recent')).toEqual([['4']])
    await database.run(`DELETE FROM ${tableOf(1)} WHERE id = 7`)
    expect(outcomeOf(await readMeanwhile(() => project.migrate()))).toMatchObject({ state: 'done' })
    expect(await columnsOf('events_recent')).toEqual(['id', 'kind'])
  })

  test('a rotation that brings a shard along later takes the column from the view before', async () => {
    await database.run(`INSERT INTO ${tableOf(0)} VALUES (7, 1, 2)`)
    const once = ',\n  kind INT NULL,\n  UNIQUE KEY uk_kind (kind)'
    write(once, 'DROP COLUMN note, ADD UNIQUE KEY uk_kind (kind)', 'ADD COLUMN note INT NULL, DROP KEY uk_kind')
    const budget = { errorBudget: 9 }
    expect(outcomeOf(await project.migrate(budget))).toMatchObject({ state: 'failed' })
    await database.run(`CREATE OR REPLACE VIEW events_recent AS SELECT id, kind, note FROM ${tableOf(0)}`)
    await database.run(`DELETE FROM ${tableOf(0)} WHERE id = 7`)
    expect(await readMeanwhile(() => project.rotate())).toMatchObject({ exitCode: 0 })
    expect(await columnsOf('events_recent')).toEqual(['id', 'kind'])
    expect(await database.rows('SELECT COUNT(*) FROM events_recent')).toEqual([['3']])
  })
})
