import { afterAll, beforeAll, expect, it } from 'vitest'
import { readDeclarationDocument } from '../../../src/stores/declare/read-declarations.ts'
import { findDrift } from '../../../src/stores/find-drift.ts'
import { readDeclaration } from '../../../src/stores/mongodb/schema.ts'
import { describeMongodb, startMongodb, type TestMongodb } from '../../helpers/mongodb/mongodb.ts'
import { applyAll, openTestSession } from '../../helpers/mongodb/mongodb-session.ts'
import { type ImportProject, openImportProject } from '../../helpers/stores/import-project.ts'

function read(text: string) {
  const document = readDeclarationDocument(text, 'all.yaml')
  if (!('value' in document)) throw new Error(JSON.stringify(document))
  return readDeclaration([document])
}

describeMongodb('the oplog', () => {
  let servers: readonly TestMongodb[]
  const open = (text: string) => {
    const reading = read(`replicaSet: { name: rs0 }\n${text}`)
    if (reading.type === 'faults') throw new Error(JSON.stringify(reading.faults))
    return openTestSession({ addresses: servers.map(({ address }) => address), declaration: reading.declaration })
  }
  const sizes = (of = servers): Promise<readonly unknown[]> =>
    Promise.all(
      of.map(async ({ client }) => {
        const { maxSize } = await client.db('local').command({ collStats: 'oplog.rs' })
        return Number(maxSize) / 1024 ** 2
      }),
    )

  beforeAll(async () => {
    servers = await Promise.all([startMongodb({}), startMongodb({}), startMongodb({})])
    await applyAll(open(''))
  })
  afterAll(async () => {
    await Promise.all((servers ?? []).map((server) => server.stop()))
  })

  it('has the declared size and age on every member, and one that differs is named and put right', async () => {
    const session = open('oplog: { size: 1200mb, minRetention: 36h }')
    const changes = await applyAll(session)
    expect(changes).toMatchObject([{ resource: { kind: 'oplog' }, loss: null }])
    expect(await sizes()).toEqual([1200, 1200, 1200])
    expect((await session.plan()).changes).toEqual([])
    expect((await session.plan()).unchanged).toContainEqual({ kind: 'oplog', name: 'of each member' })
    await servers[2]?.client.db('admin').command({ replSetResizeOplog: 1, size: 1500, minRetentionHours: 1.5 })
    const [found] = findDrift(await session.compare())
    expect(found).toMatchObject({
      code: 'STORE_DRIFT',
      differences: [
        { path: 'megabytes', actual: '1500', declared: '1200' },
        { path: 'minRetentionHours', actual: '1.5', declared: '36' },
      ],
    })
    const [change] = (await session.plan()).changes
    expect(change?.loss).toMatchObject({ code: 'smaller-cap', affected: [`${servers[2]?.address} (1500 MB)`] })
    expect(change?.summary).toBe(`set the oplog to 1200 MB and to keep at least 36 hours on ${servers[2]?.address}`)
    await applyAll(session)
    expect(await sizes()).toEqual([1200, 1200, 1200])
    await session.close()
  })

  it('asks before it gets smaller, or keeps its entries for less long, and never before it gets larger', async () => {
    const lossOf = async (oplog: string) => {
      const session = open(`oplog: ${oplog}`)
      const { changes } = await session.plan()
      await session.close()
      return changes.map(({ loss }) => loss?.code ?? null)
    }
    expect(await lossOf('{ size: 1000mb }')).toEqual(['smaller-cap'])
    expect(await lossOf('{ minRetention: 35h }')).toEqual(['smaller-cap'])
    expect(await lossOf('{ size: 2gb, minRetention: 48h }')).toEqual([null])
    expect(await lossOf('{ size: 1200mb }')).toEqual([])
  })

  it('is set on the members of a new set and on one that is added, in the run that makes them, without a question', async () => {
    const options = { flags: ['--oplogMinRetentionHours', '48'] }
    const fresh = await Promise.all([startMongodb(options), startMongodb(options), startMongodb(options)])
    const projects: ImportProject[] = []
    try {
      const apply = async (some: readonly TestMongodb[]) => {
        const url = `mongodb://${some.map(({ address }) => address).join(',')}`
        const project = openImportProject('mongodb', { url })
        projects.push(project)
        project.write(
          'migrations/mongodb/all.yaml',
          'replicaSet: { name: rs0 }\noplog: { size: 1200mb, minRetention: 24h }',
        )
        const planned = (await project.setup('plan')).stdout
        expect(await project.setup('apply', '--yes')).toMatchObject({ exitCode: 0 })
        expect(await project.changes()).toEqual([])
        return planned
      }
      const work = 'set the oplog to 1200 MB and to keep at least 24 hours'
      const [first, second, third] = fresh
      if (first === undefined || second === undefined || third === undefined) throw new Error('there are no servers')
      const planned = await apply([first, second])
      expect(planned).toContain(`${work} on ${first.address}, ${second.address}`)
      expect(planned).toContain('0 as declared')
      expect(await sizes([first, second])).toEqual([1200, 1200])
      expect(await apply(fresh)).toContain(`${work} on ${third.address}`)
      expect(await sizes(fresh)).toEqual([1200, 1200, 1200])
    } finally {
      for (const project of projects) project.close()
      await Promise.all(fresh.map((server) => server.stop()))
    }
  })

  it('is refused in sizes that the server does not take', () => {
    for (const [oplog, says] of [
      ['{ size: 900mb }', 'must be whole megabytes, at least "990mb"'],
      ['{ size: 1000000kb }', 'must be whole megabytes, at least "990mb"'],
      ['{}', 'must have `size` or `minRetention`'],
    ] as const) {
      const reading = read(`oplog: ${oplog}`)
      expect(reading.type === 'faults' ? reading.faults[0]?.what : null).toContain(says)
    }
  })
})
