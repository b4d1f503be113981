import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readShardHeader } from '../../../../src/shards/templates/header.ts'

function read(name: string, argument: string): unknown {
  const outcome = readShardHeader(name, argument)
  return 'type' in outcome ? outcome.header.value : [outcome.says, outcome.why, outcome.next].filter(Boolean).join(' ')
}

const day = 86_400_000

describe('the headers of a shard template', () => {
  it.each([
    ['period', 'month', { kind: 'month', zone: 'UTC' }],
    ['period', '  day   zone  Asia/Shanghai ', { kind: 'day', zone: 'Asia/Shanghai' }],
    [
      'keys',
      'instance_db.wework_instances(id) deleted deleted_at',
      { database: 'instance_db', table: 'wework_instances', column: 'id', deletedAt: 'deleted_at' },
    ],
    ['keys', 'a.`groups` ( `id` )', { database: 'a', table: 'groups', column: 'id', deletedAt: null }],
    ['name', 'messages_{YYYYMM}', 'messages_{YYYYMM}'],
    ['ids', 'YYYYMM x 10000000000', { pattern: 'YYYYMM', factor: 10_000_000_000n }],
    ['ids', 'none', null],
    ['time', 'sent_at', { column: 'sent_at', zone: null }],
    ['time', '`sent at` zone UTC', { column: 'sent at', zone: 'UTC' }],
    ['premake', '3 periods, 45 days', { periods: 3, days: 45 }],
    ['premake', '45 days,1 period', { periods: 1, days: 45 }],
    ['premake', '14 periods', { periods: 14, days: null }],
    ['late', '2 days', 2 * day],
    ['late', '36h', 1.5 * day],
    ['late', '0 days', 0],
    ['keep', '24 months', { count: 24, unit: 'month' }],
    ['keep', '52 weeks', { count: 52, unit: 'week' }],
    ['keep', '1 year', { count: 1, unit: 'year' }],
    ['keep', 'forever', null],
    ['grace', '2 weeks', 14 * day],
    ['archive', 'directory', 'directory'],
    [
      'reference',
      '(account_id) instance_db.wework_accounts(id)',
      {
        columns: ['account_id'],
        database: 'instance_db',
        table: 'wework_accounts',
        parentColumns: ['id'],
        onDelete: 'restrict',
      },
    ],
    [
      'reference',
      '( `a`, b ) x.`t t` (c,d) ON DELETE SET NULL',
      { columns: ['a', 'b'], database: 'x', table: 't t', parentColumns: ['c', 'd'], onDelete: 'set null' },
    ],
    ['references', 'physical', 'physical'],
    ['view', 'messages_recent 3 periods', { name: 'messages_recent', periods: 3 }],
    ['view', 'none', null],
    ['vindex', 'by_sender (sender) USING xxhash', { name: 'by_sender', columns: ['sender'], type: 'xxhash' }],
    ['vindex', '`by s`( a, `b` ) using multicol', { name: 'by s', columns: ['a', 'b'], type: 'multicol' }],
    ['sequence', 'id USING user_db.letter_ids', { column: 'id', database: 'user_db', table: 'letter_ids' }],
    ['cap', '40', 40],
    ['share', '12.5%', 0.125],
  ])('%s %s', (name, argument, value) => {
    expect(read(name, argument)).toEqual(value)
  })

  it.each([
    ['peroid', 'month', /is not a header of templates Did you mean `period`\?/],
    ['Keep', '1 year', /Did you mean `keep`\?/],
    ['constructor', 'x', /is not a header/],
    ['__proto__', 'x', /is not a header/],
    ['keep', '   ', /has no value/],
    ['period', 'mnoth', /"mnoth", which is not a period Did you mean `month`\?/],
    ['period', 'isoweek', /which is not a period/],
    ['period', 'month day', /which is not a period/],
    ['period', 'month zone Mars/Base', /the zone "Mars\/Base", which does not exist/],
    ['period', 'month zone asia/shanghai', /which does not exist/],
    ['keys', 'wework_instances(id)', /does not name the rows/],
    ['keys', 'a.b(id); DROP TABLE c', /does not name the rows/],
    ['keys', 'a.b(id) deleted', /does not name the rows/],
    ['ids', 'YYYYMM', /which does not define a first id/],
    ['ids', 'YYYYMM x 0', /which does not define a first id/],
    ['ids', 'YYYYMM x 1e10', /which does not define a first id/],
    ['premake', '3', /"3", a number without a unit/],
    ['premake', '3 periods 45 days', /which is not an amount/],
    ['premake', '3 periods, 4 periods', /has periods twice/],
    ['premake', '0 periods, 0 days', /creates nothing ahead/],
    ['premake', '3 months', /in which "months" is not a unit/],
    ['premake', '-3 days', /which is not an amount/],
    ['late', '2', /"2", a number without a unit Write `2s` for seconds, `2ms` for milliseconds or `2d` for days/],
    ['late', '1 month', /given in "month", whose length varies/],
    ['late', 'none', /not a duration/],
    ['late', '999999999 weeks', /too long The longest duration here is a hundred years/],
    ['keep', '24', /"24", a number without a unit/],
    ['keep', '0 days', /which keeps nothing/],
    ['keep', '24 moths', /in which "moths" is not a unit/],
    ['keep', '1000 years', /longer than a century/],
    ['keep', 'for ever', /not a span of the calendar/],
    ['archive', 'Directory', /must be "directory" or "none", not "Directory" Did you mean `directory`\?/],
    ['archive', 's3://bucket', /must be "directory" or "none"/],
    ['reference', 'account_id instance_db.wework_accounts(id)', /does not name columns/],
    ['reference', '(a, b) x.t(id)', /whose two lists of columns differ in length/],
    ['reference', '(a) x.t(id) on delete no action', /does not name columns/],
    ['view', 'Messages 3 periods', /does not name a view/],
    ['time', 'sent_at, id', /does not name a column/],
    ['time', 'sent_at zone Mars', /names the zone "Mars", which does not exist/],
    ['view', 'messages_recent 3', /does not name a view/],
    ['view', 'wwdb_x 3 periods', /reserved for wwdb/],
    ['cap', '0', /not a number of shards/],
    ['cap', '4.5', /not a number of shards/],
    ['share', '25', /not a percentage of the shards/],
    ['share', '0%', /not a percentage of the shards/],
    ['share', '101%', /not a percentage of the shards/],
  ])('%s %s is refused', (name, argument, sentence) => {
    expect(read(name, argument)).toMatch(sentence)
  })

  it('takes any text for any header without throwing', () => {
    const names = [
      'period',
      'keys',
      'ids',
      'time',
      'premake',
      'late',
      'keep',
      'archive',
      'reference',
      'view',
      'cap',
      'share',
    ]
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.string({ unit: 'binary', maxLength: 60 }), (name, argument) => {
        const outcome = readShardHeader(name, argument)
        if (!('type' in outcome)) expect(outcome.next).not.toBe('')
      }),
    )
  })

  it('reads what it is given within a time that grows with its length', () => {
    const hostile = `(${'a,'.repeat(50_000)}`
    const before = performance.now()
    for (const name of ['reference', 'keys', 'view', 'premake']) readShardHeader(name, hostile)
    expect(performance.now() - before).toBeLessThan(1000)
  })
})
