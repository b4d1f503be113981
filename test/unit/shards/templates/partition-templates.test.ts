import { describe, expect, it } from 'vitest'
import { inspectTemplates } from '../../../../src/shards/templates/read-families.ts'

const headers = ['-- wwdb:shards partition', '-- wwdb:period month', '-- wwdb:name clicks_{YYYYMM}']
const body = 'CREATE TABLE {{table}} (id BIGINT NOT NULL, at DATETIME NOT NULL, PRIMARY KEY (id, at));'

function inspect(lines: readonly string[]) {
  const template = { database: 'app', family: 'clicks', file: 'shard-templates/app/clicks.sql', text: lines.join('\n') }
  return inspectTemplates([template], {
    databases: [{ name: 'app', server: { label: 'server' } }],
    rotation: { archive: null, overrides: [] },
  })
}

const faultsOf = (lines: readonly string[]): readonly string[] => inspect(lines).faults.map(({ what }) => what)
const withTime = [...headers, '-- wwdb:time at']

describe('a template whose shards are partitions', () => {
  it('has the keeper, and one without the line has none', () => {
    expect(inspect([...withTime, body])).toMatchObject({ faults: [], families: [{ keeper: 'partition' }] })
    expect(inspect([...withTime.slice(1), body]).families[0]).not.toHaveProperty('keeper')
    expect(inspect(['-- wwdb:shards table', ...withTime.slice(1), body]).families[0]).not.toHaveProperty('keeper')
  })

  it.each([
    [
      'a word that is neither',
      ['-- wwdb:shards partitions', ...withTime.slice(1)],
      body,
      /must be "table" or "partition", not "partitions"/,
    ],
    ['no time', headers, body, /needs the column that says when a row was made/],
    [
      'keys',
      ['-- wwdb:shards partition', '-- wwdb:keys app.owners(id)', '-- wwdb:name clicks_{key}'],
      body,
      /has no meaning in a family of keys/,
    ],
    [
      'ids',
      [...withTime, '-- wwdb:ids YYYYMM x 1000'],
      body.replace('NOT NULL', 'NOT NULL AUTO_INCREMENT'),
      /`wwdb:ids` has no meaning where shards are partitions/,
    ],
    [
      'a view',
      [...withTime, '-- wwdb:view recent 3 periods'],
      body,
      /`wwdb:view` has no meaning where shards are partitions/,
    ],
    [
      'a unique key without the time',
      withTime,
      body.replace('PRIMARY KEY', 'UNIQUE KEY k (id), PRIMARY KEY'),
      /This unique key does not contain `at`/,
    ],
    [
      'a primary key of a column',
      withTime,
      'CREATE TABLE {{table}} (id BIGINT NOT NULL PRIMARY KEY, at DATETIME NOT NULL);',
      /This unique key does not contain `at`/,
    ],
    [
      'a time that may be NULL',
      withTime,
      'CREATE TABLE {{table}} (id BIGINT NOT NULL, at DATETIME, KEY (id));',
      /The column `at` may be NULL/,
    ],
    [
      'a FULLTEXT index',
      withTime,
      body.replace('PRIMARY KEY', 'v TEXT, FULLTEXT KEY (v), PRIMARY KEY'),
      /A partitioned table has no FULLTEXT index/,
    ],
    [
      'partitions of its own',
      withTime,
      body.replace(');', ') PARTITION BY HASH (id) PARTITIONS 4;'),
      /partitions the table itself/,
    ],
    [
      'physical references',
      [...withTime, '-- wwdb:reference (id) app.owners(id)', '-- wwdb:references physical'],
      body,
      /a partitioned table has no foreign keys/,
    ],
  ])('is refused with %s', (_, lines, statement, expected) => {
    const faults = faultsOf([...lines, statement])
    expect(
      faults.some((what) => expected.test(what)),
      JSON.stringify(faults),
    ).toBe(true)
  })
})
