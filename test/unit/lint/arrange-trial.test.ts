import { expect, test } from 'vitest'
import { arrangeTrial, type TriedFile } from '../../../src/lint/trial/arrange-trial.ts'
import { heldMigration, migrationText } from '../../helpers/lint/lint-fixture.ts'

function file(name: string, down: string | null, changes: Partial<TriedFile['migration']> = {}): TriedFile {
  const held = heldMigration(migrationText({ sql: `SELECT '${name}'`, ...(down !== null && { down }) }), `${name}.sql`)
  return { migration: { ...held.migration, ...changes }, up: held.up, down: held.down }
}

function orderOf(files: readonly TriedFile[]): string {
  const { placed } = arrangeTrial(files)
  return placed.map(({ migration, part, again }) => `${migration.version}${part}${again ? '+' : ''}`).join(' ')
}

test('all up parts run in order, then the down parts from the newest back, then the up parts again', () => {
  const files = [file('1_a', 'DO 1'), file('2_b', 'DO 2'), file('3_c', 'DO 3')]
  expect(orderOf(files)).toBe('1up 2up 3up 3down 2down 1down 1up+ 2up+ 3up+')
})

test('those before a file without a way back go back before it runs', () => {
  const files = [file('1_a', 'DO 1'), file('2_b', null), file('3_c', 'DO 3')]
  expect(orderOf(files)).toBe('1up 1down 1up+ 2up 3up 3down 3up+')
})

test('a fan-out and a repeatable migration are passed, as by a rollback', () => {
  const files = [file('1_a', 'DO 1'), file('2_b', null, { kind: 'repeatable' }), file('3_c', null, { shards: 'msg' })]
  expect(orderOf([...files, file('4_d', 'DO 4')])).toBe('1up 2up 3up 4up 4down 1down 1up+ 4up+')
})

test('the schema is read around each part', () => {
  const { marks } = arrangeTrial([file('1_a', 'DO 1'), file('2_b', 'DO 2')])
  const names = [...marks].map(([at, list]) => `${at}: ${list.map(({ name }) => name.slice(15)).join(', ')}`)
  expect(names).toEqual([
    '0: 1_a.sql before',
    '1: 1_a.sql made, 2_b.sql before',
    '2: 2_b.sql made, 2_b.sql reached',
    '3: 2_b.sql back, 1_a.sql reached',
    '4: 1_a.sql back',
    '5: 1_a.sql again',
    '6: 2_b.sql again',
  ])
})
