import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const enumRepeated: StatementRule = {
  code: 'ENUM_REPEATED',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'error',
  family: 'types',
  title: { en: 'A value listed twice in an `ENUM` or `SET`', zh: '`ENUM` 或 `SET` 中重复的值' },
  why: {
    en: 'The server refuses it in strict mode; the second one could never be stored.',
    zh: '严格模式下服务器会拒绝；第二个值永远不会被存入。',
  },
  fix: { en: 'List every value only once.', zh: '每个值只写一次。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/enum.html',
  fixtures: {
    found: [
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, color ENUM('red','blue','red'))",
        claims: { server: 'refuses', number: 1291 },
      },
    ],
    clean: [{ sql: "CREATE TABLE a (id INT PRIMARY KEY, color ENUM('red','blue'), s SET('red','blue'))" }],
  },
  find: (subject) =>
    findColumns(subject, ({ type }) => {
      if (type?.base !== 'enum' && type?.base !== 'set') return null
      const values = type.arguments.map((value) => value.trimEnd().toLowerCase())
      const twice = values.find((value, at) => values.indexOf(value) < at)
      return twice === undefined ? null : { en: `lists '${twice}' twice`, zh: `重复列出了 '${twice}'` }
    }),
}
