import { partsOf, typeOf } from '../../ddl/read-parts.ts'
import { findKnownColumn } from '../../ddl/table.ts'
import { findIndexes, indexVerbs } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const randomPrimaryKey: StatementRule = {
  code: 'RANDOM_PRIMARY_KEY',
  looksAt: 'statement',
  verbs: indexVerbs,
  severity: 'hint',
  onByDefault: 'strict',
  family: 'keys',
  title: { en: 'A primary key in random order, such as a UUID in text', zh: '顺序随机的主键，例如文本形式的 UUID' },
  why: {
    en: 'InnoDB stores rows in the order of the primary key: random values write to every page of the table and split pages.',
    zh: 'InnoDB 按主键顺序存行：随机值会写遍整张表的页，并导致页分裂。',
  },
  fix: {
    en: 'Use AUTO_INCREMENT with an additional unique UUID column, or UUID_TO_BIN(UUID(), 1) in BINARY(16).',
    zh: '请用 AUTO_INCREMENT 并另加唯一的 UUID 列，或用 BINARY(16) 存 UUID_TO_BIN(UUID(), 1)。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-index-types.html',
  fixtures: {
    found: [
      { sql: 'CREATE TABLE a (id CHAR(36) PRIMARY KEY, n INT)', claims: { server: 'accepts' } },
      { sql: 'CREATE TABLE a (uuid VARCHAR(36) NOT NULL, PRIMARY KEY (uuid))' },
    ],
    clean: [
      { sql: 'CREATE TABLE a (code CHAR(2) PRIMARY KEY, uuid CHAR(36), UNIQUE KEY u (uuid))' },
      { sql: 'CREATE TABLE a (id BINARY(16) PRIMARY KEY)' },
    ],
  },
  find: (subject) =>
    findIndexes(subject, (index, table) => {
      const [part, ...more] = partsOf(index)
      const column = part?.column == null || more.length > 0 ? null : findKnownColumn(table, part.column)
      const type = typeOf(column ?? null)
      if (index.name !== 'PRIMARY' || (type?.base !== 'char' && type?.base !== 'varchar')) return null
      const isUuid = type.arguments[0] === '36' || /uuid|guid/i.test(column?.name ?? '')
      return isUuid ? { en: 'is a UUID in text, in random order', zh: '是文本形式的 UUID，顺序随机' } : null
    }),
}
