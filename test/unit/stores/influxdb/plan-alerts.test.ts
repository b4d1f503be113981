import { describe, expect, it } from 'vitest'
import { normalValues } from '../../../../src/stores/influxdb/alerts.ts'
import type { Declaration } from '../../../../src/stores/influxdb/declaration.ts'
import { hasDigests } from '../../../../src/stores/influxdb/driver-alerts.ts'
import { plan } from '../../../../src/stores/influxdb/plan.ts'
import { findUncompared, planAlerts } from '../../../../src/stores/influxdb/plan-alerts.ts'
import type { ObservedAlert, ObservedContent } from '../../../../src/stores/influxdb/ports.ts'
import { noOtherKinds } from '../../../helpers/influxdb/undeclared-kinds.ts'
import { check, contentOf, endpoint, observedAlert, rule } from './world.ts'

const declaration: Declaration = {
  organization: { name: 'o', description: null },
  buckets: [],
  downsamplings: [],
  ...noOtherKinds,
  checks: [check],
  endpoints: [endpoint],
  rules: [rule],
  tokens: [],
  mappings: [],
}
const content = contentOf(declaration)

function differences(found: ObservedAlert, of: keyof Pick<ObservedContent, 'checks' | 'endpoints' | 'rules'>) {
  const { changes } = planAlerts(declaration, { ...content, [of]: [found] })
  return changes.flatMap(({ change }) => (change.resource.name === found.name ? change.differences : []))
}

