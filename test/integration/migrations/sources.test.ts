import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Fault, ToolError } from '../../../src/core/tool-error.ts'
import { checksumOf } from '../../../src/files/checksum.ts'
import {
  inspectMigrations,
  type MigrationRequest,
  readMigrations,
} from '../../../src/migrations/files/read-migrations.ts'
import { writeSumFile } from '../../../src/migrations/files/sum.ts'
import type { Script } from '../../../src/migrations/migration.ts'
import type { AnswerPart, ModuleQuery } from '../../../src/migrations/user-code.ts'
import type { Statement } from '../../../src/sql/statement.ts'

const reader = fileURLToPath(new URL('../../helpers/migrations/read-sources.ts', import.meta.url))
/** Of every POSIX system. */
const pipeMaker = 'mkfifo'
let root = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'wwdb-sources-'))
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

const good = '-- migrate:up\nCREATE TABLE a (id INT);\n\n-- migrate:down\nDROP TABLE a;\n'

function write(file: string, content: string | Uint8Array): string {
  const path = join(root, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  return path
}

function request(...names: readonly string[]): MigrationRequest {
  const databases = (names.length === 0 ? ['app'] : names).map((name) => ({ name, directory: join(root, name) }))
  return { root, databases }
}

/** What a fault says, with its place in front as reporters show it. */
function sentence({ what, where, next }: Fault): string {
  const line = where?.line === undefined ? '' : `:${where.line}`
  return `${where?.file ?? ''}${line}: ${what} ${next ?? ''}`
}

async function sentences(...names: readonly string[]): Promise<readonly string[]> {
  const error = await readMigrations(request(...names)).then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ToolError)) throw error ?? new Error('nothing was refused')
  expect(error.code).toBe('MIGRATIONS_INVALID')
  expect(error.exitCode).toBe(2)
  return error.faults.map(sentence)
}

async function statementsOf(script: Script | null | undefined): Promise<readonly Statement[]> {
  if (script === null || script === undefined || script.type === 'module') return []
  if (script.type === 'statements') return script.statements
  const statements: Statement[] = []
  for await (const statement of script.open()) statements.push(statement)
  return statements
}

test('folders are read into migrations, in the order in which they run', async () => {
  write('app/10_later.sql', good)
  write('app/9_earlier.sql', '-- wwdb:requires other/0001\n-- migrate:up\nDO 1;')
  write('app/R__view.sql', '-- migrate:up\nCREATE OR REPLACE VIEW v AS SELECT 1;')
  write('app/11_fill.ts', '// wwdb:when environment=test\nexport async function up() {}\n')
  for (const ignored of ['README.md', '.gitkeep', '.hidden/x.sql']) write(`app/${ignored}`, '')
  write('other/0001_base.sql', good)
  const { migrations } = await readMigrations(request('app', 'other'))
  const told = migrations.get('app')?.map(({ database, version, name, kind, file, requires, conditions }) => ({
    database,
    version,
    name,
    kind,
    file,
    requires,
    conditions,
  }))
  const plain = { database: 'app', requires: [], conditions: [] }
  expect(told).toEqual([
    {
      ...plain,
      version: '9',
      name: 'earlier',
      kind: 'versioned',
      file: 'app/9_earlier.sql',
      requires: [{ database: 'other', version: '0001' }],
    },
    { ...plain, version: '10', name: 'later', kind: 'versioned', file: 'app/10_later.sql' },
    {
      ...plain,
      version: '11',
      name: 'fill',
      kind: 'data',
      file: 'app/11_fill.ts',
      conditions: [{ type: 'environment', names: ['test'], negated: false }],
    },
    { ...plain, version: 'R__view', name: 'view', kind: 'repeatable', file: 'app/R__view.sql' },
  ])
  const later = migrations.get('app')?.[1]
  expect(later?.checksum).toBe(checksumOf(good))
  expect((await statementsOf(later?.up)).map(({ text, line }) => ({ text, line }))).toEqual([
    { text: 'CREATE TABLE a (id INT)', line: 2 },
  ])
})

test('a file with CRLF or a byte order mark is the same migration as one without', async () => {
  write('app/1_a.sql', good)
  write('app/2_b.sql', `\ufeff${good.replaceAll('\n', '\r\n')}`)
  const [plain, windows] = (await readMigrations(request())).migrations.get('app') ?? []
  expect(windows?.checksum).toBe(plain?.checksum)
  const [left] = await statementsOf(plain?.up)
  const [right] = await statementsOf(windows?.up)
  expect(right).toEqual({ ...left, file: 'app/2_b.sql' })
})

