import { type Clause, isMark, isWord } from '../../sql/clauses.ts'
import { placeOf } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const utf8mb3Charset: StatementRule = {
  code: 'UTF8MB3_CHARSET',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE', 'CREATE DATABASE', 'ALTER DATABASE'],
  severity: 'warning',
  family: 'types',
  title: { en: '`utf8` or `utf8mb3` as a character set', zh: '使用字符集 `utf8` 或 `utf8mb3`' },
  why: {
    en: 'It stores at most three bytes per character: emoji and rare Chinese characters are refused. It is deprecated.',
    zh: '它没有三字节以上的字符：表情符号和生僻汉字会被拒绝。该字符集已弃用。',
  },
  fix: { en: 'Use utf8mb4.', zh: '请使用 utf8mb4。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/charset-unicode-utf8mb3.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, title VARCHAR(100)) DEFAULT CHARSET=utf8',
        claims: { server: 'warns', number: 3719 },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY)',
        sql: "ALTER TABLE a ADD title VARCHAR(50) CHARACTER SET utf8mb3; INSERT INTO a VALUES (1, '𠮷')",
        claims: { server: 'refuses', number: 1366 },
      },
    ],
    clean: [
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, utf8 VARCHAR(100) COMMENT 'utf8') DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
      },
    ],
  },
  find: ({ tokens }) => {
    const at = tokens.findIndex((_, index) => namesCharset(tokens, index))
    const value = tokens[at]
    if (value === undefined) return []
    const message = {
      en: `\`${value.text}\` stores at most three bytes per character.`,
      zh: `\`${value.text}\` 没有三字节以上的字符。`,
    }
    return [{ message, ...placeOf([value]) }]
  },
}

/** A value after CHARSET, CHARACTER SET or COLLATE. */
function namesCharset(tokens: Clause, at: number): boolean {
  const value = tokens[at]
  if (value === undefined || value.type === 'string' || !/^utf8(?:mb3)?(?:_\w+)?$/i.test(value.text)) return false
  const before = isMark(tokens[at - 1], '=') ? at - 2 : at - 1
  return (
    isWord(tokens[before], 'CHARSET', 'COLLATE') ||
    (isWord(tokens[before], 'SET') && isWord(tokens[before - 1], 'CHARACTER'))
  )
}
