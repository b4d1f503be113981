import { describe, expect, it } from 'vitest'
import type { Declaration, DownsamplingDeclaration } from '../../../../src/stores/influxdb/declaration.ts'
import { planResources } from '../../../../src/stores/influxdb/plan-resources.ts'
import { downsamplingFlux } from '../../../../src/stores/influxdb/plan-tasks.ts'
import type { ObservedTask } from '../../../../src/stores/influxdb/ports.ts'
import { mark } from '../../../../src/stores/influxdb/task-mark.ts'
import { noOtherKinds } from '../../../helpers/influxdb/undeclared-kinds.ts'
import { contentOf, observedTask } from './world.ts'

const day = 86_400
const hourly: DownsamplingDeclaration = {
  name: 'hourly',
  description: null,
  from: 'hot',
  to: 'cold',
  windowSeconds: 3600,
  everySeconds: 3600,
  offsetSeconds: 0,
  lookBackSeconds: 10_800,
  aggregates: ['mean'],
  measurements: [],
  active: true,
}
const declaration: Declaration = {
  organization: { name: 'o', description: null },
  buckets: [
    { name: 'hot', description: null, rule: { seconds: 30 * day, shardGroupSeconds: day } },
    { name: 'cold', description: null, rule: { seconds: 0, shardGroupSeconds: 7 * day } },
  ],
  downsamplings: [hourly],
  ...noOtherKinds,
  tokens: [],
  mappings: [],
}
const own = {
  name: 'own',
  description: null,
  flux: 'x = 1',
  schedule: { type: 'every', seconds: 3600 },
  offsetSeconds: 0,
  active: true,
} as const

function planned(declared: Partial<Declaration>, tasks: readonly ObservedTask[], prune = false) {
  const content = { ...contentOf(declaration), tasks }
  return planResources({ ...declaration, ...declared }, { type: 'content', content }, new Map(), prune).changes.map(
    ({ change: { resource, action, loss } }) => ({ name: resource.name, action, loss: loss?.code ?? null }),
  )
}

describe('tasks of InfluxDB', () => {
  it('are pruned only with the digest of their name and script: a copy under another name stays, and so does one without', () => {
    const ours = observedTask(hourly)
    const copy = {
      ...ours,
      id: 'copy',
      name: 'by hand',
      flux: downsamplingFlux(hourly).replace('"hourly"', '"by hand"'),
    }
    const [first = '', , ...rest] = ours.flux.split('\n')
    const older = {
      ...ours,
      id: 'older',
      name: 'older',
      flux: [first, ...rest].join('\n').replace('"hourly"', '"older"'),
    }
    expect(planned({ downsamplings: [] }, [ours, copy, older], true)).toEqual([
      { name: 'hourly (id-hourly)', action: 'remove', loss: 'removed-resource' },
    ])
  })

  it('are as declared without the marks, which do not say what they do', () => {
    const flux = observedTask(hourly).flux.split('\n').slice(2).join('\n')
    expect(planned({}, [{ ...observedTask(hourly), flux }])).toEqual([])
    expect(planned({}, [{ ...observedTask(hourly), flux: `${mark}\n${flux}` }])).toEqual([])
  })

  it('are deactivated as a loss where the points that they read expire meanwhile', () => {
    const inactive = { ...hourly, active: false }
    const update = { name: 'hourly', action: 'update' }
    expect(planned({ downsamplings: [inactive] }, [observedTask(hourly)])).toEqual([
      { ...update, loss: 'removed-resource' },
    ])
    expect(planned({}, [observedTask(inactive)])).toEqual([{ ...update, loss: null }])
    const kept = { ...hourly, from: 'cold', to: 'hot' }
    expect(planned({ downsamplings: [{ ...kept, active: false }] }, [observedTask(kept)])).toEqual([
      { ...update, loss: null },
    ])
  })

  it('change without a question where the script is as wwdb wrote it, and as a loss where a person changed it since', () => {
    const update = { name: 'hourly', action: 'update', loss: null }
    const both = { ...hourly, aggregates: ['mean', 'max'] } as const
    const ours = observedTask(hourly)
    expect(planned({ downsamplings: [both] }, [ours])).toEqual([update])
    const edited = { ...ours, flux: ours.flux.replace('|> toFloat()', '|> toFloat() |> map(fn: (r) => r)') }
    expect(planned({}, [edited])).toEqual([{ ...update, loss: 'removed-resource' }])
    const retried = { ...ours, name: 'own', flux: 'option task = {name: "own", every: 1h, retry: 5}\nx = 1' }
    expect(planned({ tasks: [own] }, [ours, retried])).toEqual([
      { name: 'own', action: 'update', loss: 'removed-resource' },
    ])
  })

  it('take the place of a script that somebody else wrote as a loss', () => {
    const byHand = { ...observedTask(hourly), name: 'own', flux: 'option task = {name: "own", every: 1h}\ny = 2' }
    const update = { name: 'own', action: 'update' }
    const both = [observedTask(hourly), byHand]
    expect(planned({ tasks: [own] }, both)).toEqual([{ ...update, loss: 'removed-resource' }])
    const condensed = { ...hourly, name: 'own' }
    expect(planned({ downsamplings: [hourly, condensed] }, both)).toEqual([{ ...update, loss: 'removed-resource' }])
    const edited = { ...byHand, flux: `${mark}\n${byHand.flux}` }
    expect(planned({ tasks: [own] }, [observedTask(hourly), edited])).toEqual([{ ...update, loss: 'removed-resource' }])
    const sameScript = { ...byHand, flux: byHand.flux.replace('y = 2', 'x = 1'), every: '2h' }
    expect(planned({ tasks: [own] }, [observedTask(hourly), sameScript])).toEqual([{ ...update, loss: null }])
  })
})
