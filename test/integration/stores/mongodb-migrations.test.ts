import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { readAnswer } from '../../helpers/documents/published.ts'
import { describeMongodb, quickSettings, startMongodb, type TestMongodb } from '../../helpers/mongodb/mongodb.ts'
import { applyAll, emptyDeclaration, openTestSession } from '../../helpers/mongodb/mongodb-session.ts'
import { runTool, startTool, type ToolRun } from '../../helpers/tool/tool.ts'

const first = `
export async function up(db: any) {
  await db.collection('accounts').insertMany([{ _id: 1, name: 'a' }, { _id: 2, name: 'b' }])
  await db.collection('totals').insertOne({ _id: 'accounts', count: await db.collection('accounts').countDocuments({}) })
}
export async function down(db: any) {
  await db.collection('accounts').deleteMany({})
  await db.collection('totals').deleteMany({})
}
`

const walk = `
export const up = {
  collection: 'notes',
  filter: { kind: 'old' },
  size: 7,
  change: async (documents, { db }) => {
    for (const { _id } of documents) await db.collection('notes').updateOne({ _id }, { $inc: { passes: 1 } })
  },
}
`

describeMongodb('migrations of MongoDB in code', () => {
  let server: TestMongodb
  let folder: string
  const folders: string[] = []
  let round = 0
  let name = ''

  beforeAll(async () => {
    server = await startMongodb()
    const session = openTestSession({ addresses: [server.address], declaration: emptyDeclaration(quickSettings) })
    await applyAll(session)
    await session.close()
  })

  afterAll(async () => {
    await server.stop()
    for (const one of folders) rmSync(one, { recursive: true, force: true })
  })

  beforeEach(() => {
    round += 1
    name = `app${round}`
    folder = mkdtempSync(join(tmpdir(), 'wwdb-code-'))
    folders.push(folder)
    // What a `.js` file is follows from the nearest one.
    write('package.json', '{}')
    const stores = { mongodb: { url: `mongodb://${server.address}` } }
    write('wwdb.config.json', JSON.stringify({ databases: { app: {} }, stores }))
  })

  function write(file: string, text: string): void {
    const path = join(folder, file.replace(/^app\//, `migrations/${name}.mongodb/`))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  const setup = (...words: readonly string[]): Promise<ToolRun> => runTool(['setup', ...words], { cwd: folder })
  const database = () => server.client.db(name)
  const journal = () => database().collection<{ _id: string; state?: string }>('wwdb_migrations')
  const states = async () =>
    (
      await journal()
        .find({ state: { $exists: true } })
        .toArray()
    ).map(({ _id, state }) => [_id, state])

  it('commits what a function does together with its record, shows the plan before, and takes it back', async () => {
    write('app/0001_first.ts', first)
    const dry = await setup('migrate', '--dry-run')
    expect(dry).toMatchObject({ exitCode: 0 })
    expect(dry.stdout).toContain('+ 0001_first: one transaction with its record')
    expect(await database().listCollections().toArray()).toEqual([])

    const run = await setup('migrate')
    expect(run.stdout + run.stderr).toContain('1 of 1 migration done')
    expect(run).toMatchObject({ exitCode: 0 })
    expect(await database().collection('totals').findOne({})).toEqual({ _id: 'accounts', count: 2 })
    expect(await states()).toEqual([['0001', 'applied']])
    expect((await setup('migrate')).stdout).toContain('nothing to do, 1 migration applied')

    const status = await setup('migrations', '--history', '--exit-code')
    expect(status).toMatchObject({ exitCode: 0 })
    expect(status.stdout).toMatch(/0001_first: applied \S+ by .+\n.*0001_first: up, .+, by /)

    expect(await setup('rollback')).toMatchObject({ exitCode: 2 })
    expect(await setup('rollback', '--yes')).toMatchObject({ exitCode: 0 })
    expect(await database().collection('accounts').countDocuments({})).toBe(0)
    expect(await states()).toEqual([])
    const after = await setup('migrations', '--history', '--json')
    expect(readAnswer(after).answer).toMatchObject({
      kind: 'code-migrations',
      databases: [{ history: [{ direction: 'up' }, { direction: 'down', manner: 'transaction' }] }],
    })
  })

  it('walks documents of every type of `_id` in batches, each once, and goes on behind a batch that failed', async () => {
    const kinds = [1, 'a', { x: 1 }, new Date(0), true, null]
    const documents = [...kinds, ...Array.from({ length: 40 }, (_, at) => at + 10)].map((_id) => ({ _id, kind: 'old' }))
    await database()
      .collection('notes')
      .insertMany([...documents, { _id: 999, kind: 'new' }] as never)
    write(
      'app/0001_walk.mjs',
      walk.replace('for (', 'if (documents.some(({ _id }) => _id === "a")) throw new Error("no letters"); for ('),
    )
    const plan = await setup('migrate', '--dry-run')
    expect(plan.stdout).toContain('+ 0001_walk: in batches by `_id` of notes, each with its place in one transaction')

    const failed = await setup('migrate')
    expect(failed).toMatchObject({ exitCode: 2 })
    expect(failed.stdout + failed.stderr).toContain('no letters')
    expect(failed.stdout + failed.stderr).toContain('The batches before it are committed')
    expect(await states()).toEqual([['0001', 'open']])
    expect((await setup('migrations')).stdout).toMatch(
      /0001_walk: begun .*behind \d+ documents: `wwdb setup migrate` continues it/,
    )
    expect(await setup('rollback', '--yes')).toMatchObject({ exitCode: 2 })

    write('app/0001_walk.mjs', walk)
    expect((await setup('migrate', '--dry-run')).stdout).toMatch(/continued behind \d+ documents/)
    expect(await setup('migrate')).toMatchObject({ exitCode: 0 })
    const passes = await database().collection('notes').find({ kind: 'old' }).toArray()
    expect(passes.map((document) => document['passes'])).toEqual(documents.map(() => 1))
    expect(await database().collection('notes').findOne({ kind: 'new' })).not.toHaveProperty('passes')
    expect(await journal().findOne({ _id: '0001' })).toMatchObject({ state: 'applied', documents: 46 })
  })

  it('keeps nothing of a function that fails, and says what may not be in a transaction', async () => {
    write(
      'app/0001_first.ts',
      first.replace("await db.collection('totals')", "throw new Error('half'); await db.collection('totals')"),
    )
    const failed = await setup('migrate')
    expect(failed).toMatchObject({ exitCode: 2 })
    expect(failed.stdout + failed.stderr).toContain('half')
    expect(failed.stdout + failed.stderr).toContain('Nothing that it changed was kept.')
    expect(await database().collection('accounts').countDocuments({})).toBe(0)
    expect(await states()).toEqual([])

    await database().collection('accounts').insertOne({ name: 'a' })
    const rename = "export async function up(db) { await db.collection('accounts').rename('people') }"
    write('app/0001_first.ts', rename)
    const refused = await setup('migrate')
    expect(refused.stdout + refused.stderr).toContain('export `transaction = false`')
    const own = 'export async function up(db, client) { await client.withSession(async () => {}) }'
    write('app/0001_first.ts', own)
    const session = await setup('migrate')
    expect(session.stdout + session.stderr).toContain('The code starts a session of its own.')

    write('app/0001_first.ts', `export const transaction = false\n${rename}`)
    expect((await setup('migrate', '--dry-run')).stdout).toContain('must be idempotent')
    expect(await setup('migrate')).toMatchObject({ exitCode: 0 })
    expect(await database().collection('people').countDocuments({})).toBe(1)
    expect(await setup('rollback', '--yes')).toMatchObject({ exitCode: 2 })
  })

  it('refuses a file that was changed after it was applied, and one that is no migration', async () => {
    write('app/0001_first.ts', first)
    expect(await setup('migrate')).toMatchObject({ exitCode: 0 })
    write('app/0001_first.ts', `${first}// later\n`)
    const changed = await setup('migrate')
    expect(changed).toMatchObject({ exitCode: 2 })
    expect(changed.stderr).toContain('was changed after it was applied')
    expect(await setup('migrations', '--exit-code')).toMatchObject({ exitCode: 1 })
    write('app/0001_first.ts', first)
    write('app/0002_second.ts', 'export const nothing = 1')
    const empty = await setup('migrate', '--dry-run')
    expect(empty.stderr).toContain('The file exports no `up`.')
  })

  it('records what migrate-mongo has applied, and refuses to apply it again', async () => {
    const at = new Date('2025-01-02T03:04:05Z')
    await database()
      .collection('changelog')
      .insertOne({ fileName: '20160608155948-blacklist_the_beatles.js', appliedAt: at })
    await database().collection('changelog_lock').insertOne({ createdAt: at })
    write(
      'app/20160608155948_blacklist_the_beatles.js',
      'module.exports = { async up() { throw new Error("twice") }, async down() {} }',
    )
    write('app/20260101000000_second.ts', first)
    const refused = await setup('migrate')
    expect(refused).toMatchObject({ exitCode: 2 })
    expect(refused.stderr).toContain('`wwdb setup migrate --adopt`')
    expect((await setup('migrate', '--adopt')).stderr).toContain('holds its lock')
    await database().collection('changelog_lock').deleteMany({})
    expect((await setup('migrate', '--adopt', '--dry-run')).stdout).toContain(
      '= 20160608155948_blacklist_the_beatles: recorded as applied',
    )
    expect(await setup('migrate', '--adopt')).toMatchObject({ exitCode: 0 })
    expect(await states()).toEqual([
      ['20160608155948', 'applied'],
      ['20260101000000', 'applied'],
    ])
    expect(await setup('migrate')).toMatchObject({ exitCode: 0 })
    expect(await setup('rollback', '--yes', '--to', '0')).toMatchObject({ exitCode: 0 })
    expect((await setup('migrations')).stdout).not.toContain('migrate-mongo')
    expect(await states()).toEqual([])
  })

  it('lets one of two runs at once do it, and the other one finds it done', async () => {
    const slow = "await new Promise((go) => setTimeout(go, 1500)); await db.collection('totals')"
    write('app/0001_first.ts', first.replace("await db.collection('totals')", slow))
    const runs = [0, 1].map(() => startTool(['setup', 'migrate', '--json'], { cwd: folder }))
    const ended = await Promise.all(runs.map(({ ended: end }) => end))
    expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0])
    expect(await database().collection('accounts').countDocuments({})).toBe(2)
    expect(await database().collection('wwdb_migration_history').countDocuments({})).toBe(1)
    const steps = ended.map(
      ({ stdout }) => stdout.split('\n').filter((line) => line.includes('store-change-finished')).length,
    )
    expect(steps.toSorted()).toEqual([0, 1])
  })
})