describe('what InfluxDB warns with', () => {
  it('differs by each value, and by nothing that only reads otherwise', () => {
    const found = observedAlert(check)
    const source = { ...check.values, type: 'threshold' }
    const said = (values: object) =>
      differences({ ...found, values: normalValues('check', { ...source, ...values }) }, 'checks')
    expect(said({ every: '60s', offset: '', query: ' x = 1\n' })).toEqual([])
    expect(said({ every: '2m' })).toEqual([{ path: 'every', actual: '2m', declared: '1m' }])
    expect(said({ thresholds: [{ type: 'greater', level: 'CRIT', value: 9, allValues: true }] })).toMatchObject([
      { path: 'thresholds', actual: expect.stringContaining('"allValues":true') },
    ])
    expect(differences({ ...found, active: false }, 'checks')).toMatchObject([{ path: 'status', actual: 'inactive' }])
    expect(differences({ ...observedAlert(rule), endpointId: 'gone' }, 'rules')).toEqual([
      { path: 'endpoint', actual: 'gone', declared: 'hook' },
    ])
  })

  it('differs by a secret, and shows neither secrets nor addresses', () => {
    const found = observedAlert(endpoint)
    expect(differences({ ...found, secrets: { token: 'digest of another' } }, 'endpoints')).toEqual([
      { path: 'token', actual: 'another', declared: 'as declared' },
    ])
    expect(differences({ ...found, secrets: {} }, 'endpoints')).toEqual([
      { path: 'token', actual: null, declared: 'as declared' },
    ])
    const elsewhere = { ...found, values: { ...found.values, url: 'http://other/T0/SECRET' } }
    expect(differences(elsewhere, 'endpoints')).toEqual([{ path: 'url', actual: 'another', declared: 'as declared' }])
  })

  it('is compared in its secrets only by a server whose Flux has digests', () => {
    expect(['2.3.0', '2.6.1', '2.7.0', '2.7.12', '2.10.0'].filter(hasDigests)).toEqual(['2.7.0', '2.7.12', '2.10.0'])
  })

  it('is not compared in a secret that may not be read, and says so', () => {
    const endpoints = [{ ...observedAlert(endpoint), secrets: { token: null } }]
    expect(planAlerts(declaration, { ...content, endpoints }).changes).toEqual([])
    expect(findUncompared(declaration, { ...content, endpoints }, 's')).toMatchObject([
      { code: 'STORE_NOT_COMPARED', resource: { name: 'hook' }, next: expect.stringContaining('read:secrets') },
    ])
  })

  it('is left as it is while the variable of its secret is not set, with the rules of an endpoint that is not there', () => {
    const secretless = { ...declaration, endpoints: [{ ...endpoint, secrets: { token: '' } }] }
    const other = [{ ...observedAlert(endpoint), active: false }]
    expect(planAlerts(secretless, { ...content, endpoints: other }).changes).toEqual([])
    expect(findUncompared(secretless, { ...content, endpoints: other }, 's')).toHaveLength(1)
    const bare = { ...content, endpoints: [], rules: [] }
    expect(planAlerts(secretless, bare).changes).toEqual([])
    expect(findUncompared(secretless, bare, 's').map(({ resource }) => resource.name)).toEqual(['hook', 'to hook'])
    const observation = { version: '2.8.0', state: { type: 'content', content: bare } as const, old: new Map() }
    const given = { declaration: secretless, prefix: '', server: 's', user: null }
    const { changes, notes, unchanged } = plan(given, observation, 'apply')
    expect(changes).toEqual([])
    expect(notes).toEqual([
      'Notification endpoint `hook` was not compared. No secret is configured for it here.',
      expect.stringContaining('Notification rule `to hook` was not compared. Its notification endpoint does not exist'),
    ])
    expect(unchanged.map(({ name }) => name)).toEqual(['o', 'high'])
    const hidden = { ...content, endpoints: [{ ...observedAlert(endpoint), secrets: { token: null } }] }
    const unread = { ...observation, state: { type: 'content', content: hidden } as const }
    const seen = plan({ ...given, declaration }, unread, 'apply')
    expect(seen.unchanged.map(({ name }) => name)).toEqual(['o', 'high', 'to hook'])
  })

  it('brings a rule along with its endpoint, also where a run was killed between the two', () => {
    const elsewhere = { ...observedAlert(endpoint), values: { ...endpoint.values, url: 'http://other/' } }
    const { changes } = planAlerts(declaration, { ...content, endpoints: [elsewhere] })
    expect(changes.map(({ change }) => [change.action, change.resource.name, change.differences[0]?.path])).toEqual([
      ['update', 'hook', 'url'],
      ['update', 'to hook', 'written'],
    ])
    const late = { ...content, endpoints: [{ ...observedAlert(endpoint), updatedAt: 5 }] }
    expect(planAlerts(declaration, late).changes).toMatchObject([
      {
        change: { differences: [{ path: 'written', actual: 'before endpoint hook', declared: 'after it' }] },
        operation: { writes: [{ type: 'write-alert', kind: 'notification rule', endpointId: 'id-hook' }] },
      },
    ])
    const after = { ...late, rules: [{ ...observedAlert(rule), updatedAt: 5 }] }
    expect(planAlerts(declaration, after).changes).toEqual([])
  })

  it('keeps the description that the server has, where none is declared', () => {
    const checks = [{ ...observedAlert(check), description: 'by hand', active: false }]
    expect(planAlerts(declaration, { ...content, checks }).changes[0]?.operation.writes).toMatchObject([
      { alert: { name: 'high', description: 'by hand', active: true } },
    ])
  })

  it('has the bounds of a range that the server leaves out where they are 0', () => {
    const range = { type: 'range', level: 'CRIT', within: true }
    const values = (thresholds: readonly object[]) => normalValues('check', { type: 'threshold', thresholds })
    expect(values([{ ...range, max: 5 }])).toEqual(values([{ ...range, min: 0, max: 5 }]))
    expect(values([{ ...range, min: -5 }])).toEqual(values([{ ...range, min: -5, max: 0 }]))
  })

  it('asks before a threshold, a rule, a header or a secret of somebody else goes, and shows none of the last two', () => {
    const lossOf = (of: 'checks' | 'endpoints' | 'rules', found: ObservedAlert) => {
      const { changes } = planAlerts(declaration, { ...content, [of]: [found] })
      const loss = changes.find(({ change }) => change.resource.name === found.name)?.change.loss
      return loss === null || loss === undefined ? null : [loss.code, ...loss.affected]
    }
    const warn = { type: 'greater', level: 'WARN', value: 5 }
    const values = normalValues('check', { ...check.values, thresholds: [warn, { ...warn, level: 'CRIT', value: 9 }] })
    expect(lossOf('checks', { ...observedAlert(check), values })).toEqual([
      'removed-additions',
      '`thresholds` {"type":"greater","level":"WARN","value":5,"allValues":false}',
    ])
    const higher = normalValues('check', { ...check.values, thresholds: [{ ...warn, level: 'CRIT' }] })
    expect(lossOf('checks', { ...observedAlert(check), values: higher })).toBeNull()
    const statusRules = [{ currentLevel: 'CRIT' }, { currentLevel: 'WARN' }]
    const found = { ...observedAlert(rule), values: { ...rule.values, statusRules } }
    expect(lossOf('rules', found)).toEqual(['removed-additions', '`statusRules` {"currentLevel":"WARN"}'])
    const hook = observedAlert(endpoint)
    const headers = { ...hook, values: { ...hook.values, headers: { 'x-key': 'hidden' } } }
    expect(lossOf('endpoints', headers)).toEqual(['removed-additions', '`headers.x-key` set'])
    expect(lossOf('endpoints', { ...hook, secrets: { ...hook.secrets, username: 'digest' } })).toEqual([
      'removed-additions',
      '`username` set',
    ])
  })

  it('changes its type without a question about what the server fills in for the other one', () => {
    const other = normalValues('check', { ...check.values, type: 'deadman', tags: { added: 'x' } })
    const { changes } = planAlerts(declaration, {
      ...content,
      checks: [{ ...observedAlert(check), values: other }],
    })
    const [first] = changes
    expect(check.values['type']).toBe('threshold')
    expect(first?.change.loss?.affected).toEqual(['`tags.added` x'])
  })

  it('is removed where it is there twice, as a loss', () => {
    const rules = [observedAlert(rule), { ...observedAlert(rule), id: 'second', createdAt: 1 }]
    expect(planAlerts(declaration, { ...content, rules }).changes).toMatchObject([
      {
        change: { action: 'remove', loss: { code: 'surplus-task' } },
        operation: { writes: [{ type: 'remove-alert', kind: 'notification rule', id: 'second' }] },
      },
    ])
  })
})
