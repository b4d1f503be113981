import { bytesOfCharacter } from '../../ddl/charset-width.ts'
import { columnVerbs, findColumns } from '../find-columns.ts'
import { charsetOfColumn } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const varcharTooLong: StatementRule = {
  code: 'VARCHAR_TOO_LONG',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'error',
  family: 'types',
  title: { en: 'A `CHAR` or `VARCHAR` longer than the server allows', zh: '超过服务器限制的 `CHAR` 或 `VARCHAR`' },
  why: {
    en: 'A CHAR can have at most 255 characters, a VARCHAR at most 65535 bytes, or 16383 characters of utf8mb4: the server refuses more.',
    zh: 'CHAR 最多 255 个字符，VARCHAR 最多 65535 字节，即 16383 个 utf8mb4 字符：超过会被服务器拒绝。',
  },
  fix: { en: 'Use TEXT or MEDIUMTEXT.', zh: '请使用 TEXT 或 MEDIUMTEXT。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/column-count-limit.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, a VARCHAR(30000)) CHARSET=utf8mb4',
        claims: { server: 'refuses', number: 1074 },
      },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, a CHAR(300))', claims: { server: 'refuses', number: 1074 } },
    ],
    clean: [
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, a VARCHAR(16000), b VARBINARY(1000), c CHAR(255)) CHARSET=utf8mb4' },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, a VARCHAR(30000)) CHARSET=latin1' },
    ],
  },
  find: (subject) =>
    findColumns(subject, ({ name, type }) => {
      const length = Number(type?.arguments[0])
      if (type?.base === 'char' && length > 255)
        return { en: 'is a CHAR of more than 255 characters', zh: '是超过 255 个字符的 CHAR' }
      const bytes = bytesOfCharacter(charsetOfColumn(subject, name))
      return type?.base === 'varchar' && bytes !== null && length * bytes > 65_535
        ? {
            en: `needs ${length * bytes} bytes, but a VARCHAR can have at most 65535`,
            zh: `需要 ${length * bytes} 字节，而 VARCHAR 最多 65535`,
          }
        : null
    }),
}
