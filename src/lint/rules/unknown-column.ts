import { findUnknownColumns, tokenOf } from '../find-unknown.ts'
import type { StatementRule } from '../rule.ts'

export const unknownColumn: StatementRule = {
  code: 'UNKNOWN_COLUMN',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE', 'CREATE INDEX', 'INSERT', 'REPLACE', 'UPDATE'],
  parts: 'both',
  severity: 'error',
  family: 'known-objects',
  title: { en: 'A column that the files do not define', zh: '文件中没有定义的列' },
  why: {
    en: 'The server refuses the statement in the middle of the run, after the statements before it have taken effect.',
    zh: '服务器会拒绝该语句，而此时运行已进行到一半：前面的语句已经执行。',
  },
  fix: { en: 'Correct the name.', zh: '请改正名称。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE users (id INT PRIMARY KEY, nickname VARCHAR(20))',
        sql: 'ALTER TABLE users MODIFY nickanme VARCHAR(40)',
        claims: { server: 'refuses', number: 1054 },
      },
      {
        setup: 'CREATE TABLE users (id INT PRIMARY KEY, nickname VARCHAR(20))',
        sql: 'ALTER TABLE users DROP COLUMN nick_name',
        claims: { server: 'refuses', number: 1091 },
      },
      {
        sql: 'CREATE TABLE users (id INT PRIMARY KEY, nickname VARCHAR(20), KEY by_nick (nick))',
        claims: { server: 'refuses', number: 1072 },
      },
      {
        setup: 'CREATE TABLE users (id INT PRIMARY KEY)',
        sql: 'INSERT INTO users (id, nickname) VALUES (1, NULL)',
        claims: { server: 'refuses', number: 1054 },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE users (id INT PRIMARY KEY)',
        sql: 'ALTER TABLE users ADD COLUMN nickname VARCHAR(20), ADD COLUMN age INT AFTER nickname, ADD KEY by_nick (nickname)',
      },
      {
        setup:
          'CREATE TABLE users (id INT PRIMARY KEY, Nickname VARCHAR(20)); ALTER TABLE users RENAME COLUMN Nickname TO nick',
        sql: 'UPDATE users SET NICK = NULL WHERE id = 1',
      },
      { sql: 'ALTER TABLE elsewhere DROP COLUMN nickname' },
      {
        setup: 'CREATE TABLE users AS SELECT * FROM elsewhere',
        sql: 'ALTER TABLE users DROP COLUMN nickname',
      },
    ],
  },
  find: (subject) =>
    findUnknownColumns(subject).map(({ name, table, meant }) => ({
      ...tokenOf(subject.tokens, name),
      message: {
        en: `\`${table}\` has no column \`${name}\`.${meant === null ? '' : ` Did you mean \`${meant}\`?`}`,
        zh: `\`${table}\` 没有列 \`${name}\`${meant === null ? '' : `，您是否想写 \`${meant}\``}。`,
      },
    })),
}
