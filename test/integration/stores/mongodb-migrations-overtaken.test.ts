import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { kill } from 'node:process'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type CodeProject, openCodeProject, saidBy } from '../../helpers/mongodb/code-project.ts'
import { describeMongodb, quickSettings, startMongodb, type TestMongodb } from '../../helpers/mongodb/mongodb.ts'
import { applyAll, emptyDeclaration, openTestSession } from '../../helpers/mongodb/mongodb-session.ts'
import type { RunningTool } from '../../helpers/tool/tool.ts'

describeMongodb('a run of migrations of MongoDB that is paused, overtaken, killed or stopped', () => {
  let server: TestMongodb
  let project: CodeProject
  let round = 0
  const count = 200

  beforeAll(async () => {
    server = await startMongodb()
    const session = openTestSession({ addresses: [server.address], declaration: emptyDeclaration(quickSettings) })
    await applyAll(session)
    await session.close()
  })

  afterAll(() => server.stop())

  beforeEach(async () => {
    round += 1
    project = openCodeProject(server, `over${round}`)
    await notes().insertMany(Array.from({ length: count }, (_, _id) => ({ _id, passes: 0 })))
  })

  afterEach(() => project.close())

  const notes = () => project.database.collection<{ _id: number; passes: number }>('notes')
  const locks = () => server.client.db('wwdb').collection<{ _id: string; owner?: string }>('setup_lock')
  const pidFile = (): string => join(project.folder, 'pid')
  /** Says which process runs the code. */
  const sayPid = (): string =>
    `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(pidFile())}, String(process.pid))\n`
  /** Takes twenty seconds, which no test waits for, unless the folder has the file `fast`. */
  const slowWalk = (): string => `${sayPid()}
import { existsSync } from 'node:fs'
const pause = existsSync(${JSON.stringify(join(project.folder, 'fast'))}) ? 0 : 100
export const up = {
  collection: 'notes',
  size: 1,
  change: async ([{ _id }], { collection }) => {
    await collection.updateOne({ _id }, { $inc: { passes: 1 } })
    await new Promise((go) => setTimeout(go, pause))
  },
}`
  const passed = async (): Promise<number> => Number((await project.journal.findOne({ _id: '0001' }))?.documents ?? 0)
  const walking = () => expect.poll(passed, { timeout: 60_000 }).toBeGreaterThan(3)
  const childOf = (): number => Number(readFileSync(pidFile(), 'utf8'))
  const pidOf = ({ child }: RunningTool): number => child.pid ?? 0
  /** What the server's clock would do fifteen seconds after the last renewal. */
  const expire = () => locks().updateOne({ _id: 'setup' }, { $set: { until: new Date(0) } })
  const owner = async (): Promise<string | undefined> => (await locks().findOne({ _id: 'fence' }))?.owner

  it('commits no batch once another run has the lock, although only the process that renews it is paused', async () => {
    project.write('app/0001_walk.mjs', slowWalk())
    const declared = { databases: { declared: { collections: { notes: { indexes: [{ key: { at: 1 } }] } } } } }
    project.write('migrations/mongodb/all.yaml', JSON.stringify(declared))
    const run = project.start('migrate')
    await walking()
    const first = await owner()
    kill(pidOf(run), 'SIGSTOP')
    await expire()
    const applying = project.start('apply')
    await expect.poll(owner, { timeout: 60_000 }).not.toBe(first)
    const before = await passed()
    expect(await applying.ended).toMatchObject({ exitCode: 0 })
    kill(pidOf(run), 'SIGCONT')
    const ended = await run.ended
    expect(ended).toMatchObject({ exitCode: 2 })
    expect(saidBy(ended)).toContain('This run no longer holds the lock of mongodb')
    expect(await passed()).toBe(before)
    expect(await notes().countDocuments({ passes: 1 })).toBe(before)
  })

  it('does nothing more where the run and its code were paused and a second run has done it all', async () => {
    project.write('app/0001_walk.mjs', slowWalk())
    const run = project.start('migrate')
    await walking()
    const processes = [pidOf(run), childOf()]
    for (const one of processes) kill(one, 'SIGSTOP')
    await expire()
    project.write('fast', '')
    expect(await project.setup('migrate')).toMatchObject({ exitCode: 0 })
    for (const one of processes) kill(one, 'SIGCONT')
    const ended = await run.ended
    expect(ended).toMatchObject({ exitCode: 2 })
    expect(saidBy(ended)).toContain('This run no longer holds the lock of mongodb')
    expect(await notes().countDocuments({ passes: 1 })).toBe(count)
    expect(await project.database.collection('wwdb_migration_history').countDocuments({})).toBe(1)
  })

  it('ends code outside a transaction once another run has the lock', async () => {
    project.write(
      'app/0001_outside.mjs',
      `${sayPid()}
export const transaction = false
export const up = () => new Promise((go) => setTimeout(go, 600_000))`,
    )
    const run = project.start('migrate')
    await expect.poll(() => existsSync(pidFile()), { timeout: 60_000 }).toBe(true)
    await expect.poll(project.states, { timeout: 60_000 }).toEqual([['0001', 'open']])
    await locks().updateOne({ _id: 'fence' }, { $set: { owner: 'another' } })
    const ended = await run.ended
    expect(ended).toMatchObject({ exitCode: 2 })
    expect(saidBy(ended)).toContain('This run no longer holds the lock of mongodb')
  })

  it('goes on behind the last batch where the process of the code alone was killed', async () => {
    project.write('app/0001_walk.mjs', slowWalk())
    const run = project.start('migrate')
    await walking()
    kill(childOf(), 'SIGKILL')
    const ended = await run.ended
    expect(ended).toMatchObject({ exitCode: 2 })
    expect(saidBy(ended)).toContain('The batches before it are committed')
    project.write('fast', '')
    expect(await project.setup('migrate')).toMatchObject({ exitCode: 0 })
    expect(await notes().countDocuments({ passes: 1 })).toBe(count)
  })

  it('ends with the code of the signal: behind the batch, and at once with the second one', async () => {
    project.write('app/0001_walk.mjs', slowWalk())
    const terminated = project.start('migrate')
    await walking()
    terminated.child.kill('SIGTERM')
    expect(await terminated.ended).toMatchObject({ exitCode: 143 })

    project.write('app/0001_walk.mjs', slowWalk().replace('setTimeout(go, pause)', 'setTimeout(go, 600_000)'))
    const interrupted = project.start('migrate', '--json')
    await interrupted.says('stdout', 'store-change-started')
    interrupted.child.kill('SIGINT')
    await interrupted.says('stdout', '"how":"after-statement"')
    interrupted.child.kill('SIGINT')
    const ended = await interrupted.ended
    expect(ended).toMatchObject({ exitCode: 130 })
    expect(saidBy(ended)).toContain('"code":"STOPPED"')
    expect(await project.states()).toEqual([['0001', 'open']])
  })

  it('does not wait for code that does nothing once a program asks it to stop', async () => {
    project.write('app/0001_hung.mjs', `${sayPid()}export const up = () => new Promise(() => {})`)
    const run = project.start('migrate', '--json')
    await run.says('stdout', 'store-change-started')
    run.child.kill('SIGTERM')
    expect(await run.ended).toMatchObject({ exitCode: 143 })
    expect(await project.states()).toEqual([])
  })
})
