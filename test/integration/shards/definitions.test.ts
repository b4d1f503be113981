import fc from 'fast-check'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareDefinitions } from '../../../src/ddl/definitions/compare-definitions.ts'
import { readDefinition } from '../../../src/ddl/definitions/shard-definition.ts'
import { writeAlterations } from '../../../src/ddl/definitions/write-alterations.ts'
import type { TableSnapshot } from '../../../src/ddl/snapshot.ts'
import { renderShardText } from '../../../src/migrations/plan/shard-names.ts'
import { createSchema, type TestSchema } from '../../helpers/servers/schema.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { driftingTemplate, drifts, newerDrifts } from '../../helpers/shards/drifts.ts'

describe.each(versionsInTurn(import.meta.url))('ALTERs back to the template on MySQL %s', (version) => {
  let schema: TestSchema
  let connection: Connection

  beforeAll(async () => {
    schema = await createSchema('t', await testServerOf(version))
    connection = await createConnection({ uri: schema.url })
    await connection.query('CREATE TABLE parents (id bigint unsigned NOT NULL PRIMARY KEY)')
    await make('wanted_2026')
  })

  afterAll(async () => {
    await connection.end()
    await schema.drop()
  })

  const named = (text: string, table: string): string => text.replaceAll('{{table}}', table)

  async function make(table: string): Promise<void> {
    await connection.query(`DROP TABLE IF EXISTS ${table}`)
    await connection.query(named(driftingTemplate, table))
  }

  async function read(table: string): Promise<TableSnapshot> {
    const [rows] = await connection.query<RowDataPacket[]>(`SHOW CREATE TABLE ${table}`)
    return readDefinition(String(rows[0]?.['Create Table']), { table, siblings: new Map() })
  }

  /** What the server itself keeps of a table, apart from SHOW CREATE TABLE. */
  async function look(table: string): Promise<readonly string[]> {
    const where = `TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '${table}'`
    const [columns] = await connection.query<RowDataPacket[]>(
      `SELECT ORDINAL_POSITION, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, COLLATION_NAME, COLUMN_COMMENT,
        GENERATION_EXPRESSION FROM information_schema.COLUMNS WHERE ${where} ORDER BY ORDINAL_POSITION`,
    )
    const [indexes] = await connection.query<RowDataPacket[]>(
      `SELECT INDEX_NAME, SEQ_IN_INDEX, NON_UNIQUE, COLUMN_NAME, COLLATION, SUB_PART, INDEX_TYPE, IS_VISIBLE
        FROM information_schema.STATISTICS WHERE ${where} ORDER BY INDEX_NAME, SEQ_IN_INDEX`,
    )
    const [options] = await connection.query<RowDataPacket[]>(
      `SELECT ENGINE, ROW_FORMAT, TABLE_COLLATION, CREATE_OPTIONS, TABLE_COMMENT FROM information_schema.TABLES WHERE ${where}`,
    )
    const [keys] = await connection.query<RowDataPacket[]>(
      `SELECT CONSTRAINT_NAME, UPDATE_RULE, DELETE_RULE, REFERENCED_TABLE_NAME
        FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE() AND TABLE_NAME = '${table}'`,
    )
    const lines = [columns, indexes, options, keys]
      .flat()
      .map((row) => JSON.stringify(row).replaceAll(table, '{{table}}'))
    return lines.sort()
  }

  /** Some cannot follow others; the server refuses those, and the table keeps what came before. */
  async function drift(table: string, chosen: readonly string[]): Promise<number> {
    let done = 0
    for (const change of chosen) {
      const went = await connection.query(named(`ALTER TABLE ${table} ${change}`, table)).then(
        () => true,
        () => false,
      )
      done += went ? 1 : 0
    }
    return done
  }

  async function putRight(table: string): Promise<readonly string[]> {
    const statements = writeAlterations(await read('wanted_2026'), await read(table)).map((text) =>
      renderShardText(text, { table, siblings: new Map() }),
    )
    for (const statement of statements) {
      await connection.query(statement).catch((error: unknown) => {
        throw new Error(`${statement}\n${String(error)}`)
      })
    }
    return statements
  }

  // MySQL 8.0.12 reads checks and forgets them, and knows no indexes of expressions.
  const possible = version === '8.0' ? drifts : [...drifts, ...newerDrifts]

  test.each(possible.map((change) => [change]))('%s', async (change) => {
    await make('shard_a')
    expect(await drift('shard_a', [change])).toBe(1)
    const differs = compareDefinitions(await read('wanted_2026'), await read('shard_a')).length > 0
    expect((await putRight('shard_a')).length > 0).toBe(differs)
    expect(compareDefinitions(await read('wanted_2026'), await read('shard_a'))).toEqual([])
    expect(await look('shard_a')).toEqual(await look('wanted_2026'))
  })

  test('a foreign key of another rule', async () => {
    await make('shard_c')
    await drift('shard_c', [
      'DROP FOREIGN KEY {{table}}_parent',
      'ADD CONSTRAINT {{table}}_parent FOREIGN KEY (parent_id) REFERENCES parents (id)',
    ])
    expect(compareDefinitions(await read('wanted_2026'), await read('shard_c'))).toMatchObject([
      { part: 'foreign key', name: '{{table}}_parent', change: 'differs' },
    ])
    expect(await putRight('shard_c')).toHaveLength(2)
    expect(await look('shard_c')).toEqual(await look('wanted_2026'))
  })

  test('partitions, those of a hand and those of a template', async () => {
    const partitioned = 'PARTITION BY HASH (id) PARTITIONS 3'
    for (const [table, more] of [
      ['plain_1', ''],
      ['cut_1', partitioned],
    ] as const) {
      await connection.query(`CREATE TABLE ${table} (id int NOT NULL PRIMARY KEY) ${more}`)
    }
    const [plain, cut] = [await read('plain_1'), await read('cut_1')]
    expect(compareDefinitions(plain, cut)).toMatchObject([{ part: 'partitioning', change: 'extra' }])
    expect(compareDefinitions(cut, plain)).toMatchObject([{ part: 'partitioning', change: 'missing' }])
    await connection.query(
      renderShardText(writeAlterations(plain, cut).join(), { table: 'cut_1', siblings: new Map() }),
    )
    await connection.query(
      renderShardText(writeAlterations(cut, plain).join(), { table: 'plain_1', siblings: new Map() }),
    )
    expect(await read('plain_1')).toEqual(cut)
    expect(await read('cut_1')).toEqual(plain)
  })

  test('any of them, one after the other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...possible), { minLength: 2, maxLength: 7 }), async (chosen) => {
        await make('shard_b')
        await drift('shard_b', chosen)
        await putRight('shard_b')
        expect(compareDefinitions(await read('wanted_2026'), await read('shard_b'))).toEqual([])
        expect(await look('shard_b')).toEqual(await look('wanted_2026'))
      }),
      { numRuns: 25 },
    )
  })
})
