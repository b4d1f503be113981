import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type CodeProject, openCodeProject, saidBy } from '../../helpers/mongodb/code-project.ts'
import { describeMongodb, quickSettings, startMongodb, type TestMongodb } from '../../helpers/mongodb/mongodb.ts'
import { applyAll, emptyDeclaration, openTestSession } from '../../helpers/mongodb/mongodb-session.ts'

describeMongodb('what code of a migration of MongoDB may do', () => {
  let server: TestMongodb
  let project: CodeProject
  let round = 0

  beforeAll(async () => {
    // Transactions live shorter than anybody waits for a test.
    server = await startMongodb({ flags: ['--setParameter', 'transactionLifetimeLimitSeconds=6'] })
    const session = openTestSession({ addresses: [server.address], declaration: emptyDeclaration(quickSettings) })
    await applyAll(session)
    await session.close()
  })

  afterAll(() => server.stop())

  beforeEach(() => {
    round += 1
    project = openCodeProject(server, `code${round}`)
  })

  afterEach(() => project.close())

  const collection = (name: string) => project.database.collection<{ _id: number; passes?: number }>(name)
  const fill = (name: string, count: number) =>
    collection(name).insertMany(Array.from({ length: count }, (_, at) => ({ _id: at, passes: 0 })))

  it('refuses what the code did not wait for, and records and keeps nothing of it', async () => {
    await fill('a', 20)
    const forgetful = `
export async function up(db) {
  const docs = await db.collection('a').find({}).toArray()
  docs.forEach(async (d) => {
    await db.collection('a').findOne({ _id: d._id })
    await db.collection('b').updateOne({ _id: d._id }, { $set: { x: 1 } }, { upsert: true })
  })
}`
    project.write('app/0001_forgetful.mjs', forgetful)
    for (const transaction of ['', 'export const transaction = false\n']) {
      project.write('app/0001_forgetful.mjs', transaction + forgetful)
      const run = await project.setup('migrate')
      expect(run).toMatchObject({ exitCode: 2 })
      expect(saidBy(run)).toContain('operations that it did not wait for')
      expect((await project.states()).map(([, state]) => state)).toEqual(transaction === '' ? [] : ['open'])
      expect(await collection('b').countDocuments({})).toBe(0)
    }
  })

  it('lets code begin with many operations at once', async () => {
    project.write(
      'app/0001_all.mjs',
      `export const up = (db) =>
  Promise.all(Array.from({ length: 20 }, (_, at) => db.collection('a').insertOne({ _id: at })))`,
    )
    const run = await project.setup('migrate')
    expect(saidBy(run)).toContain('1 of 1 migration done')
    expect(await collection('a').countDocuments({})).toBe(20)
  })

  it('names the error that the code caught, and calls the code once', async () => {
    await fill('a', 1)
    const text = `
export async function up(db) {
  console.log('called')
  try { await db.collection('a').insertOne({ _id: 0 }) } catch {}
  await db.collection('b').insertOne({ _id: 1 })
}`
    project.write('app/0001_caught.mjs', text)
    const run = await project.setup('migrate')
    expect(run).toMatchObject({ exitCode: 2 })
    expect(saidBy(run)).toContain('E11000')
    expect(saidBy(run).match(/^called$/gm)).toHaveLength(1)
    project.write(
      'app/0001_caught.mjs',
      text.replace('export async function up(db) {', walkOf("'a'")).replace(/}$/, '} }'),
    )
    const walk = await project.setup('migrate')
    expect(saidBy(walk)).toContain('E11000')
    expect(saidBy(walk).match(/^called$/gm)).toHaveLength(1)
  })

  const walkOf = (name: string): string =>
    `export const up = { collection: ${name}, size: 10, change: async (documents, { db }) => {`

  it('says that a transaction does not live as long as the code takes, and calls it once', async () => {
    const text = `
export async function up(db) {
  console.log('called')
  for (let at = 0; at < 40; at += 1) {
    await db.collection('a').insertOne({ _id: at })
    await new Promise((go) => setTimeout(go, 300))
  }
}`
    project.write('app/0001_long.mjs', text)
    const run = await project.setup('migrate')
    expect(run).toMatchObject({ exitCode: 2 })
    expect(saidBy(run)).toContain('Export a walk')
    expect(saidBy(run).match(/^called$/gm)).toHaveLength(1)
    project.write('app/0001_long.mjs', 'export const up = () => new Promise(() => {})')
    const hung = await project.setup('migrate')
    expect(hung).toMatchObject({ exitCode: 2 })
    expect(saidBy(hung)).toContain('has asked nothing of MongoDB for')
    expect(await project.states()).toEqual([])
  })

  it('runs a file that was begun outside a transaction as what it is corrected to, once', async () => {
    const body = "await db.collection('a').updateOne({ _id: 1 }, { $inc: { passes: 1 } }, { upsert: true })"
    project.write(
      'app/0001_begun.mjs',
      `export const transaction = false\nexport async function up(db) { ${body}; throw new Error('half') }`,
    )
    expect(await project.setup('migrate')).toMatchObject({ exitCode: 2 })
    expect(await project.states()).toEqual([['0001', 'open']])
    project.write('app/0001_begun.mjs', `export async function up(db) { console.log('called'); ${body} }`)
    const run = await project.setup('migrate')
    expect(run).toMatchObject({ exitCode: 0 })
    expect(saidBy(run).match(/^called$/gm)).toHaveLength(1)
    expect(await collection('a').findOne({})).toEqual({ _id: 1, passes: 2 })
    expect(await project.states()).toEqual([['0001', 'applied']])
  })

  it('takes an error of a client that the code has opened itself for one of the code', async () => {
    project.write(
      'app/0001_other.mjs',
      `export async function up(db, client) {
  console.log('called')
  const other = new client.constructor('mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200')
  await other.db('x').collection('y').findOne({})
}`,
    )
    const run = await project.setup('migrate')
    expect(run).toMatchObject({ exitCode: 2 })
    expect(saidBy(run)).toContain('ECONNREFUSED')
    expect(saidBy(run).match(/^called$/gm)).toHaveLength(1)
  })

  it('ends a walk that inserts into its own collection', async () => {
    await fill('a', 30)
    project.write(
      'app/0001_copies.mjs',
      `export const up = {
  collection: 'a',
  size: 7,
  change: (documents, { collection }) => collection.insertMany(documents.map(({ _id }) => ({ _id: _id + 1000 }))),
}`,
    )
    expect(await project.setup('migrate')).toMatchObject({ exitCode: 0 })
    expect(await collection('a').countDocuments({})).toBe(60)
    expect(await project.journal.findOne({ _id: '0001' })).toMatchObject({ documents: 30 })
  })

  it('ends a walk beside a writer that changes a document of it again and again, with smaller batches', async () => {
    await fill('a', 64)
    project.write(
      'app/0001_busy.mjs',
      `export const up = {
  collection: 'a',
  size: 64,
  change: async (documents, { collection }) => {
    for (const { _id } of documents) {
      await collection.updateOne({ _id }, { $inc: { passes: 1 } })
      await new Promise((go) => setTimeout(go, 5))
    }
  },
}`,
    )
    const run = project.start('migrate')
    let ended = false
    const writing = (async () => {
      while (!ended) await collection('a').updateOne({ _id: 63 }, { $set: { seen: Math.random() } } as never)
    })()
    const result = await run.ended
    ended = true
    await writing
    expect(result).toMatchObject({ exitCode: 0 })
    expect(await collection('a').countDocuments({ passes: 1 })).toBe(64)
  })
})
