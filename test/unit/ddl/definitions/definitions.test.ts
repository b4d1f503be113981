import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareDefinitions, longestRun } from '../../../../src/ddl/definitions/compare-definitions.ts'
import { readDefinition } from '../../../../src/ddl/definitions/shard-definition.ts'
import { writeAlterations } from '../../../../src/ddl/definitions/write-alterations.ts'
import { writeEdits } from '../../../../src/ddl/definitions/write-edits.ts'
import type { TableSnapshot } from '../../../../src/ddl/snapshot.ts'

const siblings = new Map([['groups_42', '{{sibling:groups}}']])

function read(text: string, table = 'members_42'): TableSnapshot {
  return readDefinition(text, { table, siblings })
}

const members = `CREATE TABLE \`members_42\` (
  \`id\` bigint NOT NULL AUTO_INCREMENT,
  \`group_id\` bigint NOT NULL COMMENT 'of members_42, not (a, b)',
  \`name\` varchar(50) DEFAULT 'a,b',
  \`kind\` enum('x','y''z') NOT NULL,
  PRIMARY KEY (\`id\`),
  KEY \`idx_name\` (\`name\`(10)) /*!80000 INVISIBLE */,
  KEY \`members_42_group\` (\`group_id\`,\`id\`),
  CONSTRAINT \`members_42_ibfk_1\` FOREIGN KEY (\`group_id\`) REFERENCES \`groups_42\` (\`id\`) ON DELETE CASCADE,
  CONSTRAINT \`members_42_chk_1\` CHECK ((\`group_id\` > 0))
) ENGINE=InnoDB AUTO_INCREMENT=77 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci ROW_FORMAT=DYNAMIC COMMENT='a=b (c)'
/*!50100 PARTITION BY HASH (\`id\`)
PARTITIONS 2 */`

describe('reading a definition', () => {
  test('splits it into its parts, with placeholders for the names of shards', () => {
    const definition = read(members)
    expect(definition.columns.map(({ name }) => name)).toEqual(['id', 'group_id', 'name', 'kind'])
    expect(definition.indexes).toMatchObject([
      { name: 'PRIMARY', text: 'PRIMARY KEY (`id`)' },
      { name: 'idx_name', text: 'KEY `idx_name` (`name`(10)) /*!80000 INVISIBLE */' },
      { name: '{{table}}_group', text: 'KEY `{{table}}_group` (`group_id`,`id`)' },
    ])
    expect(definition.foreignKeys).toMatchObject([
      {
        name: '{{table}}_ibfk_1',
        text: 'CONSTRAINT `{{table}}_ibfk_1` FOREIGN KEY (`group_id`) REFERENCES `{{sibling:groups}}` (`id`) ON DELETE CASCADE',
      },
    ])
    expect(definition.checks.map(({ name }) => name)).toEqual(['{{table}}_chk_1'])
    expect(definition.options).toEqual({
      ENGINE: 'InnoDB',
      CHARSET: 'utf8mb4',
      COLLATE: 'utf8mb4_0900_ai_ci',
      ROW_FORMAT: 'DYNAMIC',
      COMMENT: "'a=b (c)'",
    })
    expect(definition.partitioning).toBe('PARTITION BY HASH (`id`) PARTITIONS 2')
  })

  test('leaves out the marks of comments that the server runs', () => {
    const text = `CREATE TABLE \`t\` (
  \`id\` int NOT NULL
) ENGINE=InnoDB
/*!50100 PARTITION BY RANGE (\`id\`)
SUBPARTITION BY LINEAR KEY */ /*!50611 ALGORITHM = 1 */ /*!50100 (id)
(PARTITION p VALUES LESS THAN (3) COMMENT = 'a */ /*!1 b' ENGINE = InnoDB) */`
    expect(read(text).partitioning).toBe(
      "PARTITION BY RANGE (`id`) SUBPARTITION BY LINEAR KEY ALGORITHM = 1 (id) (PARTITION p VALUES LESS THAN (3) COMMENT = 'a */ /*!1 b')",
    )
  })

  test('shards of one template give equal definitions', () => {
    const other = members.replaceAll('members_42', 'members_7').replaceAll('groups_42', 'groups_7')
    const names = new Map([['groups_7', '{{sibling:groups}}']])
    const definition = readDefinition(other.replace('of members_7', 'of members_42').replace('=77', '=1'), {
      table: 'members_7',
      siblings: names,
    })
    expect(definition).toEqual(read(members))
    expect(compareDefinitions(definition, read(members))).toEqual([])
    expect(writeAlterations(definition, read(members))).toEqual([])
  })

  test('a longer name that begins with that of the table is another name', () => {
    const text = 'CREATE TABLE `t_4` (\n  `a` int,\n  KEY `t_42` (`a`),\n  KEY `at_4` (`a`)\n) ENGINE=InnoDB'
    expect(read(text, 't_4').indexes.map(({ name }) => name)).toEqual(['at_4', 't_42'])
  })

  test('a comma, a parenthesis or a quote in a name or text separates nothing', () => {
    const text =
      "CREATE TABLE `t` (\n  `a,)` enum('),','''(') COMMENT 'it\\'s (',\n  `b``(` int\n) ENGINE=InnoDB COMMENT='),('"
    const { columns, options } = read(text, 't')
    expect(columns).toMatchObject([
      { name: 'a,)', text: "`a,)` enum('),','''(') COMMENT 'it\\'s ('" },
      { name: 'b`(', text: '`b``(` int' },
    ])
    expect(options['COMMENT']).toBe("'),('")
  })

  test('text that does not define a table is refused', () => {
    expect(() => read('CREATE ALGORITHM=UNDEFINED VIEW `v` AS select 1')).toThrow('not the definition of a table')
  })
})

