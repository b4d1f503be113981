import { findIndexes, indexVerbs } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const tooManyKeyParts: StatementRule = {
  code: 'TOO_MANY_KEY_PARTS',
  looksAt: 'statement',
  verbs: indexVerbs,
  severity: 'error',
  family: 'keys',
  title: { en: 'An index of more than 16 columns', zh: '超过 16 列的索引' },
  why: {
    en: 'An index has at most 16 columns: the server refuses the statement.',
    zh: '一个索引最多 16 列：服务器会拒绝该语句。',
  },
  fix: { en: 'Index only the columns that select rows.', zh: '请只索引用于筛选的列。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/multiple-column-indexes.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (a INT, b INT, c INT, d INT, e INT, f INT, g INT, h INT, i INT, j INT, k INT, l INT, m INT, n INT, o INT, p INT, q INT, id INT PRIMARY KEY, KEY x (a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q))',
        claims: { server: 'refuses', number: 1070 },
      },
    ],
    clean: [
      {
        sql: 'CREATE TABLE a (a INT, b INT, c INT, d INT, e INT, f INT, g INT, h INT, i INT, j INT, k INT, l INT, m INT, n INT, o INT, p INT, q INT, id INT PRIMARY KEY, KEY x (a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p))',
      },
    ],
  },
  find: (subject) =>
    findIndexes(subject, ({ columns }) =>
      columns.length > 16
        ? {
            en: `has ${columns.length} columns, but at most 16 are allowed`,
            zh: `有 ${columns.length} 列，而上限是 16`,
          }
        : null,
    ),
}
