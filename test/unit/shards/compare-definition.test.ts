import { describe, expect, it } from 'vitest'
import { compareDefinition } from '../../../src/shards/templates/compare-definition.ts'

const made = `CREATE TABLE \`t\` (
  \`id\` bigint unsigned NOT NULL AUTO_INCREMENT COMMENT 'a, b',
  \`flag\` tinyint(1) NOT NULL DEFAULT '0',
  \`price\` decimal(10,2) DEFAULT NULL,
  \`name\` varchar(40) COLLATE utf8mb4_unicode_ci DEFAULT NULL,
  PRIMARY KEY (\`id\`),
  KEY \`flag\` (\`flag\`),
  CONSTRAINT \`t_ibfk_1\` FOREIGN KEY (\`flag\`) REFERENCES \`p\` (\`id\`),
  CONSTRAINT \`t_chk_1\` CHECK ((\`price\` > 0))
) ENGINE=InnoDB AUTO_INCREMENT=5 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='x'`

const written = [
  "id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'a, b'",
  'flag TINYINT(1) NOT NULL DEFAULT 0',
  'price DECIMAL(10, 2)',
  'name VARCHAR(40)',
  'KEY flag (flag)',
  'FOREIGN KEY (flag) REFERENCES p (id)',
  'CHECK (price > 0)',
]

/** Compares with `made` what is written, with one definition replaced. */
function compare(from = '', to = '', options = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci') {
  const definitions = written.flatMap((definition) => (definition !== from ? [definition] : to === '' ? [] : [to]))
  return compareDefinition(`CREATE TABLE t (${definitions.join(', ')}) ${options}`, made)
}

describe('a table as the server shows it', () => {
  it('a difference is shown in the words of the definition', () => {
    expect(compare()).toEqual({ faults: [], changes: [] })
  })

  it.each([
    ['price DECIMAL(10, 2)', 'price NUMERIC(10,2)'],
    ['price DECIMAL(10, 2)', 'price DEC(10,2)'],
    ['flag TINYINT(1) NOT NULL DEFAULT 0', 'flag BOOL NOT NULL'],
    ['name VARCHAR(40)', "`name` varchar(40) DEFAULT NULL COMMENT ''"],
  ])('is the same for %s and %s', (from, to) => {
    expect(compare(from, to)).toEqual({ faults: [], changes: [] })
  })

  it.each([
    [
      'price DECIMAL(10, 2)',
      'price FIXED(12,2)',
      'The column `price` became decimal(10,2), but the template says decimal(12,2).',
    ],
    [
      "id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'a, b'",
      'id INT8(20) UNSIGNED PRIMARY KEY',
      'The server drops the display width of `id`: bigint(20) unsigned is bigint unsigned.',
    ],
    ['KEY flag (flag)', 'KEY (flag)', 'The server created the index `flag`, which is not in the template.'],
    ['KEY flag (flag)', '', 'The server created the index `flag`, which is not in the template.'],
  ])('tells what became of %s, written as %j', (from, to, change) => {
    expect(compare(from, to)).toEqual({ faults: [], changes: [change] })
  })

  it.each([
    ['name VARCHAR(40)', 'name TEXT', 'The column `name` became varchar(40), but the template says text.'],
    [
      'flag TINYINT(1) NOT NULL DEFAULT 0',
      'flag TINYINT UNSIGNED',
      'The column `flag` became tinyint(1), but the template says tinyint unsigned.',
    ],
    ['name VARCHAR(40)', '', 'The server added the column `name`.'],
    ['name VARCHAR(40)', 'name VARCHAR(40), more INT', 'The column `more` was not created.'],
    ['FOREIGN KEY (flag) REFERENCES p (id)', '', 'The table has 1 foreign key, but the template has 0.'],
    ['CHECK (price > 0)', 'CHECK (price > 0), CHECK (price < 9)', 'The table has 1 check, but the template has 2.'],
  ])('is not what was asked for when %s is %j', (from, to, fault) => {
    expect(compare(from, to).faults).toEqual([fault])
  })

  it('has its columns in the order in which they are written', () => {
    const { faults } = compareDefinition('CREATE TABLE t (b INT, a INT)', 'CREATE TABLE `t` (`a` int, `b` int)')
    expect(faults).toEqual(['The columns are in another order: a, b.'])
  })

  it('has the options that are written', () => {
    const options = 'ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_bin'
    expect(compare('', '', options).faults).toEqual([
      'The table has COLLATE utf8mb4_unicode_ci, but the template says latin1_bin.',
      'The table has CHARSET utf8mb4, but the template says latin1.',
    ])
    expect(
      compareDefinition('CREATE TABLE t (a INT) CHARSET=utf8', 'CREATE TABLE t (a int) DEFAULT CHARSET=utf8mb3').faults,
    ).toEqual([])
  })

  it('is a table', () => {
    expect(compareDefinition('CREATE TABLE t (a INT)', 'CREATE VIEW t AS SELECT 1').faults).toHaveLength(1)
  })
})
