import { describe, expect, test } from 'vitest'
import { judgePassword } from '../../../src/seeds/administrator.ts'
import { decideRow, digestValue } from '../../../src/seeds/plan-rows.ts'
import type { SeedRecord } from '../../../src/seeds/ports.ts'

const record = (written: Readonly<Record<string, string | null>>, inserted = true): SeedRecord => ({
  table: 'roles',
  identity: { id: '1' },
  key: { name: 'a' },
  keyColumns: ['name'],
  file: 'seeds/app/roles.yaml',
  inserted,
  written: Object.fromEntries(Object.entries(written).map(([column, text]) => [column, digestValue(text)])),
})
const present = (values: Readonly<Record<string, string | null>>) => ({
  identity: ['1'],
  values: new Map(Object.entries(values)),
})
const wanted = (values: Readonly<Record<string, string | null>>) => new Map(Object.entries(values))

describe('what becomes of a row', () => {
  test.each([
    ['is not there', null, null, 'insert'],
    ['is as it should be, and known', { t: 'new' }, record({ t: 'new' }), 'same'],
    ['is as it should be, and was not known', { t: 'new' }, null, 'adopt'],
    ['was put right by hand', { t: 'new' }, record({ t: 'old' }), 'adopt'],
    ['is as the tool left it before the file changed', { t: 'old' }, record({ t: 'old' }), 'update'],
    ['was changed by hand', { t: 'mine' }, record({ t: 'new' }), 'keep'],
    ['was changed by hand before the file changed', { t: 'mine' }, record({ t: 'old' }), 'keep'],
    ['was never the tool’s', { t: 'mine' }, null, 'keep'],
    ['has a column that came with a migration', { t: '' }, record({ other: '1' }), 'update'],
    ['has such a column, and was there before the tool', { t: '' }, record({ other: '1' }, false), 'keep'],
    ['is NULL where the tool left NULL', { t: null }, record({ t: null }), 'update'],
  ] as const)('that %s', (_, values, known, action) => {
    const row = values === null ? null : present(values)
    expect(decideRow(wanted({ t: 'new' }), row, known, 'keep').action).toBe(action)
    const overwritten = action === 'keep' ? 'update' : action
    expect(decideRow(wanted({ t: 'new' }), row, known, 'overwrite').action).toBe(overwritten)
  })

  test('a row of which one column was changed by hand and another by the file is decided column by column', () => {
    const decision = decideRow(
      wanted({ a: '2', b: '2', c: '1' }),
      present({ a: '1', b: 'hand', c: '1' }),
      record({ a: '1', b: '1', c: '1' }),
      'keep',
    )
    expect(decision).toEqual({
      action: 'update',
      differences: [
        { column: 'a', before: '1', after: '2', byHand: false, kept: false },
        { column: 'b', before: 'hand', after: '2', byHand: true, kept: true },
      ],
    })
  })
})

describe('passwords', () => {
  test.each([
    'Kranich-42-Übermut',
    'k9#Vd0!tQwz7',
    'correct horse battery staple',
    'xT7pQ2mZ9rL4vB8n',
    '窗前明月光疑是地上霜举头望明月低头思故乡',
  ])('%s will do', (password) => {
    expect(judgePassword(password, 'boss')).toEqual([])
  })

  test.each([
    ['Short-1', 'fewer than 12'],
    ['Aa1-Aa1-Aa1-Aa1', 'fewer than 6 different'],
    ['onlysmallletters', 'three of'],
    ['Admin123456!', 'common words and sequences'],
    ['P@ssw0rd-1234', 'common words and sequences'],
    ['Qwertyuiop[1]', 'common words and sequences'],
    ['abcdefghijklmnopqrstuvwxyz', 'common words and sequences'],
    ['My-Boss-rules-99', 'it contains the user name'],
    ['xX9-ssob-Rtzu', 'it contains the user name'],
    ['line\nbreak-In-99', 'control character'],
    [`aB3-${'x1Y'.repeat(400)}`, 'more than 1024'],
  ])('%j will not', (password, why) => {
    expect(judgePassword(password, 'boss').join('; ')).toContain(why)
  })
})
