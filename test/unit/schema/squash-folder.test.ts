import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checksumOf } from '../../../src/files/checksum.ts'
import { inspectMigrations } from '../../../src/migrations/files/read-migrations.ts'
import { formatSum } from '../../../src/migrations/files/sum.ts'
import {
  type Disk,
  finishSquash,
  openDisk,
  readSquashFolder,
  undoSquash,
  writeDrafts,
} from '../../../src/schema/squash/squash-folder.ts'

const names = ['user_db', 'app']
const text = (table: string): string => `-- migrate:up\nCREATE TABLE ${table} (id INT PRIMARY KEY);\n`
const files = { '0001_a.sql': text('a'), '0002_b.sql': text('b'), '0003_c.sql': text('c') }
const squashed = `-- wwdb:squashes 0001 0002\n${text('a')}CREATE TABLE b (id INT PRIMARY KEY);\n`
const drafts = names.map((database) => ({ database, file: '0002_squashed.sql', text: squashed }))

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'wwdb-squash-folder-'))
  const sums = new Map(Object.entries(files).map(([name, content]) => [name, checksumOf(content)]))
  for (const name of names) {
    mkdirSync(join(root, name))
    for (const [file, content] of Object.entries(files)) writeFileSync(join(root, name, file), content)
    writeFileSync(join(root, name, 'wwdb.sum'), formatSum(sums))
  }
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

const folders = names.map((name) => ({ name, directory: '' }))
const located = () => folders.map(({ name }) => ({ name, directory: join(root, name) }))
const read = () => located().map(readSquashFolder)
const check = async () =>
  (await inspectMigrations({ root, databases: located(), check: 'all' })).faults.map(({ what }) => what)

/** Every file with its text. */
function content(): Readonly<Record<string, string>> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).toSorted()
  return Object.fromEntries(paths.map((path) => [path.slice(root.length + 1), readFileSync(path, 'utf8')]))
}

class Killed extends Error {}

/** A disk of a process that ends in front of one of its writes. */
function dyingDisk(writes: number): Disk & { readonly count: () => number } {
  const disk = openDisk(root)
  let done = 0
  const step = <A extends readonly unknown[], R>(write: (...values: A) => R) => {
    return (...values: A): R => {
      if (done === writes) throw new Killed()
      done += 1
      return write(...values)
    }
  }
  return {
    makeFolder: step(disk.makeFolder),
    write: step(disk.write),
    move: step(disk.move),
    remove: step(disk.remove),
    removeFolder: step(disk.removeFolder),
    writeSum: step(disk.writeSum),
    count: () => done,
  }
}

/** As the command does it, from whatever it finds. */
async function squash(disk: Disk): Promise<void> {
  const found = read().filter(({ isDraft }) => isDraft)
  if (!found.some(({ moved }) => moved.length > 0)) {
    await undoSquash(found, root, disk)
    if (read().every(({ file }) => file !== null)) return
    await writeDrafts(read(), drafts, disk)
  }
  await finishSquash(
    read().filter(({ isDraft }) => isDraft),
    root,
    disk,
  )
}

async function undo(disk: Disk): Promise<void> {
  await undoSquash(
    read().filter(({ isDraft, moved }) => isDraft || moved.length > 0),
    root,
    disk,
  )
}

async function survives(work: (disk: Disk) => Promise<void>, writes: number): Promise<boolean> {
  try {
    await work(dyingDisk(writes))
    return true
  } catch (error) {
    if (error instanceof Killed) return false
    throw error
  }
}

test('a squash that is killed in front of any write is finished by the next, or taken back by the undo', async () => {
  const before = content()
  await squash(openDisk(root))
  const after = content()
  expect(await check()).toEqual([])
  expect(Object.keys(after).filter((name) => name.startsWith('app'))).toEqual([
    'app/0002_squashed.sql',
    'app/0003_c.sql',
    'app/squashed/0001_a.sql',
    'app/squashed/0002_b.sql',
    'app/squashed/wwdb.sum',
    'app/wwdb.sum',
  ])
  await undo(openDisk(root))
  expect(content()).toEqual(before)
  let kills = 0
  for (let isDone = false; !isDone; kills += 1) {
    isDone = await survives(squash, kills)
    const hasMoved = JSON.stringify(content()) !== JSON.stringify(before) && !isDone
    if (hasMoved) expect(await check()).toContainEqual(expect.stringContaining('was interrupted'))
    await squash(openDisk(root))
    expect(content()).toEqual(after)
    await undo(openDisk(root))
    await survives(squash, kills)
    await undo(openDisk(root))
    expect(content()).toEqual(before)
  }
  expect(kills).toBeGreaterThan(12)
})

test('an undo that is killed in front of any write is finished by the next, or by the squash', async () => {
  const before = content()
  await squash(openDisk(root))
  const after = content()
  let kills = 0
  for (let isDone = false; !isDone; kills += 1) {
    isDone = await survives(undo, kills)
    if (!isDone) {
      await undo(openDisk(root))
      expect(content()).toEqual(before)
      await squash(openDisk(root))
      await survives(undo, kills)
    }
    await squash(openDisk(root))
    expect(content()).toEqual(after)
  }
  expect(kills).toBeGreaterThan(10)
})

test('a draft of wwdb.sum that a killed run has left does not keep the folder from being taken back', async () => {
  const before = content()
  await squash(openDisk(root))
  writeFileSync(join(root, 'app/squashed/.wwdb.sum.6b6c9be9-67dd-41d6-93f2-3c2df22a21a6'), 'wwdb.su')
  await undo(openDisk(root))
  expect(content()).toEqual(before)
  expect(await check()).toEqual([])
})

test('a file that sorts before a squashed one, and an old file that is gone, are faults', async () => {
  await squash(openDisk(root))
  writeFileSync(join(root, 'app/0001_late.sql'), text('late'))
  expect(await check()).toContainEqual(expect.stringContaining('was interrupted'))
  rmSync(join(root, 'app/0001_late.sql'))
  rmSync(join(root, 'app/squashed/0001_a.sql'))
  expect(await check()).toContainEqual('The folder `squashed` of `app` lacks the file of 0001.')
  rmSync(join(root, 'app/squashed'), { recursive: true })
  expect(await check()).toEqual([])
  writeFileSync(join(root, 'app/0000_early.sql'), text('early'))
  expect(await check()).toContainEqual(expect.stringContaining('`0000_early.sql` sorts before `0002_squashed.sql`'))
})
