import { describe, expect, test } from 'vitest'
import { readLeftoverName, triggersOf } from '../../../../src/operate/online/leftover-names.ts'
import { findLeftovers, type Listing } from '../../../../src/operate/online/leftovers.ts'

function listing(tables: readonly string[], originals: readonly string[], more: Partial<Listing> = {}): Listing {
  const listed = tables.map((name) => ({ name, bytes: 1, createdAt: null, comment: '' }))
  return { schema: 'app', tables: listed, originals, triggers: [], seesTriggers: true, ...more }
}

const trigger = (table: string, on = table) => ({ name: `pt_osc_app_${table}_ins`, table: on })

describe('names that tools give', () => {
  test.each([
    ['_orders_new', 'orders', 'copy'],
    ['______orders_new', 'orders', 'copy'],
    ['_orders_old', 'orders', 'old'],
    ['_orders_gho', 'orders', 'copy'],
    ['_orders_ghc', 'orders', 'log'],
    ['_orders_ghk', 'orders', 'log'],
    ['_orders_del', 'orders', 'old'],
    ['_orders_20261129120000_del', 'orders', 'old'],
    ['_orders_rev_del', 'orders', 'old'],
    ['_orders_chkpnt', 'orders', 'log'],
    ['_spirit_sentinel', null, 'log'],
    ['_vt_HOLD_6ace8bcef73211ea87e9f875a4d24e90_20261129120000', null, 'old'],
    ['_vt_hld_6ace8bcef73211ea87e9f875a4d24e90_20261129120000_', null, 'old'],
    ['_6ace8bce_f732_11ea_87e9_f875a4d24e90_20261129120000_vrepl', null, 'copy'],
  ])('%s', (name, table, role) => {
    expect(readLeftoverName(name)).toMatchObject({ table, role })
  })

  test.each(['orders_new', '_new', 'orders', '_hold_20261129_1f0c22aa_orders', '_vt_HOLD_short_20261129120000'])(
    '%s is none',
    (name) => {
      expect(readLeftoverName(name)).toBeNull()
    },
  )

  test('a name of 64 characters of gh-ost was cut, one of pt-online-schema-change never is', () => {
    expect(readLeftoverName(`_${'a'.repeat(59)}_gho`)).toMatchObject({ isCut: true })
    expect(readLeftoverName(`_${'a'.repeat(58)}_gho`)).toMatchObject({ isCut: false })
    expect(readLeftoverName(`_${'a'.repeat(59)}_new`)).toMatchObject({ isCut: false })
  })

  test('triggers have what is no letter replaced, and their names cut before the event', () => {
    expect(triggersOf('my-app', 'orders')).toEqual([
      'pt_osc_my_app_orders_ins',
      'pt_osc_my_app_orders_upd',
      'pt_osc_my_app_orders_del',
    ])
    expect(triggersOf('a'.repeat(40), 'b'.repeat(40))[0]).toHaveLength(64)
  })
})

describe('how far a change came', () => {
  test('copying: triggers of the table go first, or its writes would fail', () => {
    const found = findLeftovers(listing(['_orders_new'], ['orders'], { triggers: [trigger('orders')] }))
    expect(found).toMatchObject([
      {
        tools: ['pt-online-schema-change'],
        table: 'orders',
        state: 'copying',
        remove: ['DROP TRIGGER `app`.`pt_osc_app_orders_ins`', 'DROP TABLE `app`.`_orders_new`'],
      },
    ])
  })

  test('swapped: the triggers went with the table that was renamed', () => {
    const found = findLeftovers(listing(['_orders_old'], ['orders'], { triggers: [trigger('orders', '_orders_old')] }))
    expect(found).toMatchObject([
      {
        state: 'swapped',
        remove: ['DROP TRIGGER `app`.`pt_osc_app_orders_ins`', 'DROP TABLE `app`.`_orders_old`'],
      },
    ])
  })

  test('a copy without triggers is dead; beside a checkpoint it is of spirit', () => {
    expect(findLeftovers(listing(['_orders_new'], ['orders']))).toMatchObject([
      { tools: ['pt-online-schema-change', 'spirit'], state: 'copy' },
    ])
    expect(findLeftovers(listing(['_orders_new', '_orders_chkpnt'], ['orders']))).toMatchObject([
      { tools: ['spirit'], state: 'copy' },
      { tools: ['spirit'], state: 'log' },
    ])
  })

  test('triggers without a copy', () => {
    expect(findLeftovers(listing([], [], { triggers: [trigger('orders')] }))).toMatchObject([
      { state: 'triggers', table: 'orders', tables: [], remove: ['DROP TRIGGER `app`.`pt_osc_app_orders_ins`'] },
    ])
  })

  test('gh-ost: its copy goes before its logs; an empty table with its comment is no old table', () => {
    expect(findLeftovers(listing(['_orders_ghc', '_orders_gho'], ['orders']))).toMatchObject([
      { state: 'copy', remove: ['DROP TABLE `app`.`_orders_gho`', 'DROP TABLE `app`.`_orders_ghc`'] },
    ])
    const sentry = { name: '_orders_del', bytes: 0, createdAt: null, comment: 'ghost-cut-over-sentry' }
    expect(findLeftovers({ ...listing([], ['orders']), tables: [sentry] })).toMatchObject([{ state: 'sentry' }])
    expect(findLeftovers(listing(['_orders_del'], ['orders']))).toMatchObject([{ state: 'swapped' }])
  })

  test('a table that only looks like one of a tool is not listed: what it would be a copy of is not there', () => {
    expect(findLeftovers(listing(['_orders_new', '_what_old'], []))).toEqual([])
  })

  test('no statement is given where triggers cannot be seen', () => {
    const [found] = findLeftovers(listing(['_orders_new'], ['orders'], { seesTriggers: false }))
    expect(found?.remove).toEqual([])
  })
})