test('every fault of every file is collected before the files are refused', async () => {
  write('app/0001_a.sql', 'CREATE TABLE a (id INT);')
  write('app/0002 b.sql', good)
  write('app/0003_c.sql', "-- migrate:up\nINSERT INTO a VALUES ('open);\n")
  write('other/20260101_x.sql', good)
  const found = await sentences('app', 'other', 'nowhere')
  expect(found).toHaveLength(6)
  expect(found).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^app\/0001_a\.sql: The file has no up part\./),
      expect.stringMatching(/^app\/0002 b\.sql: .* Rename it to `0002_b\.sql`\.$/),
      expect.stringMatching(/^app\/0003_c\.sql:2: .*never closed/),
      expect.stringMatching(/^app\/0003_c\.sql: The sequence has a gap: 0002 is missing/),
      expect.stringMatching(/^other\/20260101_x\.sql: 20260101 is neither/),
      'nowhere: The folder `nowhere` with the migrations of `nowhere` does not exist. ' +
        'Create its first migration with `wwdb new <name> --target nowhere`, or correct the path in the configuration.',
    ]),
  )
})

interface Case {
  readonly name: string
  readonly make: () => void
  readonly says: string
}

const cases: readonly Case[] = [
  {
    name: 'a file in GBK',
    make: () => write('app/1_a.sql', Buffer.from([...Buffer.from('-- migrate:up\nDO 1; -- '), 0xc4, 0xe3, 0xba, 0xc3])),
    says: 'app/1_a.sql:2: Byte 0xC4 at offset 23 is not UTF-8. Save it as UTF-8, e.g. with: iconv -f GB18030 -t UTF-8; create a dump with binary values with `mysqldump --hex-blob`.',
  },
  {
    name: 'a file in UTF-16',
    make: () => write('app/1_a.sql', Buffer.from(`\ufeff${good}`, 'utf16le')),
    says:
      'app/1_a.sql:1: The file is UTF-16, but migrations must be UTF-8. ' +
      'Save it as UTF-8, e.g. with: iconv -f UTF-16 -t UTF-8.',
  },
  {
    name: 'a NUL byte',
    make: () => write('app/1_a.sql', '-- migrate:up\nDO 1;\nDO \0;'),
    says: 'app/1_a.sql:3: There is a NUL byte at offset 23, which SQL text cannot contain. Save it as UTF-8 text; create a dump with binary values with `mysqldump --hex-blob`.',
  },
  {
    name: 'a link to itself',
    make: () => symlinkSync('1_a.sql', join(root, 'app/1_a.sql')),
    says:
      'app/1_a.sql: The file is a symbolic link to itself. ' +
      'Replace the link with the file that it should point to.',
  },
  {
    name: 'a link to nothing',
    make: () => symlinkSync('gone.sql', join(root, 'app/1_a.sql')),
    says:
      'app/1_a.sql: The file is a symbolic link to something that does not exist. ' +
      'Replace the link with the file that it should point to, or remove it.',
  },
  {
    name: 'a folder',
    make: () => mkdirSync(join(root, 'app/1_a.sql')),
    says:
      'app/1_a.sql: This is a folder, but migrations must be files directly in the folder of their database. ' +
      'Move its files up, or move the folder elsewhere.',
  },
  {
    name: 'a link to a folder',
    make: () => symlinkSync(root, join(root, 'app/1_a.sql')),
    says:
      'app/1_a.sql: This is a folder, but migrations must be files directly in the folder of their database. ' +
      'Move its files up, or move the folder elsewhere.',
  },
  {
    name: 'a pipe',
    make: () => execFileSync(pipeMaker, [join(root, 'app/1_a.sql')]),
    says: 'app/1_a.sql: This is neither a file nor a symbolic link to one. Move it out of the folder.',
  },
  {
    name: 'a file instead of the folder',
    make: () => {
      rmSync(join(root, 'app'), { recursive: true })
      write('app', '')
    },
    says:
      'app: `app` should be the folder with the migrations of `app`, but is a file. ' +
      'Correct the path in the configuration.',
  },
  {
    name: 'an empty file',
    make: () => write('app/1_a.sql', ''),
    says: 'app/1_a.sql: The file is empty. ' + 'Write `-- migrate:up` and the statements below it, or remove the file.',
  },
  {
    name: 'a header below the code of a module',
    make: () => write('app/1_a.ts', 'export async function up() {}\n// wwdb:when references=logical\n'),
    says: 'app/1_a.ts:2: The header `wwdb:when` is below the first line of code. Move it to the top of the file.',
  },
]

