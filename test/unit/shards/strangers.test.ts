import { describe, expect, it } from 'vitest'
import type { Context } from '../../../src/command/context.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import { inspectShards } from '../../../src/shards/inspect/inspect-shards.ts'
import type { ShardServers, ShardStore } from '../../../src/shards/ports.ts'
import { makeRotationRequest } from '../../../src/shards/rotation/make-request.ts'
import type { RotationWork } from '../../../src/shards/rotation/request.ts'
import { runRotation } from '../../../src/shards/rotation/run-rotation.ts'
import type { ShardRecord } from '../../../src/shards/shard.ts'
import { configOf, databaseOf } from '../../helpers/migrations/engine.ts'
import { periodFamily } from '../../helpers/shards/families.ts'
import { RotationStage, schemaName } from '../../helpers/shards/rotation-stage.ts'
import { offlineContext } from '../../helpers/tool/offline-context.ts'

const vitess = { journal: 'user_db', ddlStrategy: 'vitess' } as const
const config = configOf([], { databases: [databaseOf(schemaName, { vitess }), databaseOf('other_db', { vitess })] })
const failure = (code: 'UNREACHABLE' | 'ACCESS_DENIED' | 'SCHEMA_MISSING' | 'LOCK_HELD') =>
  new ToolError(code, { what: `It is ${code}.` })

const dropping: ShardRecord = {
  ...{ family: 'letters', key: '2026-01', table: 'letters_202601', from: 0, to: 1, state: 'dropping' },
  ...{ templateVersion: 1, fingerprint: null, goneAt: null, seal: null, archive: null, protection: null },
  hold: { table: '_hold_20261201_00000000_letters_202601', at: 0, until: 0 },
}

/** A keyspace whose family has no template any more, and a drop that every shard has carried out. */
function openStage(): RotationStage {
  const stage = new RotationStage('2026-12-01T12:00:00Z', [])
  stage.schema.createRegistry()
  stage.schema.writeRegistry([dropping], [], null, [])
  return stage
}

type Changed = (store: ShardStore) => Partial<ShardStore>

/** @param opens what opening a database does in place of that */
function serversOf(stage: RotationStage, opens: Readonly<Record<string, Error | Changed>> = {}): ShardServers {
  const { servers } = stage.request()
  return {
    ...servers,
    open: async (database, ...others) => {
      const given = opens[database.name]
      if (given instanceof Error) throw given
      const store = await servers.open(database, ...others)
      return { ...store, ...given?.(store) }
    },
  }
}

const whole = new Set([schemaName, 'other_db'])
const rotate = (stage: RotationStage, changes: Partial<RotationWork> = {}) =>
  runRotation({ ...stage.request(), config, whole, servers: serversOf(stage), ...changes })

const stateOf = (stage: RotationStage) => stage.record('letters_202601')?.state

describe('a rotation of a project whose last template is gone', () => {
  it('ends what a run began there, and says so', async () => {
    const stage = openStage()
    const { outcomes, error } = await rotate(stage)
    expect(outcomes).toMatchObject([
      { family: 'letters', notes: [expect.stringContaining('had been dropped'), expect.anything()] },
    ])
    expect([error, stateOf(stage)]).toEqual([null, 'dropped'])
    // Then nothing is left.
    await expect(rotate(stage)).rejects.toMatchObject({ code: 'NO_FAMILIES' })
  })

  it.each([
    ['of another database', { whole: new Set(['other_db']) }],
    ['of named families', {}],
  ])('leaves it alone where it is %s', async (_, changes) => {
    const stage = openStage()
    const { whole: __, ...request } = stage.request()
    const running = runRotation({ ...request, config, servers: serversOf(stage), ...changes })
    await expect(running).rejects.toMatchObject({ code: 'NO_FAMILIES' })
    expect(stateOf(stage)).toBe('dropping')
  })
})

