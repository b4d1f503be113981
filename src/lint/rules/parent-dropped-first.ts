import { referenceOf } from '../../ddl/read-parts.ts'
import { listReferringTables } from '../../ddl/schema.ts'
import { isOff, readAssignments } from '../assignments.ts'
import type { StatementRule } from '../rule.ts'

export const parentDroppedFirst: StatementRule = {
  code: 'PARENT_DROPPED_FIRST',
  looksAt: 'statement',
  verbs: ['DROP TABLE'],
  severity: 'error',
  family: 'known-objects',
  title: {
    en: '`DROP TABLE` of a table that a foreign key of another table still references',
    zh: '被其他表的外键引用时仍执行 `DROP TABLE`',
  },
  why: {
    en: 'The server refuses it: the order of the statements matters.',
    zh: '服务器会拒绝：语句的先后顺序很重要。',
  },
  fix: {
    en: 'First drop the foreign key or the table that has it.',
    zh: '请先删除该外键或拥有它的表。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-foreign-keys.html',
  fixtures: {
    found: [
      {
        setup:
          'CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE a (id INT PRIMARY KEY, p_id INT, KEY by_p (p_id), CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id))',
        sql: 'DROP TABLE p',
        claims: { server: 'refuses', number: 3730 },
      },
    ],
    clean: [
      {
        setup:
          'CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE a (id INT PRIMARY KEY, p_id INT, KEY by_p (p_id), CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id))',
        sql: 'DROP TABLE a; DROP TABLE p',
        claims: { server: 'accepts' },
      },
      {
        setup:
          'CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE a (id INT PRIMARY KEY, p_id INT, KEY by_p (p_id), CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id))',
        sql: 'DROP TABLE p, a',
        claims: { server: 'accepts' },
      },
      {
        setup:
          'CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE a (id INT PRIMARY KEY, p_id INT, KEY by_p (p_id), CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id))',
        sql: 'SET SESSION foreign_key_checks = 0; DROP TABLE p',
      },
    ],
  },
  find: ({ statement, after, file }) => {
    const statements = file.up.slice(0, statement.index)
    const isUnchecked = statements.some(
      (read) =>
        read.statement.sessionVariables.includes('foreign_key_checks') &&
        readAssignments(read.tokens).some(({ name, value }) => name === 'foreign_key_checks' && isOff(value)),
    )
    if (isUnchecked) return []
    return statement.objects.flatMap((dropped) => {
      const child = listReferringTables(after).find(({ foreignKeys }) =>
        foreignKeys.some((key) => {
          const { parent } = referenceOf(key)
          return parent.schema === dropped.schema && parent.name.toLowerCase() === dropped.name.toLowerCase()
        }),
      )
      if (child === undefined) return []
      const message = {
        en: `A foreign key of \`${child.name}\` still references \`${dropped.name}\`.`,
        zh: `\`${child.name}\` 的外键仍引用 \`${dropped.name}\`。`,
      }
      return [{ message }]
    })
  },
}