test.each(cases)('one clear sentence names the fault: $name', async ({ make, says }) => {
  mkdirSync(join(root, 'app'), { recursive: true })
  make()
  expect(await sentences()).toEqual([says])
})

test('names a cycle that runs through three databases', async () => {
  write('a/1_x.sql', '-- wwdb:requires b/2\n-- migrate:up\nDO 1;')
  write('b/1_y.sql', '-- wwdb:requires c/1\n-- migrate:up\nDO 1;')
  write('b/2_y.sql', good)
  write('c/1_z.sql', '-- wwdb:requires a/1\n-- migrate:up\nDO 1;')
  expect(await sentences('a', 'b', 'c')).toEqual([
    'a/1_x.sql:1: These migrations depend on each other in a circle: a/1 requires b/2, which comes after b/1, which requires c/1, ' +
      'which requires a/1. Remove one of the requirements, or split a migration in two.',
  ])
})

test('a link to a file is followed', async () => {
  write('elsewhere.sql', good)
  mkdirSync(join(root, 'app'))
  symlinkSync('../elsewhere.sql', join(root, 'app/1_a.sql'))
  expect((await readMigrations(request())).migrations.get('app')).toHaveLength(1)
})

test('10,000 files are read', async () => {
  for (let number = 1; number <= 10_000; number += 1) {
    write(`app/${number}_insert.sql`, `-- migrate:up\nINSERT INTO a VALUES (${number});\n`)
  }
  const started = performance.now()
  const { migrations } = await readMigrations(request())
  expect(performance.now() - started).toBeLessThan(10_000)
  const versions = migrations.get('app')?.map(({ version }) => Number(version))
  expect(versions).toEqual(Array.from({ length: 10_000 }, (_, index) => index + 1))
})

test('files that wwdb.sum lists are split only when they are asked for', async () => {
  const broken = "-- migrate:up\nINSERT INTO a VALUES ('open);\n"
  write('app/1_a.sql', good)
  write('app/2_b.sql', broken)
  const checksums = new Map([
    ['1_a.sql', checksumOf(good)],
    ['2_b.sql', checksumOf(broken)],
  ])
  writeSumFile(join(root, 'app'), root, checksums)
  const [first, second] = (await readMigrations(request())).migrations.get('app') ?? []
  expect(first?.up).toBe(first?.up)
  expect(first?.down?.type).toBe('statements')
  expect(() => second?.up).toThrow(expect.objectContaining({ code: 'MIGRATIONS_INVALID' }))
  expect((await inspectMigrations({ ...request(), check: 'all' })).faults).toHaveLength(1)
})

test('files that a journal has as applied are not split, those of another checksum are', async () => {
  const broken = "-- migrate:up\nINSERT INTO a VALUES ('open);\n"
  write('app/1_a.sql', broken)
  write('app/2_b.sql', good)
  const applied = (known: string) => (database: string, version: string, checksum: string) =>
    database === 'app' && version === '1' && checksum === known
  const { migrations } = await readMigrations({ ...request(), isApplied: applied(checksumOf(broken)) })
  expect(() => migrations.get('app')?.[0]?.up).toThrow(expect.objectContaining({ code: 'MIGRATIONS_INVALID' }))
  const edited = inspectMigrations({ ...request(), isApplied: applied(checksumOf(good)) })
  expect((await edited).faults).toHaveLength(1)
  const all = inspectMigrations({ ...request(), check: 'all', isApplied: applied(checksumOf(broken)) })
  expect((await all).faults).toHaveLength(1)
})

