import { createHash } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { createArchivePort } from '../../../../src/shards/archive/archive-port.ts'
import { testDoor } from '../../../helpers/mysql/test-door.ts'
import {
  type ArchiveStage,
  archiveTimeouts,
  shardOf,
  withArchiveStages,
} from '../../../helpers/shards/archive-stage.ts'

const open = withArchiveStages()

interface Written {
  readonly stage: ArchiveStage
  readonly address: string
  readonly manifest: string
  readonly file: string
}

/** An archive of three rows in two INSERTs. */
async function write(): Promise<Written> {
  const stage = await open()
  await stage.query(
    'CREATE TABLE t (id INT PRIMARY KEY, v MEDIUMTEXT)',
    `INSERT INTO t VALUES (1,'one'), (2,REPEAT(SHA2(2,512),10000)), (3,NULL)`,
  )
  const { address } = await stage.write('t')
  const manifest = join(stage.directory, address)
  return { stage, address, manifest, file: join(dirname(manifest), 't.sql.gz') }
}

async function changeManifest(
  { manifest }: Written,
  change: (content: Record<string, unknown>) => object,
): Promise<void> {
  await writeFile(manifest, JSON.stringify(change(JSON.parse(await readFile(manifest, 'utf8')))))
}

/** Packs other SQL, and makes the manifest say its size and SHA-256. */
async function forge(written: Written, change: (text: string) => string): Promise<void> {
  const bytes = gzipSync(change(gunzipSync(await readFile(written.file)).toString('utf8')))
  await writeFile(written.file, bytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  await changeManifest(written, (content) => ({ ...content, file: { name: 't.sql.gz', sha256, bytes: bytes.length } }))
}

/** Neither `verify` nor `restore` takes it, and no table is made from it. */
async function expectRefused({ stage, address }: Written, code: string, why: RegExp): Promise<void> {
  const fault = expect.objectContaining({ why: expect.stringMatching(why) })
  await expect(stage.archive.verify(address)).rejects.toMatchObject({ code, faults: [fault] })
  await expect(stage.restore(address, 'back')).rejects.toMatchObject({ code, faults: [fault] })
  expect(await stage.query("SHOW TABLES LIKE '%back%'")).toEqual([])
}

describe('a broken archive', () => {
  test('cut off anywhere', async () => {
    const written = await write()
    const { size } = await stat(written.file)
    for (const length of [size - 1, size - 20, Math.floor(size / 2), 30, 1, 0]) {
      await truncate(written.file, length)
      await expectRefused(written, 'ARCHIVE_BROKEN', /bytes, its manifest says|cannot be decompressed|does not end/)
    }
  })

  test('a bit turned over anywhere', async () => {
    const written = await write()
    const whole = await readFile(written.file)
    for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 40)) {
      const turned = Buffer.from(whole)
      turned[at] = (turned[at] ?? 0) ^ (1 << (at % 8))
      await writeFile(written.file, turned)
      await expect(written.stage.archive.verify(written.address)).rejects.toMatchObject({ code: 'ARCHIVE_BROKEN' })
    }
    await writeFile(written.file, whole)
    expect(await written.stage.archive.verify(written.address)).toMatchObject({ rows: 3 })
  })

  test.each<[string, (text: string) => string, RegExp]>([
    ['a row less', (text) => text.replace("(1,'one'),\n", ''), /its manifest has 3 rows, its file 2/],
    ['another value', (text) => text.replace("'one'", "'two'"), /have the checksum/],
    ['another table', (text) => text.replace('CREATE TABLE `t`', 'CREATE TABLE `u`'), /the start of its file/],
    ['another INSERT', (text) => text.replace('INSERT INTO `t`', 'INSERT INTO `u`'), /what follows row 0/],
    [
      'something else among its rows',
      (text) => text.replace("(1,'one'),", 'DROP TABLE t;'),
      /line 1 of its rows is not a row/,
    ],
    ['something after its end', (text) => `${text}DROP TABLE t;\n`, /more in its file after its last line/],
    ['no last line', (text) => text.replace('-- 3 rows\n', ''), /has no last line/],
    ['half a last line', (text) => text.trimEnd(), /ends within a line/],
    ['nothing', () => '', /has no last line/],
  ])('with %s, its SHA-256 notwithstanding', async (_, change, why) => {
    const written = await write()
    await forge(written, change)
    await expectRefused(written, 'ARCHIVE_BROKEN', why)
  })

  test.each<[string, (content: Record<string, unknown>) => object, RegExp]>([
    ['rows', (content) => ({ ...content, rows: 4 }), /what follows row 3|says 4 rows/],
    ['checksum', (content) => ({ ...content, checksum: '0'.repeat(24) }), /have the checksum/],
    ['columns', (content) => ({ ...content, columns: ['v', 'id'] }), /what follows row 0/],
    ['definition', (content) => ({ ...content, createTable: 'DROP TABLE t' }), /the start of its file/],
    ['format', (content) => ({ ...content, format: 2 }), /format/],
    [
      'file that leads elsewhere',
      (content) => ({ ...content, file: { ...Object(content['file']), name: '../../t.sql.gz' } }),
      /file.name/,
    ],
    ['unknown key', (content) => ({ ...content, more: 1 }), /more/],
  ])('whose manifest has another %s', async (_, change, why) => {
    const written = await write()
    await changeManifest(written, change)
    await expectRefused(written, 'ARCHIVE_BROKEN', why)
  })

  test('whose manifest is no JSON', async () => {
    const written = await write()
    await writeFile(written.manifest, 'yes')
    await expectRefused(written, 'ARCHIVE_BROKEN', /manifest/)
  })
})

