import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { connect } from '../../../../src/mysql/connection.ts'
import { measureRows } from '../../../../src/shards/mysql/row-text.ts'
import { runClient, serverArguments } from '../../../helpers/mysql/mysql-client.ts'
import { versionsInTurn } from '../../../helpers/servers/turns.ts'
import {
  type ArchiveStage,
  archiveTimeouts,
  expectRoundTrip,
  hexRows,
  nature,
  shardOf,
  withArchiveStages,
} from '../../../helpers/shards/archive-stage.ts'

const open = withArchiveStages()
const templates = fileURLToPath(new URL('../../../../shard-templates', import.meta.url))

async function readManifest({ directory }: ArchiveStage, address: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(directory, address), 'utf8'))
}

async function readText({ directory }: ArchiveStage, address: string, table: string): Promise<string> {
  return gunzipSync(await readFile(join(directory, dirname(address), `${table}.sql.gz`))).toString('utf8')
}

describe.each(versionsInTurn(import.meta.url))('on MySQL %s', (version) => {
  test('generated columns, keys, comments, counters and partitions are as they were', async () => {
    const stage = await open(version)
    await stage.query(
      "CREATE TABLE t (\n  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, `we``ird, name)` VARCHAR(20) NOT NULL COMMENT 'it''s\\n  CONSTRAINT `t_ibfk_1` \\\\',\n" +
        `  twice BIGINT AS (CHAR_LENGTH(\`we\`\`ird, name)\`) * 2) VIRTUAL, kept VARCHAR(40) AS (CONCAT(\`we\`\`ird, name)\`, '\\n')) STORED NOT NULL, at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),\n` +
        '  PRIMARY KEY (id), KEY k (kept(10), at DESC), FULLTEXT KEY f (`we``ird, name)`)\n) ENGINE=InnoDB AUTO_INCREMENT=20260100000000000 ROW_FORMAT=COMPRESSED CHARSET=latin1',
      "INSERT INTO t (`we``ird, name)`) VALUES ('a'), ('é'), ('')",
      'INSERT INTO t (id, `we``ird, name)`) VALUES (0, 1)',
      'DELETE FROM t WHERE id > 20260100000000001',
    )
    await expectRoundTrip(stage)
    await stage.query(
      'CREATE TABLE parts (id INT NOT NULL, d DATE NOT NULL, PRIMARY KEY (id, d)) PARTITION BY RANGE (YEAR(d)) (PARTITION p1 VALUES LESS THAN (2026), PARTITION p2 VALUES LESS THAN MAXVALUE)',
      "INSERT INTO parts VALUES (1,'2025-01-01'), (2,'2026-01-01'), (3,'2024-01-01')",
    )
    await expectRoundTrip(stage, 'parts')
  })

  test('a table without rows, and one without a column that could be inserted', async () => {
    const stage = await open(version)
    await stage.query('CREATE TABLE t (id INT PRIMARY KEY)', 'CREATE TABLE g (one INT AS (1) STORED)')
    expect(await expectRoundTrip(stage)).toMatchObject({ rows: 0, checksum: '0'.repeat(24) })
    await stage.query('INSERT INTO g () VALUES (), ()')
    await expectRoundTrip(stage, 'g')
  })

  test('what is archived under its hold name comes back under its own, names of constraints included', async () => {
    const stage = await open(version)
    await stage.query(
      'CREATE TABLE groups_1 (id INT PRIMARY KEY)',
      'CREATE TABLE members_1 (id INT PRIMARY KEY, group_id INT, other INT, FOREIGN KEY (group_id) REFERENCES groups_1 (id) ON DELETE CASCADE, CONSTRAINT named FOREIGN KEY (other) REFERENCES members_1 (id))',
      'INSERT INTO groups_1 VALUES (7)',
      'INSERT INTO members_1 VALUES (1,7,NULL), (2,NULL,NULL)',
    )
    const before = await nature(stage, 'members_1')
    await stage.query(
      'RENAME TABLE members_1 TO _hold_20260101_aaaaaaaa_members_1',
      'RENAME TABLE groups_1 TO _hold_20260101_bbbbbbbb_groups_1',
    )
    const held = { database: stage.database, timeouts: archiveTimeouts, table: '_hold_20260101_aaaaaaaa_members_1' }
    const ownNames = new Map([['_hold_20260101_bbbbbbbb_groups_1', 'groups_1']])
    const written = await stage.archive.write({ ...held, shard: shardOf('members_1'), ownNames }, () => undefined)
    const { createTable } = await readManifest(stage, written.address)
    expect(createTable).toContain('CONSTRAINT `members_1_ibfk_1` FOREIGN KEY (`group_id`) REFERENCES `groups_1`')
    expect(createTable).not.toContain('_hold_')
    await stage.query(`DROP TABLE ${held.table}`, 'RENAME TABLE _hold_20260101_bbbbbbbb_groups_1 TO groups_1')
    await stage.restore(written.address, 'members_1')
    expect(await nature(stage, 'members_1')).toEqual(before)
    await stage.query('DELETE FROM groups_1')
    expect(await stage.query('SELECT id FROM members_1')).toEqual([{ id: 2 }])
  })

  test('JSON comes back as its text says, also where SQL had computed a value that no text can hold', async () => {
    const stage = await open(version)
    await stage.query(
      'CREATE TABLE t (id INT PRIMARY KEY, v JSON)',
      `INSERT INTO t VALUES (1,JSON_OBJECT('price',1.50,'long',12345678901234567890.25,'day',CAST('2026-01-01' AS DATE),'raw',x'FF00'))`,
    )
    const { address } = await stage.write('t')
    await stage.restore(address, 'u')
    expect(await stage.query('SELECT CAST(v AS CHAR) AS v FROM u')).toEqual([
      { v: '{"day": "2026-01-01", "raw": "base64:type15:/wA=", "long": 1.2345678901234567e19, "price": 1.5}' },
    ])
  })

  test('any mysql client loads the file, with any settings of its session', async () => {
    const stage = await open(version)
    await stage.query(
      `CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, a TEXT, b BLOB, c ENUM('x'), d TIMESTAMP NULL, e DATE)`,
      `INSERT INTO t (id,a,b,c,d,e) VALUES (0,'it''s \\\\ "a"\\n\\0 😀',0x00FF27,'no','2026-01-01 12:00:00','0000-00-00'), (1,'','','x',NULL,'2026-02-31')`,
    )
    const before = [await hexRows(stage, 't'), await nature(stage, 't')]
    const { address } = await stage.write('t')
    await stage.query('DROP TABLE t')
    const session = `SET SESSION sql_mode='NO_BACKSLASH_ESCAPES,ANSI_QUOTES,STRICT_ALL_TABLES,NO_ZERO_DATE', time_zone='+08:00', NAMES latin1`
    const options = [...serverArguments(stage.schema.server.url), `--init-command=${session}`, stage.schema.name]
    const loaded = await runClient('mysql', options, await readText(stage, address, 't'))
    expect(loaded).toMatchObject({ exitCode: 0, stderr: '' })
    expect([await hexRows(stage, 't'), await nature(stage, 't')]).toEqual(before)
  })

  test('rows are those of one moment, however long reading takes', async () => {
    const stage = await open(version)
    await fill(stage, 30_000)
    let change: Promise<unknown> | null = null
    const told: number[] = []
    const request = { database: stage.database, timeouts: archiveTimeouts, table: 't', shard: shardOf('t') }
    const written = await stage.archive.write(request, (rows) => {
      told.push(rows)
      change ??= stage.query('DELETE FROM t WHERE id % 2 = 0', "UPDATE t SET v='changed'")
    })
    await change
    expect(written.rows).toBe(30_000)
    expect(told.length).toBeGreaterThan(2)
    expect(told.at(-1)).toBe(30_000)
    await stage.restore(written.address, 'again')
    expect(await stage.query("SELECT COUNT(*) AS n, SUM(v='changed') AS changed FROM again")).toEqual([
      { n: 30_000, changed: '0' },
    ])
  })

  test('server and tool sum the same, in any order of rows', async () => {
    const stage = await open(version)
    await fill(stage, 2000)
    const written = await stage.write('t')
    await stage.query(
      'CREATE TABLE u LIKE t',
      'INSERT INTO u SELECT * FROM t ORDER BY id DESC',
      'ALTER TABLE u DROP PRIMARY KEY, MODIFY id BIGINT NULL, ORDER BY v',
    )
    const connection = await connect(stage.database.server, stage.schema.name, 10_000)
    try {
      const measured = await measureRows(connection, stage.schema.name, 'u')
      expect(measured).toEqual({ rows: written.rows, checksum: written.checksum })
      await connection.ask('UPDATE u SET v=CONCAT(v,1) WHERE id=1000')
      expect((await measureRows(connection, stage.schema.name, 'u')).checksum).not.toBe(written.checksum)
    } finally {
      await connection.close()
    }
  })

  test('a row of 20 MB, and 300 that share one INSERT no more', async () => {
    const stage = await open(version)
    await stage.query('CREATE TABLE t (id INT PRIMARY KEY, v LONGBLOB, w LONGTEXT)')
    await stage.query(`INSERT INTO t VALUES (1,REPEAT(0x00FF27,3000000),REPEAT('\\\\\\n',1000000)), (2,'',NULL)`)
    for (let id = 10; id < 310; id += 1) await stage.query(`INSERT INTO t VALUES (${id},REPEAT('x',${id * 20}),'')`)
    await expectRoundTrip(stage)
  })

  test('a row that no packet can carry is refused by name, and leaves nothing', async () => {
    const stage = await open(version)
    await stage.query('CREATE TABLE t (id INT PRIMARY KEY, v LONGBLOB)', `INSERT INTO t VALUES (1,'')`)
    for (let part = 0; part < 3; part += 1) await stage.query(`UPDATE t SET v=CONCAT(v,REPEAT('x',12000000))`)
    await expect(stage.write('t')).rejects.toMatchObject({ code: 'ROW_TOO_LARGE' })
    const connection = await connect(stage.database.server, stage.schema.name, 10_000)
    await expect(measureRows(connection, stage.schema.name, 't')).rejects.toMatchObject({ code: 'ROW_TOO_LARGE' })
    await connection.close()
  })

  test("every table of the platform's templates", async () => {
    const stage = await open(version)
    const files = [
      'message_db/messages',
      'monitor_db/system_logs',
      'instance_db/instance_monitors',
      'contact_db/contacts',
      'contact_db/groups',
      'contact_db/group_members',
    ]
    for (const file of files) {
      const text = await readFile(join(templates, `${file}.sql`), 'utf8')
      const name = `${file.split('/')[1]}_1`
      await stage.query(
        text
          .replaceAll(/^--.*$/gm, '')
          .replaceAll('{{table}}', `\`${name}\``)
          .replaceAll('{{sibling:groups}}', '`groups_1`'),
      )
      await fillAnyhow(stage, name)
      await stage.query('SET foreign_key_checks=0')
      expect((await expectRoundTrip(stage, name)).rows).toBe(5)
    }
  })
})

