import { partsOf } from '../../ddl/read-parts.ts'
import { bytesInIndex, findIndexes, indexVerbs } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const widePrimaryKey: StatementRule = {
  code: 'WIDE_PRIMARY_KEY',
  looksAt: 'statement',
  verbs: indexVerbs,
  severity: 'hint',
  onByDefault: 'strict',
  family: 'keys',
  title: {
    en: 'A wide primary key, which every other index repeats',
    zh: '字节数很多的主键，会在其他每个索引中重复',
  },
  why: {
    en: 'InnoDB stores the primary key in each entry of every secondary index: a wide key makes all of them large.',
    zh: 'InnoDB 在其他索引的每个条目中都存有主键：主键越宽，所有索引越大。',
  },
  fix: {
    en: 'Use BIGINT UNSIGNED AUTO_INCREMENT as the primary key, and a unique index on the columns.',
    zh: '请用 BIGINT UNSIGNED AUTO_INCREMENT 作主键，并在这些列上建唯一索引。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-index-types.html',
  options: { bytes: 64 },
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (path VARCHAR(190) PRIMARY KEY, n INT, KEY i (n)) CHARSET=utf8mb4',
        claims: { server: 'accepts' },
      },
    ],
    clean: [
      { sql: 'CREATE TABLE a (path VARCHAR(190) PRIMARY KEY, n INT) CHARSET=utf8mb4' },
      { sql: 'CREATE TABLE a (id CHAR(36) CHARACTER SET ascii PRIMARY KEY, n INT, KEY i (n))' },
    ],
  },
  find: (subject) =>
    findIndexes(subject, (index, table) => {
      if (index.name !== 'PRIMARY' || table.indexes.length < 2) return null
      const bytes = partsOf(index).reduce((sum, part) => sum + (bytesInIndex(table, part) ?? 0), 0)
      return bytes > Number(subject.options['bytes'])
        ? {
            en: `has up to ${bytes} bytes, in each of ${table.indexes.length - 1} other indexes`,
            zh: `最多 ${bytes} 字节，并重复存于另外 ${table.indexes.length - 1} 个索引中`,
          }
        : null
    }),
}
