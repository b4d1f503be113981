import { type BatchSet, killOnce, type Place, plainSet, shardedSet, type Victim } from './batch-history.ts'
import { type Database, openDatabase, withDatabase } from './database.ts'
import { openFixture } from './fixture.ts'

const withUndo = (set: BatchSet): BatchSet => ({
  ...set,
  files: Object.fromEntries(
    Object.entries(set.files).map(([file, text]) => [
      file,
      text.replace('-- wwdb:batch', '-- wwdb:undo\n-- wwdb:batch').replace('WHERE n < 100', 'WHERE n % 10 = 0'),
    ]),
  ),
})

/** The same batches, whose rows are kept. */
export const undoSets: readonly BatchSet[] = [plainSet, shardedSet].map(withUndo)

const migrate = ['migrate', '--yes', '--no-probe', '--allow', 'UPDATE_ALL_ROWS']

/**
 * Runs the batch, then its undo, each killed at moments that are drawn, with a writer beside both, and lets last runs finish them. A writer adds 10 to \`n\` and 1 to \`w\`, and
 * the batch adds 1 to \`n\`: a row that is put back has \`n = 10 * w\`, another one more. Returns what is wrong.
 */
export async function surviveUndo(
  place: Place,
  set: BatchSet,
  kills: readonly Victim[],
  random: () => number,
): Promise<{ readonly problems: readonly string[]; readonly killed: number; readonly undone: number }> {
  const fixture = await openFixture({ ...place, files: set.files })
  const schema = await fixture.createSchema(set.setUp)
  const writer = writeBeside(fixture.urlOf(schema), set, random)
  const file = Object.keys(set.files).find((name) => name.startsWith('migrations/')) ?? ''
  const version = /(\d+)_/.exec(file)?.[1] ?? ''
  const undo = ['undo', version, '--yes']
  let killed = 0
  const problems: string[] = []
  try {
    for (const { args, from, most } of [
      { args: migrate, from: 'SET n = n + 1', most: 120 },
      { args: undo, from: 'undone=2', most: 60 },
    ]) {
      for (const victim of kills)
        if (await killOnce(fixture, schema, { args, from }, victim, 1 + Math.floor(random() * most))) killed += 1
      if (args === undo) await writer.stop()
      const last = await fixture.run(args, schema)
      const isDone = last.exitCode === 0 || (args === undo && last.exitCode === 1)
      if (!isDone) problems.push(`\`${args[0]}\` ended with ${last.exitCode}: ${last.stderr}${last.stdout}`)
      if (args === migrate)
        await withDatabase(fixture.urlOf(schema), async (database) => {
          for (const table of set.tables)
            await database.run(`UPDATE ${table} SET n = n + 10, w = w + 1 WHERE id % 9 = 1`)
        })
    }
    if (problems.length > 0) return { killed, problems, undone: 0 }
    const found = await withDatabase(fixture.urlOf(schema), findWrong)
    return { killed, problems: [...problems, ...found.problems], undone: found.undone }
  } finally {
    await writer.stop()
    await fixture.dropSchema(schema)
    await fixture.close()
  }
}

function writeBeside(url: string, { tables }: BatchSet, random: () => number) {
  let isOver = false
  const run = async (): Promise<void> => {
    let database: Database | null = null
    for (let at = 0; !isOver; at += 1) {
      const table = tables[at % tables.length]
      const row = 1 + Math.floor(random() * 800)
      try {
        database ??= await openDatabase(url)
        await database.run(`UPDATE ${table} SET n = n + 10, w = w + 1 WHERE id = ${row} AND id % 3 = 0`)
        if (at % 7 === 0) await database.run(`DELETE FROM ${table} WHERE id = ${row} AND id % 11 = 0`)
      } catch {
        // The server is down, or the row is locked: the next one is tried on a new connection.
        await database?.close().catch(() => undefined)
        database = null
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
    await database?.close().catch(() => undefined)
  }
  const running = run()
  return {
    stop: async (): Promise<void> => {
      isOver = true
      await running
    },
  }
}

/** Each row that was kept is put back once, or is as others left it. */
async function findWrong(
  database: Database,
): Promise<{ readonly problems: readonly string[]; readonly undone: number }> {
  const problems: string[] = []
  let undone = 0
  const records = await database.rows(
    "SELECT name, JSON_UNQUOTE(JSON_EXTRACT(details, '$.kept.table')), state, undone_rows FROM wwdb_undo",
  )
  for (const [name, table, state, rows] of records) {
    const [[marked = '0'] = []] = await database.rows(`SELECT COUNT(*) FROM ${name} WHERE undone = 1`)
    undone += Number(marked)
    if (state !== 'undone' || marked !== rows) problems.push(`${name} is ${state}, and has ${marked} rows, not ${rows}`)
    const between = await database.rows(`SELECT key_2 FROM ${name} WHERE undone = 2`)
    if (between.length > 0) problems.push(`${name} has rows that are half put back: ${JSON.stringify(between)}`)
    const wrong = await database.rows(
      `SELECT t.id, t.n, t.w, u.undone FROM ${table} t LEFT JOIN ${name} u ON u.key_1 = t.g AND u.key_2 = t.id WHERE t.id > 0 AND t.n - 10 * t.w <> IF(u.key_2 IS NULL OR u.undone = 1, 0, 1) ORDER BY t.id LIMIT 5`,
    )
    if (wrong.length > 0) problems.push(`${table} has rows that were not put back once: ${JSON.stringify(wrong)}`)
    const left = await database.rows(
      `SELECT u.key_2 FROM ${name} u JOIN ${table} t ON u.key_1 = t.g AND u.key_2 = t.id WHERE u.undone = 0 AND t.n = u.after_1`,
    )
    if (left.length > 0)
      problems.push(`${name} has rows that nobody changed, and that are not put back: ${JSON.stringify(left)}`)
    const lost = await database.rows(
      `SELECT t.id, t.n, t.w FROM ${table} t LEFT JOIN ${name} u ON u.key_1 = t.g AND u.key_2 = t.id WHERE t.id > 0 AND u.key_2 IS NULL AND t.n - 10 * t.w <> 0 ORDER BY t.id LIMIT 5`,
    )
    if (lost.length > 0) problems.push(`${table} has changed rows that are not kept: ${JSON.stringify(lost)}`)
  }
  return records.length === 0 ? { problems: ['no rows were kept'], undone } : { problems, undone }
}