test('what MySQL 9.7 knows and 8.0.12 does not', async () => {
  const stage = await open('9.7')
  await stage.query(
    `CREATE TABLE t (id INT PRIMARY KEY, hidden INT INVISIBLE DEFAULT (id + 1), v JSON DEFAULT (JSON_ARRAY(1)), n INT CHECK (n > 0), CONSTRAINT mine CHECK (n < 100) NOT ENFORCED, KEY e ((n * 2)))`,
    'INSERT INTO t (id, n) VALUES (1, 5), (2, NULL), (3, 500)',
  )
  await expectRoundTrip(stage)
  expect(await stage.query('SELECT id, hidden FROM t ORDER BY id')).toEqual([
    { id: 1, hidden: 2 },
    { id: 2, hidden: 3 },
    { id: 3, hidden: 4 },
  ])
})

test('an archive outlives its server: written on 8.0.12, it is loaded into 9.7 and proven equal', async () => {
  const [old, young] = [await open('8.0'), await open('9.7')]
  await old.query(
    `CREATE TABLE t (id INT PRIMARY KEY, f FLOAT, d DOUBLE, j JSON, x DECIMAL(20,5), s VARCHAR(50), l VARCHAR(50) CHARACTER SET latin1, t DATETIME(6), b BIT(9))`,
    `INSERT INTO t VALUES (1,-1.17549435e-38,2.2250738585072014e-308,'{"a": [1.5e-300, 1.0]}',-1.5,'é😀','é','2026-01-01 00:00:00.000001',511), (2,1/3,-0e0,'1e22',0,'','',NULL,0), (3,1e-15,1.2345678901234567e-15,NULL,NULL,NULL,NULL,NULL,NULL)`,
  )
  const { address } = await old.write('t')
  await old.archive.restore(
    address,
    { database: young.database, timeouts: archiveTimeouts, table: 't' },
    () => undefined,
  )
  expect(await hexRows(young, 't')).toEqual(await hexRows(old, 't'))
})

