import { type ColumnType, printType } from '../../ddl/column-type.ts'
import { typeOf } from '../../ddl/read-parts.ts'
import { findKnownColumn } from '../../ddl/table.ts'
import { findForeignKeys, parentColumnsOf, parentOf } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const foreignKeyTypes: StatementRule = {
  code: 'FOREIGN_KEY_TYPES',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE'],
  severity: 'error',
  family: 'keys',
  title: {
    en: 'A foreign key whose columns have a different type from those of the parent',
    zh: '外键列与父表列的类型不同',
  },
  why: {
    en: 'The types of both columns must be the same, including size and sign: the server refuses the statement.',
    zh: '两端的类型、大小和符号必须相同：服务器会拒绝该语句。',
  },
  fix: { en: 'Give both columns the same type.', zh: '请让两列类型一致。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-foreign-keys.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE p (id INT UNSIGNED PRIMARY KEY)',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, p_id INT, KEY i (p_id), FOREIGN KEY (p_id) REFERENCES p (id))',
        claims: [
          { server: 'refuses', number: 3780, since: '8.0.14' },
          { server: 'refuses', number: 1215, before: '8.0.14' },
        ],
      },
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY)',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, p_id BIGINT, KEY i (p_id), FOREIGN KEY (p_id) REFERENCES p (id))',
        claims: [
          { server: 'refuses', number: 3780, since: '8.0.14' },
          { server: 'refuses', number: 1215, before: '8.0.14' },
        ],
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE p (id VARCHAR(20) PRIMARY KEY)',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, p_id VARCHAR(30), KEY i (p_id), FOREIGN KEY (p_id) REFERENCES p (id))',
      },
    ],
  },
  find: (subject) =>
    findForeignKeys(subject, (key, table) => {
      const parent = parentOf(key, subject)
      if (parent === null) return null
      for (const [at, name] of parentColumnsOf(key, parent).entries()) {
        const own = typeOf(findKnownColumn(table, key.columns[at] ?? ''))
        const other = typeOf(findKnownColumn(parent, name))
        if (own === null || other === null || isAlike(own, other)) continue
        return {
          en: `is a ${printType(own)}, and \`${name}\` of \`${parent.name}\` a ${printType(other)}`,
          zh: `是 ${printType(own)}，而 \`${parent.name}\` 的 \`${name}\` 是 ${printType(other)}`,
        }
      }
      return null
    }),
}

/** Texts may differ in length, and decimals in digits. */
function isAlike(one: ColumnType, other: ColumnType): boolean {
  const isText = (type: ColumnType): boolean => /^(?:var)?char$/.test(type.base)
  const isBytes = (type: ColumnType): boolean => /^(?:var)?binary$/.test(type.base)
  if ((isText(one) && isText(other)) || (isBytes(one) && isBytes(other))) return true
  return one.base === other.base && one.unsigned === other.unsigned
}