test('a folder is compared with its wwdb.sum again, and the fault explains how to write it again', async () => {
  write('app/1_a.sql', good)
  write('app/2_b.sql', good)
  writeSumFile(
    join(root, 'app'),
    root,
    new Map([
      ['1_a.sql', checksumOf('something else')],
      ['3_c.sql', checksumOf(good)],
    ]),
  )
  expect(await sentences()).toEqual([
    'app/1_a.sql: `1_a.sql` was edited after `app/wwdb.sum` was written. ' +
      'Restore the file, or run `wwdb validate --write-sum` if the edit is intentional.',
    'app/2_b.sql: `app/wwdb.sum` does not list `2_b.sql`. ' +
      'If the files are correct, run `wwdb validate --write-sum`.',
    'app/wwdb.sum: `app/wwdb.sum` lists `3_c.sql`, which is not in the folder. ' +
      'If the files are correct, run `wwdb validate --write-sum`.',
  ])
  expect((await inspectMigrations({ ...request(), sums: 'ignore' })).faults).toEqual([])
})

test('a wwdb.sum with CRLF counts like one without', async () => {
  write('app/1_a.sql', good)
  writeSumFile(join(root, 'app'), root, new Map([['1_a.sql', checksumOf(good)]]))
  const path = join(root, 'app/wwdb.sum')
  writeFileSync(path, `\ufeff${readFileSync(path, 'utf8').replaceAll('\n', '\r\n')}`)
  expect((await inspectMigrations(request())).faults).toEqual([])
})

test('a foreign key to another database shows what it needs, also where wwdb.sum lists its file', async () => {
  const up = '-- migrate:up\nALTER TABLE a ADD FOREIGN KEY (u) REFERENCES {{schema:users}}.people (id);\n'
  write('users/0001_x.sql', '-- migrate:up\nCREATE TABLE `People` (id INT);\n')
  write('app/0001_y.sql', up)
  for (const listed of [false, true]) {
    if (listed) writeSumFile(join(root, 'app'), root, new Map([['0001_y.sql', checksumOf(up)]]))
    const { migrations } = await readMigrations(request('app', 'users'))
    expect(migrations.get('app')?.[0]?.requires).toEqual([{ database: 'users', version: '0001' }])
  }
})

const manyRows = (rows: number): string =>
  Array.from({ length: rows }, (_, row) => `INSERT INTO a VALUES (${row}, '${'用'.repeat(100)}');\r\n`).join('')

test('a large file is read in a stream as it would be read whole', async () => {
  const text = `\ufeff-- wwdb:requires other/1\r\n-- migrate:up\r\n${manyRows(30_000)}-- migrate:down\r\nDELETE FROM a;\r\n`
  write('app/1_a.sql', text)
  write('other/1_x.sql', good)
  const [migration] = (await readMigrations(request('app', 'other'))).migrations.get('app') ?? []
  expect(migration?.checksum).toBe(checksumOf(text.slice(1).replaceAll('\r\n', '\n')))
  expect(migration?.requires).toEqual([{ database: 'other', version: '1' }])
  expect(migration?.up).toMatchObject({ type: 'stream', total: 30_000 })
  expect(migration?.up.type === 'stream' ? migration.up.sample.length : 0).toBe(20)
  const statements = await statementsOf(migration?.up)
  expect(statements).toHaveLength(30_000)
  expect(statements[29_999]).toMatchObject({ line: 30_002, column: 1, index: 29_999, file: 'app/1_a.sql' })
  expect((await statementsOf(migration?.down)).map(({ text: sql }) => sql)).toEqual(['DELETE FROM a'])
})

test('a large file that is not UTF-8 is refused with the place', async () => {
  const start = Buffer.from(`-- migrate:up\n${manyRows(30_000)}`)
  write('app/1_a.sql', Buffer.concat([start, Buffer.from([0xff])]))
  expect(await sentences()).toEqual([
    `app/1_a.sql:30002: Byte 0xFF at offset ${start.length} is not UTF-8. ` +
      'Save it as UTF-8, e.g. with: iconv -f GB18030 -t UTF-8; create a dump with binary values with `mysqldump --hex-blob`.',
  ])
})

test('faults inside a large file are found', async () => {
  write('app/1_a.sql', `-- migrate:up\n${manyRows(30_000)}USE other;\n`)
  const found = await sentences()
  expect(found).toHaveLength(1)
  expect(found[0]).toMatch(/^app\/1_a\.sql:30002: /)
})

