import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exitCodes } from '../../../../src/core/exit-code.ts'
import { ToolError } from '../../../../src/core/tool-error.ts'
import { judgeList, type ManyDatabase } from '../../../../src/migrations/many/judge-list.ts'
import { parseList } from '../../../../src/migrations/many/parse-list.ts'
import { pointText } from '../../../../src/migrations/many/point-at.ts'
import { Tally } from '../../../../src/migrations/many/tally.ts'
import { configOf, databaseOf } from '../../../helpers/migrations/engine.ts'

const name = fc.stringMatching(/^[a-z_-][a-z0-9_-]{0,20}$/)
const entries = fc.array(fc.record({ schema: name, server: fc.option(name) }), { maxLength: 20 })

describe('what a command prints', () => {
  test('is read alike as lines and as JSON', () => {
    fc.assert(
      fc.property(entries, (all) => {
        const lines = all.map(({ schema, server }) => (server === null ? schema : `${schema}\t${server}`)).join('\r\n')
        const json = all.map(({ schema, server }) => (server === null ? schema : { schema, server }))
        const read = { type: 'entries', entries: all }
        expect(parseList(lines)).toEqual(read)
        expect(parseList(JSON.stringify(json))).toEqual(read)
      }),
    )
  })
})

describe('a list', () => {
  test('gives each schema of a server once, in its order, with the names that `--target` takes', () => {
    fc.assert(
      fc.property(entries, (all) => {
        const eu = databaseOf('eu').server
        const us = { ...eu, label: 'us' }
        const placed = all.map(({ schema }, index) => ({ schema, server: index % 2 === 0 ? 'eu' : 'us' }))
        const targets: ManyDatabase['targets'] = {
          source: { type: 'list', entries: placed },
          servers: new Map(Object.entries({ eu, us })),
          ...{ timeout: 1, hasUrl: false, allowEmpty: true, atOnce: 1, canary: 1, wave: 1 },
        }
        const database: ManyDatabase = { ...databaseOf('tenant_db'), targets }
        const judged = judgeList({ ...configOf([]), prefix: '' }, database, placed)
        const keys = judged.targets.map(({ database: one }) => `${one.server.label}/${one.schema}`)
        expect(judged.faults).toEqual([])
        expect(new Set(keys).size).toBe(keys.length)
        expect(new Set(judged.targets.map(({ label }) => label)).size).toBe(keys.length)
        const wanted = placed.map(({ schema, server }) => `${server === 'us' ? 'us' : eu.label}/${schema}`)
        expect(keys).toEqual([...new Set(wanted)])
        expect(judged.targets.every((target) => target.database.targets === undefined)).toBe(true)
      }),
    )
  })

  test('is counted by how its targets end, and one that was not reached counts least for the exit code', () => {
    const tally = new Tally()
    const target = { label: 'tenant_db/acme', placedLabel: null, database: databaseOf('tenant_db', { schema: 'acme' }) }
    tally.miss(target, new ToolError('UNREACHABLE', { what: 'It does not answer.' }))
    expect(tally.exitCode).toBe(exitCodes.unreachable)
    tally.missSchema(target)
    tally.idle()
    expect(tally.exitCode).toBe(exitCodes.failed)
    expect(tally.summary()).toMatchObject({ counts: { failed: 1, notReached: 1, nothingToDo: 1, done: 0 } })
    expect([tally.failures, tally.missing]).toEqual([0, 2])
  })
})

test('a command that is advised names the one target, and no other database', () => {
  const pointed = { label: 'tenant_db/acme', name: 'tenant_db' }
  const text = 'Run `wwdb repair -t tenant_db`, `wwdb migrate --target tenant_db_2` or `--target=tenant_db/x`.'
  expect(pointText(pointed, text)).toBe(text.replace('-t tenant_db', '-t tenant_db/acme'))
})