describe('a missing archive', () => {
  test('without its file, its manifest, or its folder', async () => {
    const { stage, address, file, manifest } = await write()
    await rename(file, `${file}.away`)
    await expect(stage.archive.verify(address)).rejects.toMatchObject({ code: 'ARCHIVE_MISSING' })
    await rename(`${file}.away`, file)
    await rm(manifest)
    await expect(stage.archive.verify(address)).rejects.toMatchObject({ code: 'ARCHIVE_MISSING' })
    await rm(stage.directory, { recursive: true })
    await expect(stage.restore(address, 'back')).rejects.toMatchObject({ code: 'ARCHIVE_MISSING' })
  })

  test('an address that leads out of the directory is invalid', async () => {
    const { stage, address } = await write()
    const [schema, family, folder] = address.split('/')
    const inner = createArchivePort({
      door: testDoor(),
      directory: join(stage.directory, String(schema)),
      toolVersion: '1',
      now: Date.now,
    })
    for (const bad of [
      `../${schema}/${family}/${folder}/manifest.json`,
      `${schema}/../${schema}/${family}/${folder}/manifest.json`,
      `${schema}/${family}/${folder}/../${folder}/manifest.json`,
      join(stage.directory, address),
      `./${family}/${folder}/manifest.json`,
      `${schema}/${family}/${folder}`,
      `${schema}/${family}/${folder}/t.sql.gz`,
      '',
    ]) {
      await expect(stage.archive.verify(bad)).rejects.toMatchObject({ code: 'ARCHIVE_MISSING' })
      await expect(inner.verify(bad)).rejects.toMatchObject({ code: 'ARCHIVE_MISSING' })
    }
  })
})

test('names that must not become paths are refused before anything is made', async () => {
  const stage = await open()
  const request = { database: stage.database, timeouts: archiveTimeouts, table: 't' }
  for (const name of [
    '../t',
    '..',
    '.',
    '.hidden',
    'a/b',
    'a\\b',
    'a\0b',
    'tab\t',
    'naïve',
    '',
    ' ',
    'C:',
    'x'.repeat(200),
    '`',
    '-rf',
  ]) {
    for (const shard of [shardOf(name), shardOf('t', { family: name })]) {
      await expect(stage.archive.write({ ...request, shard }, () => undefined)).rejects.toMatchObject({
        code: 'ARCHIVE_NAME',
      })
    }
    const database = { ...stage.database, schema: name }
    await expect(
      stage.archive.write({ ...request, database, shard: shardOf('t') }, () => undefined),
    ).rejects.toMatchObject({ code: 'ARCHIVE_NAME' })
  }
  expect(await readdir(stage.directory)).toEqual([])
})