test('a large file that changed between its check and its run is refused', async () => {
  const text = `-- migrate:up\n${manyRows(30_000)}`
  const path = write('app/1_a.sql', text)
  const [migration] = (await readMigrations(request())).migrations.get('app') ?? []
  writeFileSync(path, `${text}DO 1;\n`)
  const seen: Statement[] = []
  const run = async (): Promise<void> => {
    if (migration?.up.type !== 'stream') throw new Error('expected a stream')
    for await (const statement of migration.up.open()) seen.push(statement)
  }
  await expect(run()).rejects.toMatchObject({ code: 'FILE_CHANGED', faults: [{ where: { file: 'app/1_a.sql' } }] })
  expect(seen).toEqual([])
  writeFileSync(path, text.replaceAll('\r\n', '\n'))
  await run()
  expect(seen).toHaveLength(30_000)
})

test('the functions of data migrations are loaded when they are run, in a process of their own', async () => {
  write('app/1_a.ts', 'export async function up(knex: any): Promise<void> { await knex.raw("DO ?", [process.pid]) }\n')
  write('app/2_b.mjs', 'export default { up: (knex) => knex.raw("DO 2"), down: (knex) => knex.raw("DO 3") }\n')
  write('app/3_c.mjs', 'syntax error\n')
  const [first, second, third] = (await readMigrations(request())).migrations.get('app') ?? []
  const sent: ModuleQuery[] = []
  const { signal } = new AbortController()
  const run = (script: Script | null | undefined): Promise<void> => {
    if (script?.type !== 'module') throw new Error('expected a module')
    const query = async function* (one: ModuleQuery): AsyncGenerator<AnswerPart> {
      sent.push(one)
      yield { type: 'header', header: { affectedRows: 0 } }
    }
    return script.run({ query, now: signal, soon: signal })
  }
  await run(first?.up)
  await run(second?.up)
  await run(second?.down)
  expect(sent.map(({ sql }) => sql)).toEqual(['DO ?', 'DO 2', 'DO 3'])
  expect(sent[0]?.bindings).not.toEqual([process.pid])
  await expect(run(first?.down)).rejects.toMatchObject({
    code: 'MODULE_INCOMPLETE',
    faults: [{ what: 'The file exports no function `down`.', where: { file: 'app/1_a.ts' } }],
  })
  await expect(run(third?.up)).rejects.toMatchObject({
    code: 'MODULE_FAULTY',
    faults: [{ what: 'The file cannot be imported.', where: { file: 'app/3_c.mjs' } }],
  })
  write('app/2_b.mjs', 'export const up = () => {}\n')
  await expect(run(second?.up)).rejects.toMatchObject({ code: 'FILE_CHANGED' })
})

interface Report {
  readonly faults: readonly Fault[]
  readonly files: number
  readonly statements: number
  /** In bytes. */
  readonly residentAtMost: number
}

/** Reads the project's folder `app` in a process of its own, and every statement of it as a run would. */
async function readApart(options: { readonly uid?: number } = {}, words: readonly string[] = []): Promise<Report> {
  const bundle = await rolldown({ input: reader, platform: 'node', external: ['jiti'] })
  const file = join(root, 'reader.mjs')
  await bundle.write({ file, format: 'esm', codeSplitting: false })
  await bundle.close()
  const output = execFileSync(process.execPath, [...words, file, root], { ...options, encoding: 'utf8' })
  return JSON.parse(output)
}

test('one clear sentence names a file that may not be read', async () => {
  chmodSync(write('app/1_a.sql', good), 0o000)
  chmodSync(root, 0o755)
  // Root may read everything: nobody reads for it.
  const { faults } = await readApart(process.getuid?.() === 0 ? { uid: 65_534 } : {})
  expect(faults.map(sentence)).toEqual([
    'app/1_a.sql: The file cannot be read: permission denied. Give the user who runs wwdb permission to read it.',
  ])
})

// Without it, what is not needed any more lies about for as long as the machine has other things to do.
const heap = '--max-old-space-size=96'

test('200 MB are read, and streamed again, with a heap of 96 MB, in less than 200 MB of memory', async () => {
  const path = write('app/1_a.sql', '-- migrate:up\n')
  const block = manyRows(3000)
  const blocks = Math.ceil((200 * 1024 * 1024) / Buffer.byteLength(block))
  for (let written = 0; written < blocks; written += 1) appendFileSync(path, block)
  const { faults, statements, residentAtMost } = await readApart({}, [heap])
  expect(faults).toEqual([])
  expect(statements).toBe(3000 * blocks)
  expect(residentAtMost).toBeLessThan(200 * 1024 * 1024)
}, 240_000)
