import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const upgradeEnumLength: StatementRule = {
  code: 'UPGRADE_ENUM_LENGTH',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'error',
  family: 'upgrade',
  title: { en: 'An `ENUM` or `SET` value of more than 255 characters', zh: '超过 255 个字符的 `ENUM` 或 `SET` 值' },
  why: {
    en: 'MySQL 8.0 refuses such a column, and the server upgrade stops there.',
    zh: 'MySQL 8.0 会拒绝这样的列，服务器升级也会因此中止。',
  },
  fix: { en: 'Shorten the value.', zh: '请缩短该值。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/enum.html',
  fixtures: {
    found: [
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, e ENUM('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'))",
        target: '8.0.11',
        claims: { server: 'refuses', number: 3505 },
      },
    ],
    clean: [{ sql: "CREATE TABLE a (id INT PRIMARY KEY, e ENUM('short'))", target: '8.0.11' }],
  },
  find: (subject) =>
    findColumns(subject, ({ type }) =>
      (type?.base === 'enum' || type?.base === 'set') && type.arguments.some((value) => [...value].length > 255)
        ? { en: 'has a value of more than 255 characters', zh: '有超过 255 个字符的值' }
        : null,
    ),
}
