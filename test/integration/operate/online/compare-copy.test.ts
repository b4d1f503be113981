import { type Connection, createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCopyColumns, readUniqueKeys } from '../../../../src/operate/mysql/copy-columns.ts'
import { pairColumns } from '../../../../src/operate/online/checksum/columns.ts'
import { type Ask, compareAgain, compareCopy } from '../../../../src/operate/online/checksum/compare-copy.ts'
import { chooseKey } from '../../../../src/operate/online/checksum/key.ts'
import { randomName } from '../../../helpers/servers/schema.ts'
import { testServerOf } from '../../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../../helpers/servers/turns.ts'

describe.each(versionsInTurn(import.meta.url))('a copy beside its table, MySQL %s', (version) => {
  let connection: Connection
  const schema = randomName('w')

  beforeAll(async () => {
    connection = await createConnection({ uri: (await testServerOf(version)).url })
    await connection.query(`CREATE DATABASE ${schema}`)
    await connection.query(`USE ${schema}`)
    await connection.query("SET SESSION time_zone='+00:00'")
  })

  afterAll(async () => {
    await connection.query(`DROP DATABASE ${schema}`)
    await connection.end()
  })

  const ask: Ask = async (text) => {
    const [rows] = await connection.query({ sql: text, rowsAsArray: true })
    return rows as unknown as Awaited<ReturnType<Ask>>
  }
  const asker = {
    ask: async (text: string) => ({ rows: await ask(text), affected: null, insertId: null, warningCount: 0 }),
  }

  /** Makes a table with rows and a copy of it, changes the copy, and compares. */
  async function compare(
    columns: string,
    rows: string,
    {
      alter = '',
      change = [],
      renamed = {},
      size = 10,
    }: { alter?: string; change?: readonly string[]; renamed?: Record<string, string>; size?: number } = {},
  ) {
    for (const table of ['c', 't']) await connection.query(`DROP TABLE IF EXISTS ${table}`)
    await connection.query(`CREATE TABLE t (${columns})`)
    if (rows !== '') await connection.query(`INSERT INTO t VALUES ${rows}`)
    await connection.query('CREATE TABLE c LIKE t')
    await connection.query('INSERT INTO c SELECT * FROM t')
    if (alter !== '') await connection.query(`ALTER TABLE c ${alter}`)
    for (const text of change) await connection.query(text)
    const [own, other] = [await readCopyColumns(asker, schema, 't'), await readCopyColumns(asker, schema, 'c')]
    const { pairs, objections } = pairColumns(own, other, new Map(Object.entries(renamed)))
    const key = chooseKey(await readUniqueKeys(asker, schema, 't'), pairs)
    const comparison = { schema, table: 't', copy: 'c', pairs, key }
    const found = await compareCopy(ask, comparison, { rows: size, between: async () => {} })
    return { ...found, objections, key: key?.name ?? null, comparison }
  }

  const many = Array.from({ length: 100 }, (_, at) => `(${at * 3}, 'row ${at}', ${at % 7 === 0 ? 'NULL' : at})`).join()
  const table = 'id INT PRIMARY KEY, s VARCHAR(20), n INT'

  test('equal ones have no difference, in chunks of the key', async () => {
    expect(await compare(table, many)).toMatchObject({ rows: 100, chunks: 11, differing: [], key: 'PRIMARY' })
  })

  test.each([
    ['a row changed by hand', "UPDATE c SET s = 'Row 40' WHERE id = 120", [{ type: 'different', key: '120' }]],
    ['a row that is missing', 'DELETE FROM c WHERE id = 120', [{ type: 'missing', key: '120' }]],
    ['a row too many, between others', "INSERT INTO c VALUES (121, 'x', 1)", [{ type: 'extra', key: '121' }]],
    ['a row too many, behind the last', "INSERT INTO c VALUES (9999, 'x', 1)", [{ type: 'extra', key: '9999' }]],
    ['a row too many, before the first', "INSERT INTO c VALUES (-5, 'x', 1)", [{ type: 'extra', key: '-5' }]],
    ['NULL for an empty string', 'UPDATE c SET s = NULL WHERE id = 150', [{ type: 'different', key: '150' }]],
    ['0 for NULL', 'UPDATE c SET n = 0 WHERE id = 0', [{ type: 'different', key: '0' }]],
    [
      'values that went over to the next column',
      "UPDATE c SET s = '', n = NULL WHERE id = 0",
      [{ type: 'different', key: '0' }],
    ],
  ])('finds %s', async (_, change, differing) => {
    const rows = many.replace("(150, 'row 50'", "(150, ''")
    expect(await compare(table, rows, { change: [change] })).toMatchObject({ differing })
  })

  test('finds a doubled row where no unique key tells rows apart, and two pairs that would cancel each other out', async () => {
    const found = await compare('n INT, s VARCHAR(9)', "(1,'a'),(2,'b'),(3,'c')", {
      change: ["INSERT INTO c VALUES (2,'b')"],
    })
    expect(found).toMatchObject({ key: null, chunks: 1, differing: [{ type: 'count', table: 1, copy: 2 }] })
    const pairs = await compare('n INT', '(1),(1),(3)', { change: ['UPDATE c SET n = 2 WHERE n = 1'] })
    expect(pairs.differing).toHaveLength(2)
  })

  test('goes on to the last row where more rows differ for a moment than are named, in one chunk and in all', async () => {
    const all = Array.from({ length: 600 }, (_, at) => `(${at}, 'row', ${at})`).join()
    for (const size of [20, 500]) {
      const found = await compare(table, all, { size: 1000 })
      const late = 'UPDATE c SET n = -1 WHERE id < 450'
      await connection.query(late)
      await connection.query("UPDATE c SET s = 'lost' WHERE id = 590")
      let looks = 0
      const seen = await compareCopy(ask, found.comparison, {
        rows: size,
        between: async () => {},
        later: {
          again: async (rows) => {
            looks += 1
            // What was late has come.
            await connection.query('UPDATE c SET n = id')
            return compareAgain(ask, found.comparison, rows)
          },
          still: (look) => look(),
        },
      })
      expect(seen).toMatchObject({ rows: 600, differing: [{ type: 'different', key: '590' }] })
      expect(looks).toBeGreaterThan(0)
    }
  })

  test('does not take a chunk for equal of which rows were late that nobody has named, when those that were named have come', async () => {
    const all = Array.from({ length: 600 }, (_, at) => `(${at}, 'row', ${at})`).join()
    const late = 'UPDATE c SET n = -1 WHERE id < 450'
    const come = 'UPDATE c SET n = id'
    // At each look other rows are late; or all are until the last look.
    for (const isBusy of [true, false]) {
      const found = await compare(table, all, { size: 1000 })
      await connection.query("UPDATE c SET s = 'lost' WHERE id = 590")
      await connection.query(late)
      let looks = 0
      const seen = await compareCopy(ask, found.comparison, {
        rows: 1000,
        between: async () => {},
        later: {
          again: async (rows) => {
            looks += 1
            if (isBusy || looks > 1) await connection.query(come)
            const still = await compareAgain(ask, found.comparison, rows)
            if (isBusy) await connection.query(late)
            return still
          },
          still: (look) => look(),
        },
      })
      expect(seen.differing.length, isBusy ? 'busy' : 'late').toBeGreaterThan(0)
    }
  })

  test('renamed, added and dropped columns are known; what the copy casts is no difference', async () => {
    const found = await compare(
      'id INT PRIMARY KEY, a VARCHAR(9), b INT, d DECIMAL(10,4)',
      "(1,'x',5,1.2345),(2,NULL,NULL,NULL)",
      {
        alter: 'CHANGE a z TEXT CHARACTER SET latin1, DROP b, ADD e INT NOT NULL DEFAULT 3, MODIFY d DECIMAL(10,2)',
        renamed: { a: 'z' },
      },
    )
    expect(found).toMatchObject({ differing: [], objections: [] })
    await connection.query("UPDATE c SET z = 'y' WHERE id = 1")
    expect((await compareCopy(ask, found.comparison, { rows: 10, between: async () => {} })).differing).toMatchObject([
      { type: 'different', key: '1' },
    ])
  })

  test('what the new type cannot hold shows, though the server would cut it', async () => {
    await connection.query("SET SESSION sql_mode=''")
    const cut = [
      ['id INT PRIMARY KEY, n INT', '(1, 300)', 'MODIFY n TINYINT'],
      ['id INT PRIMARY KEY, n INT', '(1, -3)', 'MODIFY n INT UNSIGNED'],
      ['id INT PRIMARY KEY, n DECIMAL(10,2)', '(1, 12345.5)', 'MODIFY n DECIMAL(4,2)'],
      ['id INT PRIMARY KEY, s VARCHAR(20)', "(1, 'abcdef')", 'MODIFY s VARCHAR(3)'],
      [
        'id INT PRIMARY KEY, s VARCHAR(20) CHARACTER SET utf8mb4',
        "(1, '中文')",
        'MODIFY s VARCHAR(20) CHARACTER SET latin1',
      ],
      ["id INT PRIMARY KEY, s ENUM('a','b')", "(1, 'b')", "MODIFY s ENUM('a','c')"],
    ] as const
    for (const [columns, rows, alter] of cut)
      expect((await compare(columns, rows, { alter })).differing, alter).toMatchObject([
        { type: 'different', key: '1' },
      ])
    await connection.query("SET SESSION sql_mode='STRICT_TRANS_TABLES'")
  })

  test('changes of type that keep the values are equal', async () => {
    const kept = [
      ['id INT PRIMARY KEY, n INT', '(1, -3),(2,NULL)', 'MODIFY n BIGINT'],
      ['id INT PRIMARY KEY, n INT', '(1, 3)', 'MODIFY n VARCHAR(20)'],
      ['id INT PRIMARY KEY, n VARCHAR(9)', "(1, '12')", 'MODIFY n INT'],
      ['id INT PRIMARY KEY, s VARCHAR(20) CHARACTER SET latin1', "(1, 'é')", 'CONVERT TO CHARACTER SET utf8mb4'],
      ['id INT PRIMARY KEY, s VARCHAR(20)', "(1, 'a ')", 'MODIFY s CHAR(20)'],
      ["id INT PRIMARY KEY, s ENUM('a','b')", "(1, 'b'),(2,NULL)", "MODIFY s ENUM('b','a')"],
      ['id INT PRIMARY KEY, f FLOAT, d DOUBLE', '(1, 0.1, -0.0),(2, 1e30, 1e-300)', 'MODIFY f DOUBLE'],
      [
        'id INT PRIMARY KEY, t DATETIME, d DATE',
        "(1, '2026-01-02 03:04:05', '2026-01-02')",
        'MODIFY t DATETIME(3), MODIFY d DATETIME',
      ],
      ['id INT PRIMARY KEY, b VARBINARY(9)', "(1, X'00ff0a')", 'MODIFY b BLOB'],
      ['id INT PRIMARY KEY, b BINARY(3)', "(1, X'0102')", 'MODIFY b BINARY(6)'],
      [
        'id INT PRIMARY KEY, j JSON, g POINT',
        `(1, '{"b":1.50,"a":[1,2]}', ST_GeomFromText('POINT(1 2)'))`,
        'ADD x INT',
      ],
      ['id INT PRIMARY KEY, j TEXT', `(1, '{"b": 1}')`, 'MODIFY j JSON'],
      ['id INT PRIMARY KEY, b BIT(5), y YEAR, s SET("x","y")', "(1, b'10101', 2026, 'x,y')", 'ADD x INT'],
      [
        'id INT PRIMARY KEY, ts TIMESTAMP(3), tm TIME',
        "(1, '2026-01-02 03:04:05.678', '-100:00:01')",
        'MODIFY tm TIME(2)',
      ],
      ['id INT PRIMARY KEY, ts TIMESTAMP', "(1, '2026-01-02 03:04:05')", 'MODIFY ts TIMESTAMP(3)'],
    ] as const
    for (const [columns, rows, alter] of kept)
      expect(await compare(columns, rows, { alter }), alter).toMatchObject({ differing: [], objections: [] })
  })

  test('a key of several columns, of text and of binary text, is walked in order', async () => {
    const rows = Array.from(
      { length: 60 },
      (_, at) => `('${'aÄbß'[at % 4]}${at}', X'${(at % 5).toString(16).padStart(2, '0')}', ${at})`,
    )
    const columns = 'a VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, b VARBINARY(4), n INT, PRIMARY KEY (a, b)'
    expect(await compare(columns, rows.join(), { size: 7 })).toMatchObject({ rows: 60, differing: [] })
    const found = await compare(columns, rows.join(), { size: 7, change: ['UPDATE c SET n = -1 WHERE n = 33'] })
    expect(found.differing).toMatchObject([{ type: 'different' }])
  })

  test('rows that differed for a moment are equal when they are read again', async () => {
    const found = await compare(table, many, { change: ["UPDATE c SET s = 'later' WHERE id IN (3, 6)"] })
    expect(found.differing).toHaveLength(2)
    await connection.query("UPDATE c SET s = 'row 1' WHERE id = 3")
    expect(await compareAgain(ask, found.comparison, found.differing)).toMatchObject([{ key: '6' }])
  })

  test('what depends on the session, or is rounded, is named instead of compared', async () => {
    const found = await compare('id INT PRIMARY KEY, t TIMESTAMP NULL, d DOUBLE', "(1, '2026-01-02 03:04:05', 0.1)", {
      alter: 'MODIFY t DATETIME, MODIFY d FLOAT',
    })
    expect(found.objections).toEqual([
      '`t` changes from timestamp to datetime, which depends on the time zone of each session that writes',
      '`d` changes from double to float, which no cast of SQL repeats exactly',
    ])
    const [rows, alter] = ["(1, '2026-01-02 03:04:05', '10:00')", 'MODIFY s TIMESTAMP, MODIFY t DATETIME']
    expect((await compare('id INT PRIMARY KEY, s VARCHAR(30), t TIME', rows, { alter })).objections).toEqual([
      '`s` changes from varchar(30) to timestamp, which depends on the time zone of each session that writes',
      '`t` changes from time to datetime, which depends on the day on which a row is written',
    ])
  })
})
