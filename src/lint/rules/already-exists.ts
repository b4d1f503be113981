import { readAdded, readDroppedColumn } from '../../ddl/read-alterations.ts'
import { findKnownColumn } from '../../ddl/table.ts'
import { readAlterations } from '../../sql/clauses.ts'
import type { LintFinding, StatementRule } from '../rule.ts'
import type { StatementSubject } from '../subjects.ts'

export const alreadyExists: StatementRule = {
  code: 'ALREADY_EXISTS',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE'],
  severity: 'error',
  family: 'known-objects',
  title: { en: 'A table or column that an earlier file already creates', zh: '之前的文件已经创建的表或列' },
  why: {
    en: 'The server refuses the statement in the middle of the run, after the statements before it have taken effect.',
    zh: '服务器会拒绝该语句，而此时运行已进行到一半：前面的语句已经执行。',
  },
  fix: {
    en: 'Change the existing object with ALTER TABLE, or use another name.',
    zh: '请用 ALTER TABLE 修改已有的对象，或改用其他名称。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE users (id INT PRIMARY KEY)',
        sql: 'CREATE TABLE users (id BIGINT PRIMARY KEY)',
        claims: { server: 'refuses', number: 1050 },
      },
      {
        setup: 'CREATE TABLE users (id INT PRIMARY KEY, age INT)',
        sql: 'ALTER TABLE users ADD COLUMN Age INT',
        claims: { server: 'refuses', number: 1060 },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE users (id INT PRIMARY KEY); DROP TABLE users',
        sql: 'CREATE TABLE users (id BIGINT PRIMARY KEY)',
      },
      {
        setup: 'CREATE TABLE users (id INT PRIMARY KEY, age INT)',
        sql: 'ALTER TABLE users DROP COLUMN age, ADD COLUMN age BIGINT',
      },
      {
        setup: 'CREATE TABLE users (id INT PRIMARY KEY)',
        sql: 'CREATE TABLE IF NOT EXISTS users (id BIGINT PRIMARY KEY)',
      },
    ],
  },
  find: (subject) => {
    const { object, statement } = subject
    if (object.type !== 'table' || object.table.partial === true) return []
    if (statement.verb === 'ALTER TABLE') return findColumns(subject)
    const { name, at } = object.table
    if (statement.idempotent || at === undefined) return []
    return [
      {
        message: {
          en: `The table \`${name}\` already exists: \`${at.file}\` creates it.`,
          zh: `表 \`${name}\` 已经存在：由 \`${at.file}\` 创建。`,
        },
      },
    ]
  },
}

function findColumns({ object, tokens }: StatementSubject): readonly LintFinding[] {
  if (object.type !== 'table') return []
  const { table } = object
  const clauses = readAlterations(tokens)
  const gone = new Set(clauses.flatMap((clause) => readDroppedColumn(clause)?.toLowerCase() ?? []))
  const renames = clauses.some((clause) => /^(?:change|rename)$/i.test(clause[0]?.text ?? ''))
  if (renames) return []
  return clauses.flatMap((clause) =>
    readAdded(clause).flatMap(([name]): readonly LintFinding[] => {
      if (gone.has(name.toLowerCase()) || findKnownColumn(table, name) === null) return []
      const at = clause.find((token) => token.text === name)
      const message = {
        en: `\`${table.name}\` already has a column \`${name}\`.`,
        zh: `\`${table.name}\` 已有列 \`${name}\`。`,
      }
      return [at === undefined ? { message } : { message, at }]
    }),
  )
}
