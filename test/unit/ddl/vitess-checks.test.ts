import { expect, it } from 'vitest'
import { compareSnapshots } from '../../../src/ddl/compare-snapshots.ts'
import type { SchemaSnapshot } from '../../../src/ddl/snapshot.ts'
import {
  isMadeOf,
  nameLiveChecks,
  tableOfNamedChecks,
  withSameChecks,
  withWrittenChecks,
} from '../../../src/ddl/vitess-checks.ts'

const end = '97rx7klq7bbcbz29fd6nnq7zz'
const other = '6h1ujcdm8luc3vlqcgnf5oxw6'

it.each([
  [`positive_${end}`, 'positive', true],
  [`Positive_${end}`, 'POSITIVE', true],
  [`chk_1_${end}`, 'orders_chk_1', true],
  [`chk_${end}`, 'orders_chk_2', true],
  [`low_${end}`, 'orders_low', true],
  [`chk_${end}`, 'chk_age', false],
  ['positive', 'positive', false],
  [`positive_${end}`, 'negative', false],
])('%s is made of %s: %s', (live, written, expected) => {
  expect(isMadeOf(live, written, 'orders')).toBe(expected)
})

const shown = `CREATE TABLE \`orders\` (\n  CONSTRAINT \`chk_${end}\` CHECK ((\`n\` < 9)),\n  CONSTRAINT \`chk_${other}\` CHECK ((\`n\` < 8)),\n  CONSTRAINT \`low\` CHECK ((\`n\` < 5)),\n  CONSTRAINT \`positive_${end}\` CHECK ((\`n\` > 0))\n)`

it.each([
  ['ALTER TABLE orders DROP CHECK positive', `ALTER TABLE orders DROP CHECK \`positive_${end}\``],
  [
    'ALTER TABLE orders ADD x INT, DROP CONSTRAINT `positive`',
    `ALTER TABLE orders ADD x INT, DROP CONSTRAINT \`positive_${end}\``,
  ],
  [
    'ALTER TABLE app.orders ALTER CHECK positive NOT ENFORCED',
    `ALTER TABLE app.orders ALTER CHECK \`positive_${end}\` NOT ENFORCED`,
  ],
  // It has its name; two may be meant; it does not exist; it is a column.
  ['ALTER TABLE orders DROP CHECK low', 'ALTER TABLE orders DROP CHECK low'],
  ['ALTER TABLE orders DROP CHECK orders_chk_1', 'ALTER TABLE orders DROP CHECK orders_chk_1'],
  ['ALTER TABLE orders DROP CHECK gone', 'ALTER TABLE orders DROP CHECK gone'],
  ['ALTER TABLE orders DROP COLUMN positive', 'ALTER TABLE orders DROP COLUMN positive'],
])('%s is sent as %s', (text, sent) => {
  expect(nameLiveChecks(text, 'orders', [null, shown, shown])).toBe(sent)
})

it('the table is known only where an ALTER TABLE names a check', () => {
  expect(tableOfNamedChecks('ALTER TABLE app.`orders` DROP CHECK low')).toBe('orders')
  expect(tableOfNamedChecks('ALTER TABLE orders ADD CHECK (n > 1)')).toBeNull()
  expect(tableOfNamedChecks('DROP TABLE orders')).toBeNull()
})

const schemaOf = (checks: Readonly<Record<string, string>>): SchemaSnapshot => ({
  ...{ format: 1, database: 'app', charset: 'utf8mb4', collation: 'utf8mb4_0900_ai_ci' },
  objects: [
    {
      ...{ type: 'table', name: 'orders', columns: [], indexes: [], foreignKeys: [], options: {}, partitioning: null },
      checks: Object.entries(checks).map(([name, body]) => ({ name, text: `CONSTRAINT \`${name}\` CHECK ${body}` })),
    },
  ],
})

it('a comparison counts checks as alike that say the same under names that Vitess made', () => {
  const wanted = schemaOf({ orders_chk_1: '(n < 9)', orders_chk_2: '(n < 8)', positive: '(n > 0)' })
  const live = schemaOf({ [`chk_${end}`]: '(n < 8)', [`chk_${other}`]: '(n < 9)', [`positive_${end}`]: '(n > 0)' })
  expect(withWrittenChecks(live, wanted)).toEqual(wanted)
})

it('a comparison keeps what differs by more than the name', () => {
  const wanted = schemaOf({ positive: '(n > 0)', low: '(n < 5)' })
  const live = schemaOf({ [`low_${end}`]: '(n < 6)', positive: '(n > 0)' })
  expect(withWrittenChecks(live, wanted)).toEqual(live)
})

it('a comparison of two sides counts checks as alike on whichever side the keyspace is, and of two keyspaces', () => {
  const keyspace = (checks: Readonly<Record<string, string>>) => ({ ...schemaOf(checks), vschema: [] })
  const written = schemaOf({ positive: '(n > 0)' })
  const [one, two] = [keyspace({ [`positive_${end}`]: '(n > 0)' }), keyspace({ [`positive_${other}`]: '(n > 0)' })]
  for (const sides of [
    { found: one, wanted: written },
    { found: written, wanted: one },
    { found: one, wanted: two },
    // Of two keyspaces, one may have its tables from plain DDL.
    { found: keyspace({ positive: '(n > 0)' }), wanted: one },
  ]) {
    const { found, wanted } = withSameChecks(sides)
    expect(compareSnapshots(wanted, found)).toEqual([])
  }
  // On a server of MySQL such a name is what somebody has chosen.
  const chosen = schemaOf({ [`positive_${end}`]: '(n > 0)' })
  expect(withSameChecks({ found: chosen, wanted: written }).found).toBe(chosen)
})
