import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testServerOf } from '../servers/servers.ts'
import { casesInTurn } from '../servers/turns.ts'
import { migration, type Stage } from '../tool/stage.ts'
import { type Attempt, found } from './hostile-attempts.ts'

/** Migrations to try on what `found` makes. */
export interface Attempts {
  readonly sql: readonly Attempt[]
  readonly code: readonly Attempt[]
  /** Run, and take away what they name. */
  readonly choosing: readonly string[]
  readonly choosingCode?: readonly string[]
  /** Run, and lose nothing. */
  readonly neighbors: readonly string[]
}

type OpenStage = (options: { readonly url: string; readonly databases: readonly string[] }) => Promise<Stage>

/** A file needs delimiters around a body; the server itself does not. */
const inFile = (sql: string): string =>
  `${sql.replaceAll(/(CREATE (?:PROCEDURE|FUNCTION|TRIGGER)(?:(?!CREATE [PFT][RU]).)*?\bEND)(?=;\s*(?:CREATE|CALL|DO|INSERT)\b|$)(;|$)/gs, 'DELIMITER //\n$1//\nDELIMITER ;\n')};`

/** Each attempt in a database of its own, with the whole program; on both servers, in turn. */
export function tryAttempts(
  openStage: OpenStage,
  { sql, code, choosing, choosingCode = [], neighbors }: Attempts,
): void {
  const codes = [...code.map(([text]) => text), ...choosingCode]
  const all = [...sql.map(([text]) => text), ...codes, ...choosing, ...neighbors]
  const nameOf = (text: string): string => `d${String(all.indexOf(text)).padStart(3, '0')}`

  describe.each(['9.7', '8.0'] as const)('a hostile migration on MySQL %s', (version) => {
    let stage: Stage
    const tried = casesInTurn(all, version)
    const inTurn = <Case extends Attempt | string>(cases: readonly Case[]): readonly Case[] =>
      cases.filter((one) => tried.includes(typeof one === 'string' ? one : one[0]))

    beforeAll(async () => {
      const { url } = await testServerOf(version)
      stage = await openStage({ url, databases: tried.map(nameOf) })
      for (const text of tried) {
        for (const statement of found) await stage.query(statement, nameOf(text))
        const isCode = codes.includes(text)
        const content = isCode
          ? `export async function up(knex) {\n  ${text}\n}\n`
          : migration(inFile(text.replaceAll('{own}', stage.schema(nameOf(text)))))
        stage.write(`${nameOf(text)}/0001_attempt.${isCode ? 'js' : 'sql'}`, content)
      }
    }, 300_000)
    afterAll(async () => {
      for (const text of tried) await stage.query(`DROP DATABASE IF EXISTS ${stage.schema(nameOf(text))}`)
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

    test.each(inTurn([...sql, ...code]))('%s ends with %s', async (text, result) => {
      const before = await contentOf(text)
      const { exitCode, answer } = await migrate(text)
      expect([exitCode, JSON.stringify(answer)]).toEqual([2, expect.stringContaining(result)])
      expect(await contentOf(text)).toEqual(before)
    })

    test.each(inTurn([...choosing, ...choosingCode]))('%s chooses its rows, and runs', async (text) => {
      const before = await contentOf(text)
      expect((await migrate(text)).exitCode).toBe(0)
      expect(await contentOf(text)).not.toEqual(before)
    })

    test.each(inTurn(neighbors))('%s runs and loses nothing', async (text) => {
      const before = await contentOf(text)
      const { exitCode, run } = await migrate(text)
      expect(exitCode, run.stderr + run.stdout).toBe(0)
      expect(await contentOf(text)).toEqual(before)
    })
  })
}
