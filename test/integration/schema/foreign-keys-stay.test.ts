import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareSnapshots } from '../../../src/ddl/compare-snapshots.ts'
import type { SchemaSnapshot } from '../../../src/ddl/snapshot.ts'
import { writeChanges } from '../../../src/schema/write-changes.ts'
import { schemaRuns, schemaTimeout } from '../../helpers/schema/runs.ts'
import { describeDifferences, openSnapshotFixture, type SnapshotFixture } from '../../helpers/schema/snapshots.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'

/** A parent and a child, and what is on each side of a change. */
interface Sides {
  readonly parentKeys: readonly string[]
  readonly childKeys: readonly string[]
  readonly childColumn: string
  readonly parentColumn: string
  readonly options: string
}

const parentKeys = [
  'KEY `ia` (`a`)',
  'UNIQUE KEY `ub` (`b`, `a`)',
  'KEY `of_text` (`text`(5))',
  'FULLTEXT KEY `f` (`text`)',
  'UNIQUE KEY `again` (`id`)',
]
const childKeys = [
  'KEY `k` (`p_id`)',
  'KEY `k` (`p_id`, `s`)',
  'KEY `other` (`p_id` DESC)',
  'UNIQUE KEY `u` (`p_id`, `id`)',
  'KEY `late` (`s`, `p_id`)',
  'KEY `hidden` (`p_id`, `s`) INVISIBLE',
  'KEY `s` (`s`)',
]
const named = (texts: readonly string[]) =>
  fc.uniqueArray(fc.constantFrom(...texts), { selector: (text) => /`\w+`/.exec(text)?.[0], maxLength: 3 })

const sides: fc.Arbitrary<Sides> = fc.record({
  parentKeys: named(parentKeys),
  childKeys: named(childKeys),
  childColumn: fc.constantFrom('INT', "INT DEFAULT 3 COMMENT 'x'", 'INT NOT NULL', 'BIGINT'),
  parentColumn: fc.constantFrom('INT', "INT COMMENT 'x'", 'INT AUTO_INCREMENT', 'BIGINT'),
  options: fc.constantFrom('', '', ' DEFAULT CHARSET=latin1', " COMMENT='x'", ' ROW_FORMAT=COMPACT'),
})

/** The types of both columns are the same, whatever else is said of them. */
function tablesOf({ parentKeys: own, childKeys: keys, childColumn, parentColumn, options }: Sides): readonly string[] {
  const [type = ''] = childColumn.split(' ')
  const column = parentColumn.replace(/^\w+/, type)
  return [
    `CREATE TABLE p (${[`id ${column} PRIMARY KEY`, 'a INT', 'b INT', 'text VARCHAR(20)', ...own].join(', ')})${options}`,
    `CREATE TABLE c (${['id INT PRIMARY KEY', `p_id ${childColumn}`, 's INT', ...keys, 'CONSTRAINT fk FOREIGN KEY (p_id) REFERENCES p (id)'].join(', ')})${options}`,
  ]
}

describe.each(versionsInTurn(import.meta.url))('a foreign key on MySQL %s', (version) => {
  let one: SnapshotFixture
  let other: SnapshotFixture

  beforeAll(async () => {
    const server = await testServerOf(version)
    one = await openSnapshotFixture(server)
    other = await openSnapshotFixture(server)
  })
  afterAll(async () => {
    await one.close()
    await other.close()
  })

  async function make(fixture: SnapshotFixture, statements: readonly string[]): Promise<SchemaSnapshot> {
    await fixture.empty()
    await fixture.make(statements)
    return fixture.read()
  }

  const changesOf = (wanted: SchemaSnapshot, found: SchemaSnapshot): readonly string[] =>
    writeChanges(wanted, found, compareSnapshots(wanted, found), { definers: false }).map(({ text }) => text)

  test.each([
    ['an index more on the parent', ['KEY `k` (`p_id`)'], [], ['KEY `k` (`p_id`)'], ['KEY `ia` (`a`)'], 1],
    ['an index more on the child', ['KEY `k` (`p_id`)'], [], ['KEY `k` (`p_id`)', 'KEY `s` (`s`)'], [], 1],
    ['an index in place of the one that it uses', ['KEY `k` (`p_id`)'], [], ['KEY `l` (`p_id`, `s`)'], [], 1],
  ] as const)('stays with %s', async (_, before, parentBefore, after, parentAfter, statements) => {
    const base = { childColumn: 'INT', parentColumn: 'INT', options: '' }
    const wanted = await make(other, tablesOf({ ...base, childKeys: after, parentKeys: parentAfter }))
    const found = await make(one, tablesOf({ ...base, childKeys: before, parentKeys: parentBefore }))
    const changes = changesOf(wanted, found)
    expect(changes).toHaveLength(statements)
    expect(changes.join('\n')).not.toContain('FOREIGN KEY')
    await one.make(changes)
    expect(describeDifferences(wanted, await one.read())).toEqual([])
  })

  test(
    'is dropped and made again only where the server refuses the change with it, and the end is what was wanted',
    async () => {
      let stayed = 0
      await fc.assert(
        fc.asyncProperty(sides, sides, async (from, to) => {
          const wanted = await make(other, tablesOf(to))
          const found = await make(one, tablesOf(from))
          const changes = changesOf(wanted, found)
          const isDropped = changes.some((text) => text.includes('FOREIGN KEY'))
          if (!isDropped) stayed += 1
          await one.make(changes)
          expect(describeDifferences(wanted, await one.read())).toEqual([])
          if (!isDropped) return
          // Under a copy: whether an ALTER is made in place is the server's choice.
          await make(one, tablesOf(from))
          const alone = changes.filter((text) => !text.includes('FOREIGN KEY'))
          await expect(one.make(alone.map((text) => `${text}, ALGORITHM = COPY`))).rejects.toThrow(
            /1553|1832|1833|3780|needed in a foreign key|used in a foreign key|are incompatible/,
          )
        }),
        schemaRuns(15, 300),
      )
      expect(stayed).toBeGreaterThan(0)
    },
    schemaTimeout,
  )
})