test('the manifest says what the archive is, and only its owner reads it', async () => {
  const stage = await open()
  await stage.query('CREATE TABLE t (id INT PRIMARY KEY, g INT AS (id))', 'INSERT INTO t (id) VALUES (1),(2)')
  const written = await stage.write('t')
  expect(written.address).toMatch(new RegExp(`^${stage.schema.name}/messages/t\\.\\d{8}T\\d{9}Z/manifest\\.json$`))
  expect(await readManifest(stage, written.address)).toMatchObject({
    format: 1,
    database: 'app',
    schema: stage.schema.name,
    family: 'messages',
    key: '2026-01',
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-02-01T00:00:00.000Z',
    table: 't',
    templateVersion: 1,
    columns: ['id'],
    rows: 2,
    checksum: written.checksum,
    file: { name: 't.sql.gz', sha256: written.sha256, bytes: written.bytes },
    server: { version: expect.stringMatching(/^9\./), uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    toolVersion: '1.2.3',
  })
  const folder = join(stage.directory, dirname(written.address))
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  expect((await stat(join(folder, 't.sql.gz'))).mode & 0o777).toBe(0o600)
  expect((await readText(stage, written.address, 't')).split('\n').slice(-5)).toEqual([
    'INSERT INTO `t` (`id`) VALUES',
    '(1),',
    '(2);',
    '-- 2 rows',
    '',
  ])
})

async function fill(stage: ArchiveStage, rows: number): Promise<void> {
  await stage.query(
    'CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(200) NOT NULL)',
    'SET SESSION cte_max_recursion_depth=1000000',
    `INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<${rows}) SELECT i,CONCAT(SHA2(i,512),i) FROM n`,
  )
}

/** Five rows of anything: whatever a column's type makes of a number, and NULL where that is allowed. */
async function fillAnyhow({ query, schema }: ArchiveStage, table: string): Promise<void> {
  const columns = await query(
    `SELECT COLUMN_NAME AS name,DATA_TYPE AS type,IS_NULLABLE='YES' AS nullable FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='${schema.name}' AND TABLE_NAME='${table}' ORDER BY ORDINAL_POSITION`,
  )
  for (let row = 1; row <= 5; row += 1) {
    const values = columns.map(({ name, type, nullable }) => {
      if (nullable === 1 && row === 3) return 'NULL'
      if (type === 'json') return `JSON_OBJECT('名', ${row}.5)`
      if (String(type).startsWith('date')) return `'2026-01-0${row} 00:00:00'`
      if (/char|text/.test(String(type))) return `'${String(name).slice(0, 5)}😀''${row}'`
      return String(row)
    })
    await query('SET foreign_key_checks=0', `INSERT INTO \`${table}\` VALUES (${values.join(',')})`)
  }
}
