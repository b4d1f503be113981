import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  harmlessMigrations,
  listBefore,
  losingCode,
  losingMigrations,
  losingTexts,
} from '../../helpers/migrations/losing-migrations.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

interface PlannedTarget {
  readonly target: { readonly database: string }
  readonly steps: readonly { readonly hazards: readonly { readonly code: string; readonly kind: string }[] }[]
}

const texts = [...[...losingMigrations, ...losingTexts].map(([sql]) => sql), ...harmlessMigrations]
const codes = losingCode.map(([code]) => code)
const names = [...texts, ...codes].map((_, index) => `d${String(index).padStart(3, '0')}`)
const nameOf = (text: string): string => names[[...texts, ...codes].indexOf(text)] ?? ''

/** A file needs delimiters around a body; the server itself does not. */
const inFile = (sql: string): string =>
  `${sql.replace(/(CREATE (?:PROCEDURE|EVENT|FUNCTION).*?END)(;|$)/s, 'DELIMITER //\n$1//\nDELIMITER ;\n')};`.replace(
    /\n;$/,
    '',
  )

describe.each(versionsInTurn(import.meta.url))(
  'what loses rows, columns, tables or values is stopped on MySQL %s',
  (version) => {
    let stage: Stage
    let url = ''
    let stops: ReadonlyMap<string, readonly string[]>
    const sqlOf = (text: string): string =>
      text.replaceAll('{other}', stage.schema('other')).replaceAll('{own}', stage.schema(nameOf(text)))

    /** All rows and columns of a database's tables. */
    async function contentOf(text: string): Promise<string> {
      const database = nameOf(text)
      const found: unknown[] = []
      for (const [name] of await stage.query(
        `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${stage.schema(database)}' AND TABLE_TYPE = 'BASE TABLE' AND TABLE_NAME NOT LIKE 'wwdb%' ORDER BY 1`,
      ))
        found.push(
          name,
          await stage.query(`SELECT * FROM \`${stage.schema(database)}\`.\`${String(name)}\` ORDER BY 1`).catch(String),
        )
      return JSON.stringify(found)
    }

    beforeAll(async () => {
      url = (await testServerOf(version)).url
      stage = await openStage({ url, databases: [...names, 'other'] })
      for (const text of [...texts, ...codes]) {
        const database = nameOf(text)
        for (const statement of listBefore(text)) await stage.query(statement, database)
        if (texts.includes(text)) stage.write(`${database}/0001_loss.sql`, migration(inFile(sqlOf(text))))
      }
      const targets: PlannedTarget[] = []
      // All at once would be more than a busy machine answers in time.
      for (let at = 0; at < names.length; at += 30) {
        const chosen = names.slice(at, at + 30).flatMap((name) => ['-t', name])
        const { answer } = await stage.json(['plan', ...chosen])
        targets.push(...(answer['plan'] as { targets: readonly PlannedTarget[] }).targets)
      }
      const destructive = ({ steps }: PlannedTarget): readonly string[] =>
        steps.flatMap(({ hazards }) => hazards.flatMap(({ code, kind }) => (kind === 'destructive' ? [code] : [])))
      stops = new Map(targets.map((one) => [one.target.database, destructive(one)]))
    }, 600_000)
    afterAll(async () => {
      for (const database of [...names, 'other']) await stage.query(`DROP DATABASE IF EXISTS ${stage.schema(database)}`)
    })

    test.each(losingMigrations)('%s is stopped by %s', (sql, hazard) => {
      expect(stops.get(nameOf(sql))).toContain(hazard)
    })

    test.each(losingTexts)('%s is stopped by %s when it runs', async (sql, hazard) => {
      const before = await contentOf(sql)
      const { exitCode, answer } = await stage.json(['migrate', '--yes', '-t', nameOf(sql)])
      expect([exitCode, JSON.stringify(answer)]).toEqual([2, expect.stringContaining(hazard)])
      expect(await contentOf(sql)).toBe(before)
    })

    test.each(losingCode)('the code %s is stopped by %s', async (code, hazard) => {
      const before = await contentOf(code)
      stage.write(`${nameOf(code)}/0001_code.js`, `export async function up(knex) {\n  ${code}\n}\n`)
      const { exitCode, answer } = await stage.json(['migrate', '--yes', '-t', nameOf(code)])
      expect([exitCode, JSON.stringify(answer)]).toEqual([2, expect.stringContaining(hazard)])
      expect(await contentOf(code)).toBe(before)
    })

    test.each(harmlessMigrations)('%s is not stopped and loses nothing', async (sql) => {
      const before = await contentOf(sql)
      expect(stops.get(nameOf(sql))).toEqual([])
      const { exitCode } = await stage.json(['migrate', '--yes', '-t', nameOf(sql)])
      // The server refuses some of them.
      expect([0, 2]).toContain(exitCode)
      expect(await contentOf(sql)).toBe(before)
    })

    test('the server loses something by each, or refuses it for the rows that are there', async () => {
      const harmless: string[] = []
      for (const [text] of losingMigrations) {
        // They lose it later.
        if (/^(?:CREATE (?:EVENT|TRIGGER)|DROP SCHEMA IF|ALTER TABLE b ENGINE MEMORY)/.test(text)) continue
        const before = await contentOf(text)
        const connection = await createConnection({
          uri: url,
          multipleStatements: true,
          database: stage.schema(nameOf(text)),
        })
        const isRefused = await connection.query(sqlOf(text)).then(
          () => false,
          () => true,
        )
        await connection.end()
        if (!isRefused && (await contentOf(text)) === before) harmless.push(text)
      }
      expect(harmless).toEqual([])
    })
  },
)