describe('a keyspace in which no family is left', () => {
  it.each(['UNREACHABLE', 'ACCESS_DENIED'] as const)(
    'that cannot be read (%s) is warned of, and decides the exit code',
    async (code) => {
      const stage = openStage()
      const { outcomes, error } = await rotate(stage, { servers: serversOf(stage, { other_db: failure(code) }) })
      expect(outcomes).toHaveLength(1)
      expect(error).toMatchObject({ code })
      expect(stage.events.filter(({ type }) => type === 'warning')).toMatchObject([
        { message: expect.stringContaining('`other_db`, where no family is left, was not seen: It is') },
      ])
    },
  )

  it('that does not exist has nothing that is left', async () => {
    const stage = openStage()
    const { error } = await rotate(stage, { servers: serversOf(stage, { other_db: failure('SCHEMA_MISSING') }) })
    expect([error, stage.events.filter(({ type }) => type === 'warning')]).toEqual([null, []])
  })

  it('is not waited for where another run works there, and is no failure then', async () => {
    const stage = openStage()
    const waits: number[] = []
    const held: Changed = () => ({
      lock: async (milliseconds) => {
        waits.push(milliseconds)
        throw failure('LOCK_HELD')
      },
    })
    const { outcomes, error } = await rotate(stage, { servers: serversOf(stage, { [schemaName]: held }) })
    expect([outcomes, error, waits, stateOf(stage)]).toEqual([[], null, [0], 'dropping'])
  })

  it('leaves no store open where another one fails by a defect', async () => {
    const stage = openStage()
    let closed = 0
    const counted: Changed = (store) => ({
      close: async () => {
        closed += 1
        await store.close()
      },
    })
    const servers = serversOf(stage, { [schemaName]: counted, other_db: new TypeError('a defect') })
    expect((await rotate(stage, { servers })).error).toBeInstanceOf(TypeError)
    expect(closed).toBe(1)
  })

  it('is left as it is by a run of named families, which would not tell of it', async () => {
    const stage = openStage()
    stage.families = [periodFamily('messages', 'month')]
    await rotate(stage, { whole: new Set(), only: new Set(['messages']) })
    expect(stateOf(stage)).toBe('dropping')
  })
})

/** A project without a template. */
function contextOf(
  stage: RotationStage,
  opens: Readonly<Record<string, Error>> = {},
  targets: readonly string[] = [],
): Context {
  const servers = serversOf(stage, opens)
  const own = { config: async () => config, port: async () => servers, now: () => stage.now }
  return { ...offlineContext('/project', targets), ...own } as unknown as Context
}

describe('what is asked of a project without a template', () => {
  it('is every database that is chosen, unless families are named', async () => {
    const stage = openStage()
    const options = { families: [], ahead: 0, at: null, mayBeEmpty: true }
    expect((await makeRotationRequest(contextOf(stage), options)).whole).toEqual(whole)
    const one = await makeRotationRequest(contextOf(stage, {}, ['other_db']), options)
    expect([one.whole, one.only]).toEqual([new Set(['other_db']), new Set()])
    const named = makeRotationRequest(contextOf(stage), { ...options, families: ['letters'] })
    await expect(named).rejects.toMatchObject({ code: 'NO_FAMILIES' })
  })

  it('is named by a check of the shards, which is wrong about nothing then', async () => {
    const stage = openStage()
    const { seen, unseen, exitCode } = await inspectShards(contextOf(stage, { other_db: failure('SCHEMA_MISSING') }))
    expect(seen.map(({ target }) => target.database)).toEqual([schemaName])
    expect([unseen, exitCode]).toEqual([[], null])
  })

  it('is not called well where a keyspace could not be read', async () => {
    const stage = openStage()
    const { seen, unseen, exitCode } = await inspectShards(contextOf(stage, { other_db: failure('UNREACHABLE') }))
    expect([seen.length, unseen, exitCode]).toEqual([1, [expect.objectContaining({ code: 'UNREACHABLE' })], 69])
  })

  it('is nothing where no run has left anything', async () => {
    const stage = new RotationStage('2026-12-01T12:00:00Z', [])
    await expect(inspectShards(contextOf(stage))).rejects.toMatchObject({ code: 'NO_FAMILIES' })
  })
})
