import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attempts, choosing, codeAttempts, found, neighbors } from '../../helpers/migrations/hostile-attempts.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const codes = codeAttempts.map(([code]) => code)
const all: readonly string[] = [...attempts.map(([sql]) => sql), ...codes, ...choosing, ...neighbors]
const nameOf = (text: string): string => `d${String(all.indexOf(text)).padStart(3, '0')}`

/** A file needs delimiters around a body; the server itself does not. */
const inFile = (sql: string): string =>
  `${sql.replace(/(CREATE (?:PROCEDURE|FUNCTION).*?END)(;|$)/s, 'DELIMITER //\n$1//\nDELIMITER ;\n')};`

describe.each(['9.7', '8.0'] as const)('a hostile migration on MySQL %s', (version) => {
  let stage: Stage

  beforeAll(async () => {
    const { url } = await testServerOf(version)
    stage = await openStage({ url, databases: all.map(nameOf) })
    for (const text of all) {
      for (const statement of found) await stage.query(statement, nameOf(text))
      const sql = inFile(text.replaceAll('{own}', stage.schema(nameOf(text))))
      const isCode = codes.includes(text)
      const content = isCode ? `export async function up(knex) {\n  ${text}\n}\n` : migration(sql)
      stage.write(`${nameOf(text)}/0001_attempt.${isCode ? 'js' : 'sql'}`, content)
    }
  }, 300_000)
  afterAll(async () => {
    for (const text of all) await stage.query(`DROP DATABASE IF EXISTS ${stage.schema(nameOf(text))}`)
  }, 120_000)

  /** The rows and values that were there before. */
  const contentOf = (text: string): Promise<readonly unknown[]> =>
    Promise.all(
      [
        'SELECT id, n, tx, price, big, HEX(bin), made FROM t ORDER BY id',
        'SELECT id, n FROM b ORDER BY id',
        'SELECT * FROM parent ORDER BY id',
        'SELECT * FROM child ORDER BY id',
      ].map((query) => stage.query(query, nameOf(text))),
    )
  const migrate = (text: string) => stage.json(['migrate', '--yes', '-t', nameOf(text)])

  test.each([...attempts, ...codeAttempts])('%s ends with %s', async (text, result) => {
    const before = await contentOf(text)
    const { exitCode, answer } = await migrate(text)
    expect([exitCode, JSON.stringify(answer)]).toEqual([2, expect.stringContaining(result)])
    expect(await contentOf(text)).toEqual(before)
  })

  test.each(choosing)('%s chooses its rows, and runs', async (text) => {
    const before = await contentOf(text)
    expect((await migrate(text)).exitCode).toBe(0)
    expect(await contentOf(text)).not.toEqual(before)
  })

  test.each(neighbors)('%s runs and loses nothing', async (text) => {
    const before = await contentOf(text)
    const { exitCode, run } = await migrate(text)
    expect(exitCode, run.stderr + run.stdout).toBe(0)
    expect(await contentOf(text)).toEqual(before)
  })
})
