import { describe, expect, it } from 'vitest'
import type { RevertPart } from '../../../../src/migrations/vitess/plan-reverts.ts'
import { describeLeft, describeRevert } from '../../../../src/migrations/vitess/revert-effect.ts'
import { revertedBy, revertText } from '../../../../src/migrations/vitess/revert-statement.ts'

const part = (given: Partial<RevertPart> = {}): RevertPart => ({
  ...{ uuid: 'a', table: 'users', action: 'alter', left: null, notes: [], isView: false },
  artifact: { shard: '0', table: '_vt_vrp_1' },
  ...given,
})
const table = (...columns: readonly string[]): string =>
  `CREATE TABLE \`users\` (\n${columns.map((one) => `  ${one}`).join(',\n')},\n  PRIMARY KEY (\`id\`)\n) ENGINE=InnoDB`

describe('what a REVERT does', () => {
  it('is read from both definitions of an ALTER: columns that go, come back and get their former type', () => {
    const effect = describeRevert(part({ notes: ['unique constraint removed: u'] }), {
      present: table('`id` int NOT NULL', "`n` bigint DEFAULT NULL COMMENT 'a, b'", '`mail` varchar(10) DEFAULT NULL'),
      before: table(
        '`id` int NOT NULL',
        "`n` int DEFAULT NULL COMMENT 'a, b'",
        '`a``b` text',
        '`old` int DEFAULT NULL',
      ),
    })
    expect(effect.text).toBe(
      "ALTER TABLE `users` DROP COLUMN `mail`, MODIFY COLUMN `n` int DEFAULT NULL COMMENT 'a, b'",
    )
    expect(effect.says).toEqual([
      '`users` gets its former definition. Rows that were written since stay.',
      'Once it has begun, let it end: where it is canceled, as by a second Ctrl-C, it cannot be tried again.',
      '`users`.`mail` goes away with its values.',
      'Each of `a`b` and `old` of `users` comes back with its values, also in rows that were updated since; rows that were inserted since have its default.',
      'A row of `users` that was written since may stop it: unique constraint removed: u. It cannot be tried again then.',
    ])
  })

  it('says which column has no value in rows that were inserted since', () => {
    const present = table('`id` int NOT NULL')
    const before = table('`id` int NOT NULL', '`must` int NOT NULL', "`may` int NOT NULL DEFAULT '0'")
    expect(describeRevert(part(), { present, before }).says.at(-1)).toBe(
      '`users`.`must` needs a value and has no default: a row that was inserted since may stop the `REVERT`, which cannot be tried again then.',
    )
  })

  it('keeps a created table for what is left of its time, and no longer', () => {
    const { says } = describeRevert(part({ action: 'create', left: 3_600_000 }), { present: table(), before: null })
    expect(says).toEqual([
      'The table `users` goes away, with its rows. Vitess keeps it under another name for 1 hour more.',
    ])
  })

  it('sees the character set that columns have from their table', () => {
    const of = (charset: string, ...columns: readonly string[]) => `${table(...columns)} DEFAULT CHARSET=${charset}`
    const columns = ['`id` int NOT NULL', '`a` varchar(9) DEFAULT NULL', "`b` enum('x','y') CHARACTER SET ascii"]
    const effect = describeRevert(part(), { present: of('utf8mb4', ...columns), before: of('latin1', ...columns) })
    expect(effect.text).toBe('ALTER TABLE `users` MODIFY COLUMN `a` varchar(9) CHARACTER SET latin1 DEFAULT NULL')
    // Neither a value, nor a comment, of a column or of the table, is taken for the type or the character set.
    const told = [
      '`id` int NOT NULL',
      "`c` enum('a)','it''s') CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL COMMENT '(x) y'",
    ]
    const comment = " COMMENT='was DEFAULT CHARSET=latin1'"
    const changed = describeRevert(part(), {
      present: `${of('utf8mb4', ...told)}${comment}`,
      before: `${of('latin1', ...told)}${comment}`,
    })
    expect(changed.text).toBeNull()
    const plain = { present: `${of('utf8mb4', ...columns)}${comment}`, before: `${of('latin1', ...columns)}${comment}` }
    expect(describeRevert(part(), plain).text).toBe(effect.text)
    const same = describeRevert(part(), { present: of('latin1', ...columns), before: of('latin1', ...columns) })
    expect(same.text).toBeNull()
  })

  it('loses nothing by an index', () => {
    const both = { present: table('`id` int NOT NULL'), before: table('`id` int NOT NULL') }
    expect(describeRevert(part(), both).text).toBeNull()
  })

  it('takes a created table or view away, and brings a dropped one back', () => {
    const create = part({ action: 'create' })
    expect(describeRevert(create, { present: table(), before: null }).text).toBe('DROP TABLE `users`')
    const view = { present: 'CREATE ALGORITHM=UNDEFINED VIEW `users` AS select 1 AS `1`', before: null }
    expect(describeRevert({ ...create, isView: true }, view).text).toBe('DROP VIEW `users`')
    const drop = describeRevert(part({ action: 'drop' }), { present: null, before: table() })
    expect(drop).toEqual({ text: null, says: ['The table `users` comes back with the rows that it had.'] })
    expect(describeRevert(part({ action: 'create', artifact: null }), { present: null, before: null }).text).toBeNull()
  })

  it('has one text, by which its row of the journal is found', () => {
    expect(revertedBy(revertText('c0ffee_1'))).toBe('c0ffee_1')
    expect(revertedBy("REVERT VITESS_MIGRATION 'a'; DROP TABLE b")).toBeNull()
  })

  it('is possible for so long, rounded down', () => {
    const left = (milliseconds: number) => describeLeft([{ left: 90_000_000 }, { left: milliseconds }])
    expect([left(86_399_000), left(3_600_000), left(61_500), left(10)]).toEqual([
      'for 23 hours more',
      'for 1 hour more',
      'for 1 minute 1 second more',
      'for 1 second more',
    ])
    expect(describeLeft([{ left: null }])).toBeNull()
  })
})
