import { describe, expect, it } from 'vitest'
import { type Declaration, nothingDeclared } from '../../../src/stores/mongodb/declaration.ts'
import type { Observation } from '../../../src/stores/mongodb/observe.ts'
import { plan } from '../../../src/stores/mongodb/plan.ts'
import { planOplog } from '../../../src/stores/mongodb/plan-oplog.ts'
import type { ObservedMember } from '../../../src/stores/mongodb/ports.ts'

const oplog = { megabytes: 2048, minRetentionHours: null }
const large = { host: 'a:1', address: 'a:1', bytes: 50 * 1024 ** 3, minRetentionHours: 0 }
const joining = [{ host: 'b:1', address: 'b:1' }]

describe('the oplog of members that are made or added', () => {
  it('is set behind that in the same plan, without a loss of its own', () => {
    const [change] = planOplog(oplog, { oplogs: [{ ...large, bytes: 2 * 1024 ** 3 }], joining, isNew: false })
    expect(change).toMatchObject({
      operation: { type: 'resize-oplog', addresses: ['b:1'], megabytes: 2048 },
      change: { summary: 'set the oplog to 2048 MB on b:1', differences: [], loss: null },
    })
    const [both] = planOplog(oplog, { oplogs: [large], joining, isNew: false })
    expect(both).toMatchObject({
      operation: { addresses: ['a:1', 'b:1'] },
      change: { loss: { code: 'smaller-cap', affected: ['a:1 (51200 MB)'] } },
    })
  })

  it('gets smaller without a loss in a set that this run has initiated', () => {
    expect(planOplog(oplog, { oplogs: [large], joining: [], isNew: true })).toMatchObject([{ change: { loss: null } }])
    expect(planOplog(oplog, { oplogs: [large], joining: [], isNew: false })).toMatchObject([
      { change: { loss: { code: 'smaller-cap' } } },
    ])
  })

  it('is not called as declared while nothing was read', () => {
    const settings = { electionTimeoutMillis: null, heartbeatIntervalMillis: null, catchUpTimeoutMillis: null }
    const declaration: Declaration = { ...nothingDeclared, oplog, replicaSet: { name: 'rs0', members: null, settings } }
    const fresh: ObservedMember = {
      host: 'a:1',
      address: 'a:1',
      version: '8.0.0',
      status: { type: 'fresh', setName: 'rs0', collections: 0, locked: false, removed: false },
    }
    const observation: Observation = {
      members: [fresh],
      catalog: null,
      profiling: [],
      oplogs: [],
      isNew: false,
      counts: new Map(),
    }
    const given = { declaration, prefix: '', server: 'a:1', user: null }
    const { changes, unchanged } = plan(given, observation, 'apply')
    expect(changes.map(({ operation }) => operation.type)).toEqual(['initiate', 'resize-oplog'])
    expect(unchanged).toEqual([])
  })
})
