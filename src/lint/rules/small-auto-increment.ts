import { readColumnAttributes } from '../../ddl/column-attributes.ts'
import type { ColumnType } from '../../ddl/column-type.ts'
import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const smallAutoIncrement: StatementRule = {
  code: 'SMALL_AUTO_INCREMENT',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'hint',
  family: 'types',
  title: {
    en: '`AUTO_INCREMENT` on `TINYINT`, `SMALLINT` or `MEDIUMINT`',
    zh: '在 `TINYINT`、`SMALLINT`、`MEDIUMINT` 上使用 `AUTO_INCREMENT`',
  },
  why: {
    en: 'Failed and rolled back inserts use up numbers, too: after the last one, every INSERT fails.',
    zh: '回滚和失败的插入也会消耗编号：用完之后所有 INSERT 都会失败。',
  },
  fix: {
    en: 'Use INT UNSIGNED for small tables, BIGINT UNSIGNED for all others.',
    zh: '小表用 INT UNSIGNED，其他表用 BIGINT UNSIGNED。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/example-auto-increment.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id TINYINT AUTO_INCREMENT PRIMARY KEY); INSERT INTO a VALUES (127); INSERT INTO a VALUES (NULL)',
        claims: { server: 'refuses', number: 1062 },
      },
      { sql: 'CREATE TABLE a (id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT, PRIMARY KEY (id))' },
    ],
    clean: [{ sql: 'CREATE TABLE a (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, kind TINYINT NOT NULL)' }],
  },
  find: (subject) =>
    findColumns(subject, ({ type, definition }) =>
      type !== null &&
      ['tinyint', 'smallint', 'mediumint'].includes(type.base) &&
      readColumnAttributes(definition).autoIncrement
        ? { en: `can number only ${mostRows(type)} rows`, zh: `只能编号 ${mostRows(type)} 行` }
        : null,
    ),
}

const bits: Readonly<Record<string, number>> = { tinyint: 8, smallint: 16, mediumint: 24 }

function mostRows({ base, unsigned }: ColumnType): number {
  return 2 ** ((bits[base] ?? 8) - (unsigned ? 0 : 1)) - 1
}
