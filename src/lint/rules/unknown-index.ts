import { findUnknownKeys, tokenOf } from '../find-unknown.ts'
import type { StatementRule } from '../rule.ts'

export const unknownIndex: StatementRule = {
  code: 'UNKNOWN_INDEX',
  looksAt: 'statement',
  verbs: ['ALTER TABLE', 'DROP INDEX'],
  parts: 'both',
  severity: 'error',
  family: 'known-objects',
  title: { en: 'An index or foreign key that the files do not define', zh: '文件中没有定义的索引或外键' },
  why: {
    en: 'The server refuses the statement in the middle of the run, after the statements before it have taken effect.',
    zh: '服务器会拒绝该语句，而此时运行已进行到一半：前面的语句已经执行。',
  },
  fix: { en: 'Correct the name.', zh: '请改正名称。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/drop-index.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(20), KEY by_name (name))',
        sql: 'DROP INDEX by_nmae ON users',
        claims: { server: 'refuses', number: 1091 },
      },
      {
        setup: 'CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(20), KEY by_name (name))',
        sql: 'ALTER TABLE users RENAME INDEX name TO by_nick',
        claims: { server: 'refuses', number: 1176 },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, KEY by_n (n))',
        sql: 'DROP INDEX IF EXISTS by_n ON a',
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, KEY by_n (n))',
        sql: 'ALTER TABLE a DROP INDEX IF EXISTS by_n',
      },
      {
        setup: 'CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(20), KEY (name))',
        sql: 'ALTER TABLE users DROP INDEX name',
      },
      {
        setup:
          'CREATE TABLE parents (id INT PRIMARY KEY); CREATE TABLE children (parent INT, FOREIGN KEY (parent) REFERENCES parents (id))',
        sql: 'ALTER TABLE children DROP FOREIGN KEY children_ibfk_1, DROP INDEX parent',
      },
      { sql: 'DROP INDEX by_name ON elsewhere' },
    ],
  },
  find: (subject) =>
    findUnknownKeys(subject).map(({ name, table, meant }) => ({
      ...tokenOf(subject.tokens, name),
      message: {
        en: `\`${table}\` has no key \`${name}\`.${meant === null ? '' : ` Did you mean \`${meant}\`?`}`,
        zh: `\`${table}\` 没有键 \`${name}\`${meant === null ? '' : `，您是否想写 \`${meant}\``}。`,
      },
    })),
}
