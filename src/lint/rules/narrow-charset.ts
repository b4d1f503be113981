import { type Clause, hasWords, isMark, isWord } from '../../sql/clauses.ts'
import { altersTable, createsTable } from '../created-tables.ts'
import type { HazardRule } from '../rule.ts'

export const narrowCharset: HazardRule = {
  code: 'NARROW_CHARSET',
  looksAt: 'plan',
  kind: 'advisory',
  stops: false,
  severity: 'warning',
  family: 'types',
  title: {
    en: '`latin1` as the character set of a schema, a table or a column',
    zh: '以 `latin1` 作为库、表或列的字符集',
  },
  why: {
    en: 'The character set latin1 has only Western European characters: Chinese text and emoji are rejected, or become question marks.',
    zh: 'latin1 只有西欧字符：中文和表情符号会被拒绝，或变成问号。',
  },
  fix: { en: 'Use utf8mb4, or ascii for tokens and hashes.', zh: '请使用 utf8mb4；令牌和哈希可用 ascii。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/charset-unicode-utf8mb4.html',
  fixtures: {
    found: [
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, s VARCHAR(9)) DEFAULT CHARSET = latin1; INSERT INTO a (id, s) VALUES (1, '中文')",
        claims: { server: 'refuses', number: 1366 },
      },
      { sql: 'ALTER DATABASE app CHARACTER SET latin1' },
    ],
    clean: [
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, s VARCHAR(9) COMMENT 'once CHARSET latin1') DEFAULT CHARSET = utf8mb4",
      },
    ],
  },
  find: ({ tokens, statement, context }) => {
    const ofSchema = ['CREATE DATABASE', 'ALTER DATABASE'].includes(statement.verb)
    if (!ofSchema && !createsTable(statement, context) && !altersTable(statement, context)) return []
    if (!tokens.some((_, at) => namesLatin(tokens, at))) return []
    return [
      {
        message: {
          en: 'latin1 has only Western European characters: Chinese text and emoji are rejected, or become question marks.',
          zh: 'latin1 只有西欧字符：中文和表情符号会被拒绝，或变成问号。',
        },
      },
    ]
  },
}

/** `CHARACTER SET latin1`, `CHARSET = latin1`, `COLLATE latin1_bin`. */
function namesLatin(tokens: Clause, at: number): boolean {
  const isCharset = isWord(tokens[at], 'CHARSET', 'COLLATE') || hasWords(tokens, at - 1, 'CHARACTER', 'SET')
  const value = tokens[isMark(tokens[at + 1], '=') ? at + 2 : at + 1]
  return isCharset && value !== undefined && /^latin1(?:_\w+)?$/i.test(value.text)
}
