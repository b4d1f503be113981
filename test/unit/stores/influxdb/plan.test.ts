import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Declaration } from '../../../../src/stores/influxdb/declaration.ts'
import { plan as planAll } from '../../../../src/stores/influxdb/plan.ts'
import { planResources } from '../../../../src/stores/influxdb/plan-resources.ts'
import type { ObservedContent } from '../../../../src/stores/influxdb/ports.ts'
import { noOtherKinds } from '../../../helpers/influxdb/undeclared-kinds.ts'
import { contentOf, declarations } from './world.ts'

const plan = (declaration: Declaration, content: ObservedContent) =>
  planResources(declaration, { type: 'content', content }, new Map())

describe('the plan for an InfluxDB', () => {
  it('is empty where everything is as declared, and has one change for each missing resource', () => {
    fc.assert(
      fc.property(declarations, (declaration) => {
        const content = contentOf(declaration)
        const { buckets, downsamplings, tasks, checks, endpoints, rules, labels, tokens, mappings } = declaration
        const kinds = [buckets, downsamplings, tasks, checks, endpoints, rules, labels, tokens, mappings]
        const count = kinds.reduce((sum, kind) => sum + kind.length, 1)
        expect(plan(declaration, content).changes).toEqual([])
        expect(plan(declaration, content).unchanged).toHaveLength(count)
        const bare = planResources(declaration, { type: 'absent' }, new Map())
        expect(bare.changes.map(({ change }) => change.action)).toEqual(Array(count).fill('create'))
        expect(bare.changes.every(({ change }) => change.loss === null)).toBe(true)
        const fresh = planResources(declaration, { type: 'fresh' }, new Map())
        expect(fresh.changes).toHaveLength(count)
        expect(fresh.changes[0]?.operation.writes[0]?.type).toBe('set-up')
      }),
    )
  })

  it('treats a shorter retention, and nothing else, as a loss of points', () => {
    fc.assert(
      fc.property(declarations, fc.constantFrom(0, 3600, 7200, 10 ** 8), (declaration, seconds) => {
        const content = contentOf(declaration)
        const buckets = content.buckets.map((bucket) => ({ ...bucket, rule: { ...bucket.rule, seconds } }))
        for (const { change } of plan(declaration, { ...content, buckets }).changes) {
          const declared = declaration.buckets.find(({ name }) => name === change.resource.name)?.rule.seconds ?? 0
          const last = (one: number): number => (one === 0 ? Number.POSITIVE_INFINITY : one)
          expect(change.loss?.code).toBe(last(declared) < last(seconds) ? 'shorter-retention' : undefined)
        }
      }),
    )
  })

  it('always sends the complete rule of a bucket', () => {
    fc.assert(
      fc.property(declarations, (declaration) => {
        const content = contentOf(declaration)
        const buckets = content.buckets.map((bucket) => ({ ...bucket, rule: { seconds: 7, shardGroupSeconds: 7 } }))
        const { changes } = plan(declaration, { ...content, buckets })
        const writes = changes.flatMap(({ operation }) => operation.writes)
        const sent = writes.flatMap((write) => (write.type === 'update-bucket' ? [write.bucket] : []))
        expect(sent.map(({ rule }) => rule)).toEqual(declaration.buckets.map(({ rule }) => rule))
      }),
    )
  })

  it('never removes what is not declared, but names it', () => {
    fc.assert(
      fc.property(declarations, (declaration) => {
        const full = contentOf(declaration)
        const nothing = { ...declaration, buckets: [], downsamplings: [], ...noOtherKinds, tokens: [], mappings: [] }
        const observation = { version: '2.8.0', state: { type: 'content', content: full }, old: new Map() } as const
        const declared = { declaration: nothing, prefix: '', server: '127.0.0.1:8086', user: null }
        const { changes, findings } = planAll(declared, observation, 'apply')
        expect(changes).toEqual([])
        const names = findings.map(({ resource }) => `${resource?.kind} ${resource?.name}`)
        for (const { name } of full.buckets) expect(names).toContain(`bucket ${name}`)
        for (const { name } of full.tasks) expect(names).toContain(`task ${name}`)
        for (const { id } of full.tokens) expect(names.join()).toContain(id)
      }),
    )
  })

  it('replaces a token of other rights, revokes surplus ones, and removes unfinished ones', () => {
    const declaration: Declaration = {
      organization: { name: 'org', description: null },
      buckets: [{ name: 'b', description: null, rule: { seconds: 0, shardGroupSeconds: 3600 } }],
      downsamplings: [],
      ...noOtherKinds,
      tokens: [{ name: 't', read: ['b'], write: [], file: '/t' }],
      mappings: [],
    }
    const content = contentOf(declaration)
    const [right] = content.tokens
    if (right === undefined) throw new Error('there is no token')
    const wide = {
      ...right,
      id: 'wide',
      permissions: [{ action: 'write', kind: 'buckets', id: null, organizationId: 'id-org' }] as const,
    }
    const lost = { ...right, id: 'lost', description: 't (not handed out yet)', active: false }
    const replaced = plan(declaration, { ...content, tokens: [wide, lost] }).changes
    expect(replaced).toMatchObject([
      {
        change: {
          action: 'replace',
          loss: { code: 'revoked-token' },
          differences: [{ actual: 'write all buckets', declared: 'read b' }],
        },
        operation: { writes: [{ type: 'issue-token', token: { replaces: ['wide', 'lost'] } }] },
      },
    ])
    const own = { ...content, tokens: [{ ...wide, isOwn: true }] }
    const observation = { version: '2.8.0', state: { type: 'content', content: own }, old: new Map() } as const
    const declared = { declaration, prefix: '', server: '127.0.0.1:8086', user: null }
    expect(() => planAll(declared, observation, 'apply')).toThrow(expect.objectContaining({ code: 'STORE_OWN_USER' }))
    expect(planAll(declared, observation, 'compare').changes).toHaveLength(1)
    const cleared = plan(declaration, { ...content, tokens: [right, wide, lost] }).changes
    expect(cleared.map(({ change, operation }) => [change.action, change.loss?.code, operation.writes[0]])).toEqual([
      ['remove', 'revoked-token', { type: 'revoke-token', id: 'wide', file: null }],
      ['remove', undefined, { type: 'revoke-token', id: 'lost', file: null }],
    ])
  })
})
