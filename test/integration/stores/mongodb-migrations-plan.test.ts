import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type CodeProject, openCodeProject, saidBy } from '../../helpers/mongodb/code-project.ts'
import { describeMongodb, quickSettings, startMongodb, type TestMongodb } from '../../helpers/mongodb/mongodb.ts'
import { applyAll, emptyDeclaration, openTestSession } from '../../helpers/mongodb/mongodb-session.ts'

/** Counts how often it took effect, in both directions. */
const counting = `
export const up = (db) => db.collection('counts').updateOne({ _id: 1 }, { $inc: { count: 1 } }, { upsert: true })
export const down = (db) => db.collection('counts').updateOne({ _id: 1 }, { $inc: { count: -1 } })
`

describeMongodb('what a run of migrations of MongoDB does', () => {
  let server: TestMongodb
  let project: CodeProject
  let round = 0
  let name = ''

  beforeAll(async () => {
    server = await startMongodb()
    const session = openTestSession({ addresses: [server.address], declaration: emptyDeclaration(quickSettings) })
    await applyAll(session)
    await session.close()
  })

  afterAll(() => server.stop())

  beforeEach(() => {
    round += 1
    name = `plan${round}`
    project = openCodeProject(server, name)
  })

  afterEach(() => project.close())

  const locks = () => server.client.db('wwdb').collection<{ _id: string }>('setup_lock')
  const walkOf = (collection: string, refused: number | null): string => `
export const up = {
  collection: '${collection}',
  size: 5,
  change: async (documents, { collection }) => {
    if (documents.some(({ _id }) => _id === ${refused})) throw new Error('not this one')
    await collection.updateMany({ _id: { $in: documents.map(({ _id }) => _id) } }, { $inc: { passes: 1 } })
  },
}
export const down = { ...up, change: (documents, { collection }) => collection.updateMany({}, { $unset: { passes: '' } }) }
`
  const fill = (collection: string, count: number) =>
    project.database
      .collection<{ _id: number; passes: number }>(collection)
      .insertMany(Array.from({ length: count }, (_, _id) => ({ _id, passes: 0 })))
  const passes = async (collection: string): Promise<readonly unknown[]> =>
    project.database.collection(collection).distinct('passes')

  it('takes back what was confirmed, and not the one below it, where another run was first', async () => {
    for (const version of ['0001', '0002']) project.write(`app/${version}_count.mjs`, counting)
    expect(await project.setup('migrate')).toMatchObject({ exitCode: 0 })
    const until = new Date(Date.now() + 600_000)
    const held = { owner: 'test', holder: 'a test', since: new Date(), until }
    await locks().updateOne({ _id: 'setup' }, { $set: held }, { upsert: true })
    const runs = [0, 1].map(() => project.start('rollback', '--yes', '--json', '--lock-timeout', '60s'))
    await Promise.all(runs.map((run) => run.says('stdout', 'Waiting for the lock')))
    await locks().updateOne({ _id: 'setup' }, { $set: { owner: null } })
    const ended = await Promise.all(runs.map((run) => run.ended))
    expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0])
    expect(await project.states()).toEqual([['0001', 'applied']])
    expect(await project.database.collection('counts').findOne({})).toMatchObject({ count: 1 })
  })

  it('continues a walk as the walk that was begun, whatever its file is called, and refuses another one', async () => {
    await fill('notes', 20)
    await fill('others', 20)
    project.write('app/2_walk.mjs', walkOf('notes', 12))
    expect(await project.setup('migrate')).toMatchObject({ exitCode: 2 })
    for (const text of [walkOf('others', null), counting]) {
      project.write('app/2_walk.mjs', text)
      const refused = await project.setup('migrate')
      expect(refused).toMatchObject({ exitCode: 2 })
      expect(saidBy(refused)).toContain('was begun as a walk of notes')
    }
    expect(await passes('others')).toEqual([0])
    project.remove('app/2_walk.mjs')
    project.write('app/0002_walk.mjs', walkOf('notes', null))
    expect(await project.setup('migrate')).toMatchObject({ exitCode: 0 })
    expect(await passes('notes')).toEqual([1])
    expect(await project.states()).toEqual([['2', 'applied']])
    project.remove('app/0002_walk.mjs')
    project.write('app/00002_walk.mjs', walkOf('notes', null))
    expect(await project.setup('rollback', '--yes')).toMatchObject({ exitCode: 0 })
    expect(await project.states()).toEqual([])
    expect(await passes('notes')).toEqual([])
  })

  it('may make another walk of one that has passed nothing', async () => {
    await fill('notes', 20)
    project.write('app/0001_walk.mjs', walkOf('notes', 0))
    expect(await project.setup('migrate')).toMatchObject({ exitCode: 2 })
    await fill('others', 20)
    project.write('app/0001_walk.mjs', walkOf('others', null))
    expect(await project.setup('migrate')).toMatchObject({ exitCode: 0 })
    expect([await passes('notes'), await passes('others')]).toEqual([[0], [1]])
  })

  it('refuses a file that sorts before an applied one, unless the policy lets it run', async () => {
    project.write('app/0002_second.mjs', counting)
    expect(await project.setup('migrate')).toMatchObject({ exitCode: 0 })
    project.write('app/0001_first.mjs', counting)
    const refused = await project.setup('migrate')
    expect(refused).toMatchObject({ exitCode: 2 })
    expect(saidBy(refused)).toContain('sorts before 0002, which is already applied')
    const warned = await project.setup('migrate', '--dry-run', '--out-of-order', 'warn')
    expect(warned).toMatchObject({ exitCode: 0 })
    expect(saidBy(warned)).toContain('runs out of order: 0002 ran before it')
    expect(await project.setup('migrate', '--out-of-order', 'allow')).toMatchObject({ exitCode: 0 })
  })

  it('goes to a version that one of two databases has, and needs no file of what it does not take back', async () => {
    const other = `migrations/${name}other.mongodb`
    project.write('app/0001_first.mjs', counting)
    project.write('app/0003_third.mjs', counting)
    project.write(`${other}/0002_second.mjs`, counting)
    project.write(`${other}/0005_fifth.mjs`, counting)
    expect(saidBy(await project.setup('migrate', '--to', '0004'))).toContain('No migration of MongoDB has the version')
    expect(await project.setup('migrate', '--to', '0002')).toMatchObject({ exitCode: 0 })
    expect(await project.states()).toEqual([['0001', 'applied']])
    expect(await project.setup('migrate', '--to', '0005')).toMatchObject({ exitCode: 0 })
    project.remove('app/0001_first.mjs')
    expect(await project.setup('rollback', '--yes', '--to', '0002')).toMatchObject({ exitCode: 0 })
    expect(await project.states()).toEqual([['0001', 'applied']])
    const missing = await project.setup('rollback', '--yes', '--to', '0')
    expect(missing).toMatchObject({ exitCode: 2 })
    expect(saidBy(missing)).toContain('The file of 0001 is missing.')
  })

  it('finds the changelog of migrate-mongo under another name, and takes over two files of one time', async () => {
    const at = new Date('2025-01-02T03:04:05Z')
    const fileNames = ['20160608155948-a.js', '20160608155948-b.js']
    await project.database.collection('done').insertMany(fileNames.map((fileName) => ({ fileName, appliedAt: at })))
    project.write('app/20160608155948_a.js', 'exports.up = () => { throw new Error("twice") }')
    const refused = await project.setup('migrate')
    expect(refused).toMatchObject({ exitCode: 2 })
    expect(saidBy(refused)).toContain('Its collection `done` names them.')
    const missing = await project.setup('migrate', '--adopt')
    expect(saidBy(missing)).toContain('one of both needs another version before the same name')
    project.write('app/20160608155949_b.js', 'exports.up = () => { throw new Error("twice") }')
    expect(await project.setup('migrate', '--adopt')).toMatchObject({ exitCode: 0 })
    expect((await project.states()).map(([version]) => version)).toEqual(['20160608155948', '20160608155949'])
    expect(saidBy(await project.setup('migrate'))).toContain('nothing to do, 2 migrations applied')
  })

  it('does not take a line of the changelog for applied because another file has its version', async () => {
    project.write('app/0001_mine.mjs', counting)
    expect(await project.setup('migrate')).toMatchObject({ exitCode: 0 })
    await project.database.collection('changelog').insertOne({ fileName: '0001-theirs.js', appliedAt: new Date() })
    expect(saidBy(await project.setup('migrate'))).toContain('migrate-mongo has applied 1 migrations')
    expect((await project.setup('migrations')).stdout).toContain('0001-theirs.js')
  })
})
