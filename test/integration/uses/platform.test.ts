import { cpSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { expect, test } from 'vitest'
import type { PlanResult } from '../../../src/migrations/commands/plan-view.ts'
import type { UsesResult } from '../../../src/uses/commands/uses-view.ts'
import { startServer } from '../../helpers/servers/servers.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
const root = resolve(import.meta.dirname, '../../..')
const databases = ['user_db', 'instance_db', 'message_db', 'contact_db', 'monitor_db']

test('no table of the platform is named by what wwdb itself has sent', async () => {
  const server = await startServer({ version: '9.7' })
  try {
    const stage = await openStage({ url: server.url, databases, configuration: { rotation: { archive: 'archives' } } })
    for (const folder of ['migrations', 'seeds', 'shard-templates'])
      cpSync(join(root, folder), join(stage.folder, folder), { recursive: true })
    for (const words of [['migrate', '--yes'], ['rotate', 'run', '--yes'], ['seed'], ['plan'], ['check', 'references']])
      expect(await stage.run(words), words.join(' ')).toMatchObject({ exitCode: 0 })
    const named: string[] = []
    let looked = 0
    for (const database of databases)
      for (const table of await stage.tables(database)) {
        if (table.startsWith('wwdb_')) continue
        looked += 1
        const { answer } = await stage.json(['uses', `${database}.${table}`])
        const { statements } = answer as unknown as UsesResult
        named.push(...statements.map(({ text }) => `${database}.${table}: ${text.slice(0, 200)}`))
      }
    console.log(`${looked} tables of the platform, ${named.length} statements that name one`)
    expect(looked).toBeGreaterThan(10)
    expect(named).toEqual([])
  } finally {
    await server.stop()
  }
})

test('a column that is added to each table of the platform changes no result of statements on it', async () => {
  const server = await startServer({ version: '9.7' })
  try {
    const stage = await openStage({ url: server.url, databases })
    for (const folder of ['migrations', 'seeds', 'shard-templates'])
      cpSync(join(root, folder), join(stage.folder, folder), { recursive: true })
    for (const words of [['migrate', '--yes'], ['seed']])
      expect(await stage.run(words), words.join(' ')).toMatchObject({ exitCode: 0 })
    const sent: string[] = []
    for (const database of databases) {
      const names = (await stage.tables(database)).filter((name) => !name.startsWith('wwdb_'))
      const connection = await createConnection({ uri: server.url, database: stage.schema(database) })
      for (const table of names) {
        const texts = await writeStatements(stage, database, table)
        for (const text of texts) await connection.query(text)
        sent.push(...texts)
      }
      connection.destroy()
      const up = names.map((table) => `ALTER TABLE \`${table}\` ADD COLUMN wwdb_note VARCHAR(10), FORCE;`).join('\n')
      const change = migration(up)
      if (names.length > 0) stage.write(`migrations/${database}/29990101000000_note.sql`, change)
    }
    await stage.run(['validate', '--write-sum'])
    const { answer, exitCode } = await stage.json(['plan', '--live'])
    const { live = [] } = answer as unknown as PlanResult
    const compared = live.reduce((sum, { results }) => sum + (results?.compared ?? 0), 0)
    const uncompared = live.flatMap(({ results }) => results?.uncompared ?? [])
    console.log(`${sent.length} statements on the platform, ${compared} results compared, not compared:`, uncompared)
    expect(live.flatMap(({ broken }) => broken)).toEqual([])
    expect(exitCode, JSON.stringify(answer).slice(-2000)).toBe(0)
    expect(compared).toBeGreaterThan(sent.length * 0.9)
  } finally {
    await server.stop()
  }
})

/** What an application asks of a table: one row by each column, all in an order, how many there are, and those of its parents; and what it changes. */
async function writeStatements(stage: Stage, database: string, table: string): Promise<readonly string[]> {
  const own = `TABLE_SCHEMA = '${stage.schema(database)}' AND TABLE_NAME = '${table}'`
  const columns = await stage.query(
    `SELECT COLUMN_NAME, DATA_TYPE, COLUMN_KEY FROM information_schema.COLUMNS WHERE ${own} ORDER BY ORDINAL_POSITION`,
  )
  const parents = await stage.query(
    `SELECT COLUMN_NAME, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE ${own} AND REFERENCED_TABLE_SCHEMA = '${stage.schema(database)}'`,
  )
  const [first] = columns.map(([name]) => String(name))
  const literals: Readonly<Record<string, string>> = {
    json: 'NULL',
    datetime: "'2026-11-01'",
    date: "'2026-11-01'",
    timestamp: "'2026-11-01'",
  }
  const looked = columns.flatMap(([name, type]) => {
    const literal = literals[String(type)] ?? (/int|decimal/.test(String(type)) ? '1' : "'a'")
    return literal === 'NULL' || /enum|set|blob|binary/.test(String(type))
      ? []
      : [`SELECT * FROM \`${table}\` WHERE \`${String(name)}\` >= ${literal}`]
  })
  return [
    ...looked,
    `SELECT COUNT(*) FROM \`${table}\``,
    `SELECT * FROM \`${table}\` ORDER BY \`${first}\` DESC LIMIT 20`,
    `DELETE FROM \`${table}\` WHERE \`${first}\` = 98765`,
    ...parents.map(
      ([column, parent, referenced]) =>
        `SELECT p.* FROM \`${table}\` c JOIN \`${String(parent)}\` p ON p.\`${String(referenced)}\` = c.\`${String(column)}\``,
    ),
  ]
}