describe('comparing definitions', () => {
  const table = (columns: string, options = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci') =>
    read(`CREATE TABLE \`t\` (\n  ${columns}\n) ${options}`, 't')

  test('a character set equals the same one inherited from the table', () => {
    const written = table('`a` varchar(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci DEFAULT NULL')
    expect(compareDefinitions(table('`a` varchar(5) DEFAULT NULL'), written)).toEqual([])
  })

  test('the same text means another character set in another table', () => {
    const latin = table('`a` varchar(5) DEFAULT NULL', 'ENGINE=InnoDB DEFAULT CHARSET=latin1')
    const found = compareDefinitions(table('`a` varchar(5) DEFAULT NULL'), latin)
    expect(found).toMatchObject([
      {
        part: 'column',
        wanted: 'varchar(5) DEFAULT NULL (utf8mb4 utf8mb4_0900_ai_ci)',
        found: 'varchar(5) DEFAULT NULL (latin1 default)',
      },
      { part: 'option', name: 'CHARSET' },
      { part: 'option', name: 'COLLATE' },
    ])
    expect(writeAlterations(table('`a` varchar(5) DEFAULT NULL'), latin)).toEqual([
      'ALTER TABLE `{{table}}`\n  MODIFY COLUMN `a` varchar(5) DEFAULT NULL,\n  DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_0900_ai_ci',
    ])
  })

  test('a column out of place moves alone', () => {
    const wanted = table('`a` int,\n  `b` int,\n  `c` int,\n  `d` int')
    const found = table('`d` int,\n  `a` int,\n  `b` int,\n  `c` int')
    expect(compareDefinitions(wanted, found)).toEqual([
      { part: 'order', name: 'd', change: 'differs', wanted: 'a, b, c, d', found: 'd, a, b, c' },
    ])
    expect(writeAlterations(wanted, found)).toEqual(['ALTER TABLE `{{table}}`\n  MODIFY COLUMN `d` int AFTER `c`'])
  })

  test('an index of a partitioned table that loses its block size is made again: it would keep it as its own', () => {
    const partitions = '\n/*!50100 PARTITION BY HASH (`a`)\nPARTITIONS 2 */'
    const found = table('`a` int,\n  KEY `k` (`a`)', `ENGINE=InnoDB KEY_BLOCK_SIZE=8${partitions}`)
    expect(writeAlterations(table('`a` int,\n  KEY `k` (`a`)', `ENGINE=InnoDB${partitions}`), found)).toEqual([
      'ALTER TABLE `{{table}}`\n  DROP INDEX `k`,\n  ADD KEY `k` (`a`),\n  KEY_BLOCK_SIZE = 0',
    ])
  })

  test('names with backticks and quotes are quoted again', () => {
    const wanted = table('`a` int')
    const found = table("`a` int,\n  `x``; DROP TABLE y; --` int COMMENT 'it''s'")
    expect(writeAlterations(wanted, found)).toEqual(['ALTER TABLE `{{table}}`\n  DROP COLUMN `x``; DROP TABLE y; --`'])
  })

  test('a check that names no column is added again where a column is dropped, as MySQL drops it with any', () => {
    const check = 'CONSTRAINT `c` CHECK ((length(5) > 0)),\n  CONSTRAINT `d` CHECK ((`a` > 0))'
    const found = table(`\`a\` int,\n  \`b\` int,\n  ${check}`)
    expect(writeAlterations(table(`\`a\` int,\n  ${check}`), found)).toEqual([
      'ALTER TABLE `{{table}}`\n  DROP CHECK `c`',
      'ALTER TABLE `{{table}}`\n  DROP COLUMN `b`,\n  ADD CONSTRAINT `c` CHECK ((length(5) > 0))',
    ])
    expect(writeAlterations(table(`\`a\` int,\n  \`b\` int,\n  \`e\` int,\n  ${check}`), found)).toHaveLength(1)
  })
})

describe('writing edits of a template', () => {
  const table = (columns: string, options = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4') =>
    read(`CREATE TABLE \`members_42\` (\n  ${columns}\n) ${options}`)
  const editsOf = (template: TableSnapshot, made: TableSnapshot) => writeEdits(template, made).map(({ edit }) => edit)

  test('equal tables need no edits', () => {
    expect(writeEdits(read(members), read(members))).toEqual([])
  })

  test('only differences are named, with the line to write', () => {
    const wide = Array.from({ length: 26 }, (_, index) => `\`wide_${index}\` int`).join(',\n  ')
    const made = table(`\`id\` bigint NOT NULL,\n  \`flag\` int NOT NULL DEFAULT '0',\n  ${wide}`)
    expect(editsOf(table(`\`id\` bigint NOT NULL,\n  ${wide}`), made)).toEqual([
      "Add to the template, after the column `id`:\n`flag` int NOT NULL DEFAULT '0'",
    ])
    expect(
      editsOf(table(`\`id\` int,\n  \`flag\` int NOT NULL DEFAULT '0',\n  ${wide},\n  \`old\` int`), made),
    ).toEqual(['Write in the template:\n`id` bigint NOT NULL', 'Remove the column `old` from the template.'])
  })

  test('columns in another order: only those that move, each after the one that it follows', () => {
    const made = table('`d` int,\n  `a` int,\n  `b` int,\n  `c` int')
    expect(editsOf(table('`a` int,\n  `b` int,\n  `c` int,\n  `d` int'), made)).toEqual([
      'Move in the template: the column `d`, as the first column.',
    ])
    expect(
      editsOf(
        table('`a` int,\n  `d` int,\n  `b` int,\n  `c` int'),
        table('`a` int,\n  `b` int,\n  `c` int,\n  `d` int'),
      ),
    ).toEqual(['Move in the template: the column `d`, after the column `c`.'])
  })

  test('indexes, constraints, options and partitions, with the placeholders that a template has', () => {
    const plain = table('`id` bigint NOT NULL,\n  `group_id` bigint NOT NULL')
    const whole = table(
      '`id` bigint NOT NULL,\n  `group_id` bigint NOT NULL,\n  KEY `members_42_group` (`group_id`),\n  CONSTRAINT `fk_members_42` FOREIGN KEY (`group_id`) REFERENCES `groups_42` (`id`),\n  CONSTRAINT `members_42_chk_1` CHECK ((`id` > 0))',
      "ENGINE=InnoDB DEFAULT CHARSET=latin1 COMMENT='x'\n/*!50100 PARTITION BY HASH (`id`) */",
    )
    expect(editsOf(plain, whole)).toEqual([
      'Add to the template:\nKEY `{{table}}_group` (`group_id`)',
      'Add to the template:\nCONSTRAINT `fk_{{table}}` FOREIGN KEY (`group_id`) REFERENCES `{{sibling:groups}}` (`id`)',
      'Add to the template:\nCONSTRAINT `{{table}}_chk_1` CHECK ((`id` > 0))',
      'Write in the options of the template:\nDEFAULT CHARSET=latin1',
      "Add to the options of the template:\nCOMMENT='x'",
      'Add to the template, after the options:\nPARTITION BY HASH (`id`)',
    ])
    expect(editsOf(whole, plain)).toEqual([
      'Remove the index `{{table}}_group` from the template.',
      'Remove the foreign key `fk_{{table}}` from the template.',
      'Remove the check `{{table}}_chk_1` from the template.',
      'Write in the options of the template:\nDEFAULT CHARSET=utf8mb4',
      'Remove the option `COMMENT` from the template.',
      'Remove `PARTITION BY` from the template.',
    ])
  })
})

test('as many columns as possible keep their position', () => {
  const orders = fc
    .uniqueArray(fc.nat(20), { maxLength: 8 })
    .chain((names) =>
      fc.tuple(fc.constant(names.map(String)), fc.shuffledSubarray(names.map(String), { minLength: names.length })),
    )
  fc.assert(
    fc.property(orders, ([wanted, present]) => {
      const run = longestRun(present, wanted)
      const places = run.map((name) => wanted.indexOf(name))
      expect(places).toEqual([...places].sort((a, b) => a - b))
      expect(run.map((name) => present.indexOf(name))).toEqual(
        run.map((name) => present.indexOf(name)).sort((a, b) => a - b),
      )
      expect(run.length).toBe(longestByTrying(present.map((name) => wanted.indexOf(name))))
    }),
  )
})

/** Every subsequence, one by one. */
function longestByTrying(places: readonly number[]): number {
  let longest = 0
  for (let chosen = 0; chosen < 2 ** places.length; chosen += 1) {
    const kept = places.filter((_, index) => (chosen >> index) % 2 === 1)
    if (kept.every((place, index) => index === 0 || (kept[index - 1] ?? 0) < place))
      longest = Math.max(longest, kept.length)
  }
  return longest
}

describe('partitions whose columns are printed in another way', () => {
  const parted = (by: string): TableSnapshot =>
    read(`CREATE TABLE \`t\` (\n  \`id\` int NOT NULL\n) ENGINE=InnoDB\n/*!50100 PARTITION BY ${by} */`)

  test.each([
    // `manual` is a keyword of 9.7 alone.
    ['KEY (manual) PARTITIONS 2', 'KEY (`manual`) PARTITIONS 2'],
    [
      'RANGE COLUMNS(ID,`a b`) (PARTITION p VALUES LESS THAN (1,2))',
      'RANGE COLUMNS(id,`a b`) (PARTITION p VALUES LESS THAN (1,2))',
    ],
    ['RANGE (`y`) SUBPARTITION BY KEY (id) SUBPARTITIONS 2', 'RANGE (`y`) SUBPARTITION BY KEY (`id`) SUBPARTITIONS 2'],
    ['KEY ALGORITHM = 1 (id) PARTITIONS 2', 'KEY ALGORITHM = 1 (`ID`) PARTITIONS 2'],
  ])('%s: nothing differs, and no statement partitions again', (one, other) => {
    expect(compareDefinitions(parted(one), parted(other))).toEqual([])
    expect(writeAlterations(parted(one), parted(other))).toEqual([])
  })

  test.each([
    ['KEY (id) PARTITIONS 2', 'KEY (`other`) PARTITIONS 2'],
    ['LIST COLUMNS(id) (PARTITION p VALUES IN (1))', 'LIST COLUMNS(id) (PARTITION P VALUES IN (1))'],
    ["LIST COLUMNS(id) (PARTITION p VALUES IN ('a'))", "LIST COLUMNS(id) (PARTITION p VALUES IN ('A'))"],
    ['KEY ALGORITHM = 1 (id) PARTITIONS 2', 'KEY (id) PARTITIONS 2'],
  ])('%s is not %s', (one, other) => {
    expect(compareDefinitions(parted(one), parted(other))).toHaveLength(1)
    expect(writeAlterations(parted(one), parted(other))).toHaveLength(1)
  })
})
