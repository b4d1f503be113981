import { bytesOfCharacter } from '../../ddl/charset-width.ts'
import { typeOf } from '../../ddl/read-parts.ts'
import { columnBefore, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const varcharLengthByte: StatementRule = {
  code: 'VARCHAR_LENGTH_BYTE',
  looksAt: 'statement',
  verbs: ['ALTER TABLE'],
  severity: 'warning',
  family: 'blocking',
  title: { en: 'A `VARCHAR` that grows past one length byte', zh: '`VARCHAR` 增长超过一个长度字节' },
  why: {
    en: 'A VARCHAR of up to 255 bytes has one length byte, a longer one two: to change that, the server copies the table and blocks writes.',
    zh: 'VARCHAR 在 255 字节以内用一个长度字节，超过则用两个：要改变它，服务器会复制整张表并阻塞写入。',
  },
  fix: {
    en: 'Choose a length above 255 bytes from the start (64 characters of utf8mb4), or plan for a copy.',
    zh: '请一开始就选定超过 255 字节（utf8mb4 为 64 个字符）的长度，或安排一次复制。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-online-ddl-operations.html',
  options: { charset: 'utf8mb4' },
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, name VARCHAR(60))',
        sql: 'ALTER TABLE a MODIFY name VARCHAR(100)',
        claims: { server: 'copies' },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, name VARCHAR(60)) CHARSET=utf8mb4',
        sql: 'ALTER TABLE a MODIFY name VARCHAR(100)',
        claims: { server: 'copies' },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, name VARCHAR(60))',
        sql: 'ALTER TABLE a MODIFY name VARCHAR(100)',
        options: { charset: 'latin1' },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, name VARCHAR(60)) CHARSET=latin1',
        sql: 'ALTER TABLE a MODIFY name VARCHAR(100)',
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, name VARCHAR(100)) CHARSET=utf8mb4',
        sql: 'ALTER TABLE a MODIFY name VARCHAR(200)',
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, name VARCHAR(20)) CHARSET=utf8mb4',
        sql: 'ALTER TABLE a MODIFY name VARCHAR(60)',
      },
    ],
  },
  find: (subject) =>
    findColumns(subject, (column) => {
      const before = typeOf(columnBefore(subject, column))
      if (before?.base !== 'varchar' || column.type?.base !== 'varchar') return null
      const bytes = bytesOfCharacter(before.charset ?? String(subject.options['charset']))
      const [from, to] = [Number(before.arguments[0]), Number(column.type.arguments[0])]
      return bytes !== null && from * bytes <= 255 && to * bytes > 255
        ? {
            en: `grows from ${from} to ${to} characters, past one length byte`,
            zh: `从 ${from} 个字符增长到 ${to} 个，超过一个长度字节`,
          }
        : null
    }),
}
