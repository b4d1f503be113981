import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { InfluxDeclaration } from '../../../../src/stores/influxdb/declaration.ts'
import type { ObservedContent } from '../../../../src/stores/influxdb/observation.ts'
import { planInflux } from '../../../../src/stores/influxdb/plan.ts'
import { contentOf, declarations } from './world.ts'

const plan = (declaration: InfluxDeclaration, content: ObservedContent) =>
  planInflux(declaration, { type: 'content', content }, new Map())

describe('the plan for an InfluxDB', () => {
  it('is empty where all is as declared, and one step for each thing that is missing', () => {
    fc.assert(
      fc.property(declarations, (declaration) => {
        const content = contentOf(declaration)
        const { buckets, downsamplings, tokens, mappings } = declaration
        const count = 1 + buckets.length + downsamplings.length + tokens.length + mappings.length
        expect(plan(declaration, content).steps).toEqual([])
        expect(plan(declaration, content).unchanged).toHaveLength(count)
        const bare = planInflux(declaration, { type: 'absent' }, new Map())
        expect(bare.steps.map(({ change }) => change.action)).toEqual(Array(count).fill('create'))
        expect(bare.steps.every(({ change }) => change.loss === null)).toBe(true)
        const fresh = planInflux(declaration, { type: 'fresh' }, new Map())
        expect(fresh.steps).toHaveLength(count)
        expect(fresh.steps[0]?.deeds[0]?.type).toBe('set-up')
      }),
    )
  })

  it('takes a shorter retention, and nothing but that, for a loss of points', () => {
    fc.assert(
      fc.property(declarations, fc.constantFrom(0, 3600, 7200, 10 ** 8), (declaration, seconds) => {
        const content = contentOf(declaration)
        const buckets = content.buckets.map((bucket) => ({ ...bucket, rule: { ...bucket.rule, seconds } }))
        for (const { change } of plan(declaration, { ...content, buckets }).steps) {
          const declared = declaration.buckets.find(({ name }) => name === change.resource.name)?.rule.seconds ?? 0
          const last = (one: number): number => (one === 0 ? Number.POSITIVE_INFINITY : one)
          expect(change.loss?.code).toBe(last(declared) < last(seconds) ? 'shorter-retention' : undefined)
        }
      }),
    )
  })

  it('always sends the whole rule of a bucket', () => {
    fc.assert(
      fc.property(declarations, (declaration) => {
        const content = contentOf(declaration)
        const buckets = content.buckets.map((bucket) => ({ ...bucket, rule: { seconds: 7, shardGroupSeconds: 7 } }))
        const deeds = plan(declaration, { ...content, buckets }).steps.flatMap((step) => step.deeds)
        const sent = deeds.flatMap((deed) => (deed.type === 'update-bucket' ? [deed.bucket] : []))
        expect(sent.map(({ rule }) => rule)).toEqual(declaration.buckets.map(({ rule }) => rule))
      }),
    )
  })

  it('never removes what nobody declared; it says that it is there', () => {
    fc.assert(
      fc.property(declarations, (declaration) => {
        const full = contentOf(declaration)
        const nothing = { ...declaration, buckets: [], downsamplings: [], tokens: [], mappings: [] }
        const { steps, undeclared } = plan(nothing, full)
        expect(steps).toEqual([])
        const names = undeclared.map(({ resource: { kind, name } }) => `${kind} ${name}`)
        for (const { name } of full.buckets) expect(names).toContain(`bucket ${name}`)
        for (const { name } of full.tasks) expect(names).toContain(`task ${name}`)
        for (const { id } of full.tokens) expect(names.join()).toContain(id)
      }),
    )
  })

  it('replaces a token of other rights, revokes surplus ones, and clears away what nobody got', () => {
    const declaration: InfluxDeclaration = {
      organization: { name: 'org', description: null },
      buckets: [{ name: 'b', description: null, rule: { seconds: 0, shardGroupSeconds: 3600 } }],
      downsamplings: [],
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
    const replaced = plan(declaration, { ...content, tokens: [wide, lost] }).steps
    expect(replaced).toMatchObject([
      {
        change: {
          action: 'replace',
          loss: { code: 'revoked-token' },
          differences: [{ actual: 'write all buckets', declared: 'read b' }],
        },
        deeds: [{ type: 'issue-token', token: { replaces: ['wide', 'lost'] } }],
      },
    ])
    const cleared = plan(declaration, { ...content, tokens: [right, wide, lost] }).steps
    expect(cleared.map(({ change, deeds }) => [change.action, change.loss?.code, deeds[0]])).toEqual([
      ['remove', 'revoked-token', { type: 'revoke-token', id: 'wide', file: null }],
      ['remove', undefined, { type: 'revoke-token', id: 'lost', file: null }],
    ])
  })
})
