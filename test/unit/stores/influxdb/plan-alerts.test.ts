import { describe, expect, it } from 'vitest'
import { normalValues } from '../../../../src/stores/influxdb/alerts.ts'
import type { Declaration } from '../../../../src/stores/influxdb/declaration.ts'
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
  return planAlerts(declaration, { ...content, [of]: [found] }).changes.flatMap(({ change }) => change.differences)
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
