import { findWords } from '../../sql/clauses.ts'
import { namesChangingFunction } from '../changing-functions.ts'
import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const generatedNotFixed: StatementRule = {
  code: 'GENERATED_NOT_FIXED',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'error',
  family: 'types',
  title: {
    en: 'A generated column over a function that changes, such as `NOW()`',
    zh: '生成列使用了结果会变化的函数，例如 `NOW()`',
  },
  why: {
    en: 'A generated column allows only functions that always give the same result: the server refuses the statement.',
    zh: '生成列只允许结果固定的函数：服务器会拒绝该语句。',
  },
  fix: {
    en: 'Compute the value in queries or in a view, or fill a plain column.',
    zh: '请在查询或视图中计算，或填充普通列。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-generated-columns.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, born DATE, age INT AS (YEAR(NOW()) - YEAR(born)))',
        claims: [
          { server: 'refuses', number: 3763, since: '8.0.13' },
          { server: 'refuses', number: 3102, before: '8.0.13' },
        ],
      },
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, token CHAR(36) AS (UUID()) STORED)',
        claims: [
          { server: 'refuses', number: 3763, since: '8.0.13' },
          { server: 'refuses', number: 3102, before: '8.0.13' },
        ],
      },
    ],
    clean: [
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, born DATE, y INT AS (YEAR(born)), at DATETIME DEFAULT NOW())' },
    ],
  },
  find: (subject) =>
    findColumns(subject, ({ definition }) => {
      const as = findWords(definition, 'AS')
      const found = as < 0 ? null : namesChangingFunction(definition.slice(as))
      return found === null
        ? null
        : { en: `is generated with ${found}(), whose result changes`, zh: `由 ${found}() 生成，而其结果会变化` }
    }),
}
