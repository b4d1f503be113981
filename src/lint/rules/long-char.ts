import { bytesOfCharacter } from '../../ddl/charset-width.ts'
import { columnVerbs, findColumns } from '../find-columns.ts'
import { charsetOfColumn } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const longChar: StatementRule = {
  code: 'LONG_CHAR',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'hint',
  onByDefault: 'strict',
  family: 'types',
  title: { en: 'A long `CHAR` with a multibyte character set', zh: '多字节字符集的长 `CHAR`' },
  why: {
    en: 'Each value takes at least as many bytes as the column has characters, and loses its trailing spaces.',
    zh: '每个值占用的字节数至少等于列的字符数，且会丢失末尾空格。',
  },
  fix: {
    en: 'Use VARCHAR, or CHARACTER SET ascii for codes and hashes.',
    zh: '请使用 VARCHAR；编码和哈希请用 CHARACTER SET ascii。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-row-format.html',
  options: { longest: 64 },
  fixtures: {
    found: [
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, name CHAR(200)) CHARSET=utf8mb4; INSERT INTO a VALUES (1, 'a ')",
        claims: { server: 'answers', query: 'SELECT CHAR_LENGTH(name) FROM a', answer: '1' },
      },
    ],
    clean: [
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, name CHAR(36), hash CHAR(128) CHARACTER SET ascii) CHARSET=utf8mb4' },
    ],
  },
  find: (subject) =>
    findColumns(subject, ({ name, type }) =>
      type?.base === 'char' &&
      Number(type.arguments[0]) > Number(subject.options['longest']) &&
      (bytesOfCharacter(charsetOfColumn(subject, name)) ?? 1) > 1
        ? { en: `is a CHAR of ${type.arguments[0]} characters`, zh: `是 ${type.arguments[0]} 个字符的 CHAR` }
        : null,
    ),
}
