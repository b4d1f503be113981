import { expect, test } from 'vitest'
import type { TemplateChange } from '../../../../src/shards/fan-out/ports.ts'
import { decideVersion, type VersionQuestion } from '../../../../src/shards/fan-out/template-version.ts'
import type { FamilyRecord } from '../../../../src/shards/shard.ts'
import { migrationOf } from '../../../helpers/migrations/engine.ts'

const [first, second] = [migrationOf('app/1', { shards: 'things' }), migrationOf('app/2', { shards: 'things' })]
const file = { template: 'new', checksum: 'n' }
const recordAt = (version: number, template = 'old'): FamilyRecord => ({
  family: 'things',
  version,
  template,
  checksum: template[0] ?? '',
  lastSuccessAt: null,
})
const change = (version: number, migration: string, changes: Partial<TemplateChange> = {}): TemplateChange => ({
  family: 'things',
  version,
  migration,
  direction: 'up',
  earlier: { template: 'old', checksum: 'o' },
  ...changes,
})
const ask = (changes: Partial<VersionQuestion>): VersionQuestion => ({
  migration: first,
  direction: 'up',
  record: recordAt(1),
  changes: [],
  file,
  pending: [first],
  ...changes,
})

test('a migration gives the template its next version, and the text of the file', () => {
  expect(decideVersion(ask({}))).toEqual({
    to: 2,
    forward: true,
    begin: {
      record: [change(2, '1')],
      family: recordAt(2, 'new'),
      proof: [{ migration: first, direction: 'up' }],
    },
    forget: [],
  })
})

test('pending migrations are recorded and proven together; the text between them is unknown', () => {
  const decision = decideVersion(ask({ pending: [first, second] }))
  expect(decision.to).toBe(2)
  expect(decision.begin?.family.version).toBe(3)
  expect(decision.begin?.record).toEqual([change(2, '1'), change(3, '2', { earlier: null })])
  expect(decision.begin?.proof.map((one) => one.migration)).toEqual([first, second])
})

test('what an earlier run recorded is not recorded again: its shards continue to the same version', () => {
  const recorded = { record: recordAt(3, 'new'), changes: [change(2, '1'), change(3, '2', { earlier: null })] }
  expect(decideVersion(ask({ ...recorded, pending: [first, second] }))).toMatchObject({ to: 2, begin: null })
  expect(decideVersion(ask({ ...recorded, migration: second, pending: [second] }))).toMatchObject({
    to: 3,
    begin: null,
  })
})

test('template changes that an interrupted run wrote without their family are written again', () => {
  const decision = decideVersion(ask({ changes: [change(2, '1')] }))
  expect(decision.begin?.record).toEqual([change(2, '1')])
  expect(decision.begin?.family.version).toBe(2)
})

test('a third migration is proven from the text that the first two left', () => {
  const third = migrationOf('app/3', { shards: 'things' })
  const decision = decideVersion(
    ask({
      migration: second,
      record: recordAt(3, 'mid'),
      changes: [change(2, '1'), change(3, '2', { earlier: null })],
      pending: [second, third],
    }),
  )
  expect(decision).toMatchObject({ to: 3, begin: null })
})

test('a rollback gives back the earlier version and its text, and forgets the change when it is complete', () => {
  const recorded = { direction: 'down', record: recordAt(2, 'new'), changes: [change(2, '1')], pending: [] } as const
  expect(decideVersion(ask(recorded))).toEqual({
    to: 1,
    forward: false,
    begin: { record: [], family: recordAt(1), proof: [{ migration: first, direction: 'down' }] },
    forget: [change(2, '1')],
  })
  expect(decideVersion(ask({ ...recorded, record: recordAt(1) }))).toMatchObject({ to: 1, begin: null })
})

test('where the earlier text is unknown the file must have it', () => {
  const decision = decideVersion(
    ask({
      migration: second,
      direction: 'down',
      record: recordAt(3, 'both'),
      changes: [change(2, '1'), change(3, '2', { earlier: null })],
      pending: [],
    }),
  )
  expect(decision.begin?.family).toEqual(recordAt(2, 'new'))
})

test('a rollback of what the template was born with is a next version, recorded as such', () => {
  const down = { direction: 'down', pending: [] } as const
  const undo = change(2, '1', { direction: 'down' })
  expect(decideVersion(ask(down))).toMatchObject({
    to: 2,
    forward: true,
    begin: { record: [undo], family: recordAt(2, 'new') },
    forget: [],
  })
  expect(decideVersion(ask({ ...down, record: recordAt(2, 'new'), changes: [undo] }))).toMatchObject({
    to: 2,
    begin: null,
  })
})

test('applied again after that, it is a next version once more', () => {
  const undo = change(2, '1', { direction: 'down' })
  const decision = decideVersion(ask({ record: recordAt(2), changes: [undo] }))
  expect(decision).toMatchObject({ to: 3, begin: { record: [change(3, '1')] } })
})

test('a change under a later one cannot be rolled back alone', () => {
  const question = ask({
    direction: 'down',
    record: recordAt(3, 'both'),
    changes: [change(2, '1'), change(3, '2', { earlier: null })],
    pending: [second],
  })
  expect(() => decideVersion(question)).toThrow(expect.objectContaining({ code: 'TEMPLATE_ORDER' }))
})
