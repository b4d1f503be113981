import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isCron } from '../../../../src/stores/influxdb/cron.ts'
import { prefixNames, type TaskDeclaration } from '../../../../src/stores/influxdb/declaration.ts'
import { otherOptions, ownFlux, plainScript } from '../../../../src/stores/influxdb/own-script.ts'
import { hasMark } from '../../../../src/stores/influxdb/task-mark.ts'
import { declarations } from './world.ts'

const task: TaskDeclaration = {
  name: 'own "work"',
  description: null,
  flux: '// what it is for\nimport "date"\nimport s "strings"\n\n// later\nfrom(bucket: "hot") |> range(start: -1h)\n',
  schedule: { type: 'every', seconds: 5400 },
  offsetSeconds: 60,
  active: true,
}

describe('a script of its own', () => {
  it('has its option behind the imports, and two lines that say where it comes from', () => {
    const [first, second, ...rest] = ownFlux(task).split('\n')
    expect(first).toBe('// Written by wwdb from its declaration: change it there.')
    expect(second).toMatch(/^\/\/ Digest of its name and of all that follows: [0-9a-f]{32}$/)
    expect(rest.join('\n')).toBe(
      [
        '// what it is for\nimport "date"\nimport s "strings"\n',
        'option task = {name: "own \\"work\\"", every: 1h30m, offset: 1m}\n',
        '// later\nfrom(bucket: "hot") |> range(start: -1h)\n',
      ].join('\n'),
    )
  })

  it('has a mark for its own name and text alone', () => {
    const flux = ownFlux(task)
    expect(hasMark({ name: task.name, flux })).toBe(true)
    expect(hasMark({ name: 'a copy', flux })).toBe(false)
    expect(hasMark({ name: task.name, flux: flux.replace('-1h', '-2h') })).toBe(false)
    expect(hasMark({ name: task.name, flux: flux.split('\n').slice(2).join('\n') })).toBe(false)
  })

  it('is marked once, also where its file has the marks of another', () => {
    const copied = ownFlux(task).replace(/\noption task.*\n/, '\n')
    expect(ownFlux({ ...task, flux: copied })).toBe(ownFlux(task))
  })

  it('is the same script wherever its option is, and however that is laid out', () => {
    const spread =
      'x = 1\noption task = {\n  name: "a}b",\n  every: 60m,\n  offset: 1m,\n}\n\nfrom(bucket: "hot") |> range(start: -1h)'
    expect(plainScript(spread)).toBe('x = 1\n\nfrom(bucket: "hot") |> range(start: -1h)')
    expect(plainScript(ownFlux({ ...task, flux: plainScript(spread) }))).toBe(plainScript(spread))
    expect(otherOptions(spread)).toEqual([])
    expect(otherOptions('option task = {name: "retry: 3", cron: "0 * * * *", retry: 3}\nx = 1')).toEqual(['retry'])
  })

  it('survives being written and read back, any text', () => {
    const lines = fc.constantFrom('import "date"', 'package main', '// c', '', 'x = 1', '  |> yield()', 's = "}{"')
    fc.assert(
      fc.property(fc.array(lines, { minLength: 1, maxLength: 8 }), (some) => {
        const flux = some.join('\n')
        const written = ownFlux({ ...task, flux })
        expect(plainScript(written)).toBe(plainScript(flux))
        expect(hasMark({ name: task.name, flux: written })).toBe(true)
      }),
    )
  })

  it('names the declared buckets of its environment, and leaves others as they are', () => {
    fc.assert(
      fc.property(declarations, (declaration) => {
        const flux = 'from( bucket : "bucket0") |> to(bucket: "_monitoring", org: "bucket0")'
        const [own] = prefixNames({ ...declaration, tasks: [{ ...task, flux }] }, 'pr_').tasks
        expect(own?.flux).toBe('from( bucket : "pr_bucket0") |> to(bucket: "_monitoring", org: "bucket0")')
      }),
    )
  })
})

describe('what InfluxDB takes as cron', () => {
  it.each(['0 * * * *', '0 0 * * * *', '@daily', '*/5 0-23/2 1,15 JAN-MAR mon', '0 0 * * MON-FRI'])('%s', (text) => {
    expect(isCron(text)).toBe(true)
  })

  it.each([
    '',
    'x',
    '61 * * * *',
    '0 24 * * *',
    '0 0 0 * *',
    '0 0 1 1 ?',
    '5-1 * * * *',
    '@every 1h',
    '0 0 * * * * 2024',
  ])('not %s', (text) => {
    expect(isCron(text)).toBe(false)
  })
})