describe('what cannot be archived', () => {
  test('no table, a view, a table without a consistent read, a table with a trigger', async () => {
    const stage = await open()
    await stage.query(
      'CREATE TABLE t (id INT PRIMARY KEY)',
      'CREATE TABLE m (id INT PRIMARY KEY) ENGINE=MyISAM',
      'CREATE VIEW v AS SELECT id FROM t',
      'CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.id = NEW.id + 1',
    )
    await expect(stage.write('none')).rejects.toMatchObject({ code: 'TABLE_MISSING' })
    for (const [table, why] of [
      ['v', /a VIEW/],
      ['m', /a table of MyISAM/],
      ['t', /its trigger 'tr' would be lost/],
    ] as const) {
      const fault = expect.objectContaining({ why: expect.stringMatching(why) })
      await expect(stage.write(table)).rejects.toMatchObject({ code: 'ARCHIVE_UNFIT', faults: [fault] })
    }
    expect(await readdir(stage.directory)).toEqual([])
  })

  test('a folder that is a file', async () => {
    const stage = await open()
    await stage.query('CREATE TABLE t (id INT PRIMARY KEY)')
    await writeFile(join(stage.directory, stage.schema.name), 'in the way')
    await expect(stage.write('t')).rejects.toMatchObject({ code: 'ARCHIVE_DENIED' })
    await rm(join(stage.directory, stage.schema.name))
    await mkdir(join(stage.directory, stage.schema.name))
    await chmod(join(stage.directory, stage.schema.name), 0o700)
    expect(await stage.write('t')).toMatchObject({ rows: 0 })
  })
})

test('under a clock that stands still, each archive has a folder of its own and the first stays as it is', async () => {
  const { query, database, directory } = await open()
  await query('CREATE TABLE t (id INT PRIMARY KEY)', 'INSERT INTO t VALUES (1)')
  const archive = createArchivePort({
    door: testDoor(),
    directory,
    toolVersion: '1.2.3',
    now: () => Date.UTC(2026, 0, 1),
  })
  const write = () =>
    archive.write({ database, timeouts: archiveTimeouts, table: 't', shard: shardOf('t') }, () => undefined)
  const first = await write()
  await query('INSERT INTO t VALUES (2)')
  const second = await write()
  expect([first.address, second.address].map((address) => address.split('/').at(-2))).toEqual([
    't.20260101T000000000Z',
    't.20260101T000000001Z',
  ])
  expect(await archive.verify(first.address)).toMatchObject({ rows: 1 })
  expect(await archive.verify(second.address)).toMatchObject({ rows: 2 })
})

describe('what cannot be restored', () => {
  test('a table that exists is left alone', async () => {
    const { stage, address } = await write()
    await stage.query("UPDATE t SET v='mine'")
    await expect(stage.restore(address, 't')).rejects.toMatchObject({ code: 'TABLE_EXISTS' })
    expect(await stage.query('SELECT DISTINCT v FROM t')).toEqual([{ v: 'mine' }])
    expect(await stage.query('SHOW TABLES')).toHaveLength(1)
  })

  test('what the server makes other rows of is dropped again', async () => {
    const stage = await open()
    await stage.query('CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(10))', "INSERT INTO t VALUES (1,'a')")
    const written = await stage.write('t')
    const found = { stage, address: written.address, manifest: join(stage.directory, written.address), file: '' }
    const file = join(dirname(found.manifest), 't.sql.gz')
    // A definition that cuts what it is given: consistent in itself, so only the server's own sum can tell.
    const narrow = (text: string): string => text.replace('varchar(10)', "enum('b')")
    await changeManifest({ ...found, file }, (content) => ({
      ...content,
      createTable: narrow(String(content['createTable'])),
    }))
    await forge({ ...found, file }, narrow)
    expect(await stage.archive.verify(written.address)).toMatchObject({ rows: 1 })
    await expect(stage.restore(written.address, 'back')).rejects.toMatchObject({ code: 'RESTORE_DIFFERS' })
    expect(await stage.query('SHOW TABLES')).toHaveLength(1)
  })
})
