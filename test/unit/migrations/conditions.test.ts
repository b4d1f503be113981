import { describe, expect, test } from 'vitest'
import type { Condition } from '../../../src/core/condition.ts'
import { isApplicable } from '../../../src/migrations/plan/database-state.ts'
import { resolveObjects, resolveText } from '../../../src/migrations/plan/placeholders.ts'
import { migrationOf } from '../../helpers/migrations/engine.ts'

const here = { environment: 'staging', references: 'physical', platform: 'mysql', serverVersion: '8.0.12' } as const
const applies = (conditions: readonly Condition[], circumstances: object = {}): boolean =>
  isApplicable(migrationOf('app/1', { conditions }), { ...here, ...circumstances })

test('a condition on the platform is true there alone', () => {
  const value = 'vitess'
  expect(applies([{ type: 'platform', value }])).toBe(false)
  expect(applies([{ type: 'platform', value }], { platform: value })).toBe(true)
})

describe('a condition on the server', () => {
  test.each([
    ['>=', '8.0.12', true],
    ['>=', '8.0.13', false],
    ['>=', '8.0', true],
    ['>=', '8', true],
    ['>=', '8.0.9', true],
    ['>=', '8.0.100', false],
    ['>=', '10.0', false],
    ['>', '8.0.12', false],
    ['>', '8.0.11', true],
    ['<', '8.0.12', false],
    ['<', '8.4', true],
    ['<=', '8.0.12', true],
    ['<=', '8.0.11', false],
  ] as const)('8.0.12 %s %s is %s', (operator, version, holds) => {
    expect(applies([{ type: 'server', operator, version }])).toBe(holds)
  })
})

test('a condition on the environment holds for the names, or for all others', () => {
  const names = ['staging', 'production']
  expect(applies([{ type: 'environment', names, negated: false }])).toBe(true)
  expect(applies([{ type: 'environment', names, negated: true }])).toBe(false)
  expect(applies([{ type: 'environment', names, negated: false }], { environment: null })).toBe(false)
  expect(applies([{ type: 'environment', names, negated: true }], { environment: null })).toBe(true)
})

test('a condition on references compares the mode, and all conditions must hold', () => {
  const physical: Condition = { type: 'references', value: 'physical' }
  expect([applies([]), applies([physical])]).toEqual([true, true])
  expect(applies([physical], { references: 'logical' })).toBe(false)
  expect(applies([physical, { type: 'server', operator: '<', version: '8' }])).toBe(false)
})

describe('placeholders', () => {
  const schemas = new Map([
    ['user_db', 'pr_1_user_db'],
    ['odd', 'a`b$&'],
  ])

  test('placeholders become quoted names anywhere in the code', () => {
    expect(resolveText("SELECT {{schema:user_db}}.a, {{schema:user_db}}.b, '{{schema:user_db}}'", schemas)).toBe(
      "SELECT `pr_1_user_db`.a, `pr_1_user_db`.b, '{{schema:user_db}}'",
    )
    expect(resolveText('DROP TABLE {{schema:odd}}.t', schemas)).toBe('DROP TABLE `a``b$&`.t')
  })

  test('leave other braces alone, and refuse an unknown database', () => {
    expect(resolveText(`SELECT '{{name}}'`, schemas)).toBe(`SELECT '{{name}}'`)
    expect(() => resolveText('{{schema:gone}}', schemas)).toThrow('no logical database gone')
  })

  test('are filled in without quotes in the names that the classifier found', () => {
    const table = { type: 'table', name: 't' } as const
    const found = [
      { ...table, schema: '{{schema:odd}}' },
      { ...table, schema: null },
      { ...table, schema: 'own' },
    ]
    expect(resolveObjects(found, schemas).map((object) => object.schema)).toEqual(['a`b$&', null, 'own'])
  })
})
