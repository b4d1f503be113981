import { isWord, outerTokens } from '../../sql/clauses.ts'
import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const binaryAttribute: StatementRule = {
  code: 'BINARY_ATTRIBUTE',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'warning',
  family: 'types',
  title: {
    en: '`BINARY`, `ASCII` or `UNICODE` after a text type: deprecated attributes',
    zh: '文本类型后的 `BINARY`、`ASCII`、`UNICODE`：已弃用的属性',
  },
  why: {
    en: 'BINARY is a short form of the _bin collation, ASCII of latin1 and UNICODE of ucs2; they are easily misread, and deprecated.',
    zh: 'BINARY 是 _bin 排序规则的简写，ASCII 是 latin1，UNICODE 是 ucs2；读者容易误解，且已弃用。',
  },
  fix: {
    en: 'Write COLLATE or CHARACTER SET with the explicit name.',
    zh: '请用 COLLATE 或 CHARACTER SET 写出真正的名称。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/charset-column.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, code VARCHAR(20) BINARY)',
        claims: { server: 'warns', number: 1287, since: '8.0.17' },
      },
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, code VARCHAR(20) ASCII)',
        claims: { server: 'warns', number: 1287, since: '8.0.28' },
      },
    ],
    clean: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, code BINARY(20), hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin)',
      },
    ],
  },
  find: (subject) =>
    findColumns(subject, ({ type, definition }) => {
      if (type === null || !/(?:char|text)$/.test(type.base)) return null
      const found = outerTokens(definition).find(
        ({ token, at }) =>
          at > 0 && isWord(token, 'BINARY', 'ASCII', 'UNICODE') && !isWord(definition[at - 1], 'SET', 'CHARSET'),
      )
      return found === undefined
        ? null
        : { en: `has the attribute ${found.token.text}`, zh: `使用了属性 ${found.token.text}` }
    }),
}
