import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FilesAhead } from '../../../src/migrations/files/files-ahead.ts'
import { inspectMigrations } from '../../../src/migrations/files/read-migrations.ts'

let root = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'wwdb-ahead-'))
  mkdirSync(join(root, 'app'))
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

const folder = () => ({ name: 'app', directory: join(root, 'app') })
const pathOf = (file: string) => join(root, 'app', file)
const create = (table: string) =>
  `-- migrate:up\nCREATE TABLE ${table} (id INT);\n-- migrate:down\nDROP TABLE ${table};\n`

/** Until it has read everything. */
async function readWhole(last: string): Promise<FilesAhead> {
  const ahead = new FilesAhead([folder()], root)
  await expect.poll(() => ahead.takeText(pathOf(last))).not.toBeNull()
  return ahead
}

describe('files that are read while servers are waited for', () => {
  test('are the migrations that would have been read, with the same faults', async () => {
    for (let n = 1; n <= 100; n += 1) writeFileSync(pathOf(`${1000 + n}_t${n}.sql`), create(`t${n}`))
    writeFileSync(pathOf('2001_mark.sql'), `\uFEFF${create('mark').replaceAll('\n', '\r\n')}`)
    writeFileSync(pathOf('2002_latin.sql'), Buffer.from([0x2d, 0x2d, 0x20, 0xe9, 0x0a]))
    writeFileSync(pathOf('2003_large.sql'), `${create('large')}-- ${'x'.repeat(100_000)}\n`)
    writeFileSync(pathOf('2004_empty.sql'), '')
    writeFileSync(pathOf('2005_last.sql'), create('last'))
    const request = { root, databases: [folder()] }
    const plain = await inspectMigrations(request)
    const ahead = await readWhole('2005_last.sql')
    const read = await inspectMigrations({ ...request, ahead })
    expect(read).toEqual(plain)
    expect(read.faults.map(({ where }) => where?.file)).toContain('app/2002_latin.sql')
    expect(read.migrations.get('app')).toHaveLength(104)
  })

  test('are read once: what is written to one afterwards is seen by the next run', async () => {
    writeFileSync(pathOf('1_a.sql'), create('a'))
    writeFileSync(pathOf('2_b.sql'), create('b'))
    const request = { root, databases: [folder()] }
    const before = await inspectMigrations(request)
    const ahead = await readWhole('2_b.sql')
    writeFileSync(pathOf('1_a.sql'), create('changed'))
    expect(await inspectMigrations({ ...request, ahead })).toEqual(before)
    // What was taken is not given a second time.
    const after = await inspectMigrations(request)
    expect(await inspectMigrations({ ...request, ahead })).toEqual(after)
    expect(after).not.toEqual(before)
  })

  test.each([
    ['comes', () => writeFileSync(pathOf('3_c.sql'), create('c'))],
    ['goes', () => rmSync(pathOf('2_b.sql'))],
    ['is replaced', () => renameSync(pathOf('2_b.sql'), pathOf('1_a.sql'))],
  ])('are all read again where a file %s meanwhile, as wwdb.sum may be of later ones', async (_, change) => {
    writeFileSync(pathOf('1_a.sql'), create('a'))
    writeFileSync(pathOf('2_b.sql'), create('b'))
    const ahead = await readWhole('2_b.sql')
    change()
    const request = { root, databases: [folder()] }
    expect(await inspectMigrations({ ...request, ahead })).toEqual(await inspectMigrations(request))
  })

  test('are left to the run itself from the moment it wants them', async () => {
    writeFileSync(pathOf('1_a.sql'), create('a'))
    const ahead = new FilesAhead([folder()], root)
    ahead.end()
    await setImmediate()
    await setImmediate()
    expect(ahead.takeListing(folder())).toBeNull()
    expect(ahead.takeText(pathOf('1_a.sql'))).toBeNull()
  })

  test('say nothing of a folder that is missing', async () => {
    const ahead = new FilesAhead([{ name: 'gone', directory: join(root, 'gone') }, folder()], root)
    await expect.poll(() => ahead.takeListing(folder())).not.toBeNull()
    const read = await inspectMigrations({ root, databases: [{ name: 'gone', directory: join(root, 'gone') }], ahead })
    expect(read.faults.map(({ what }) => what)).toEqual([
      'The folder `gone` with the migrations of `gone` does not exist.',
    ])
  })
})
