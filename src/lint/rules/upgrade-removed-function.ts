import type { StatementRule } from '../rule.ts'
import { findRemovedCalls } from '../upgrade/find-removed.ts'

export const upgradeRemovedFunction: StatementRule = {
  code: 'UPGRADE_REMOVED_FUNCTION',
  looksAt: 'statement',
  severity: 'error',
  family: 'upgrade',
  title: { en: 'A function that does not exist in the next version', zh: '目标服务器没有的函数' },
  why: {
    en: 'The statement fails there; a view, routine or trigger that calls it fails when it is used.',
    zh: '语句在那里会失败；视图、存储过程或触发器则在使用时失败。',
  },
  fix: {
    en: 'Use SHA2(), AES_ENCRYPT(), ST_ functions or the new names of the replication functions. For MD5() and SHA1(), `INSTALL COMPONENT "file://component_classic_hashing"` restores both, but not in generated columns.',
    zh: '请使用 SHA2()、AES_ENCRYPT()、ST_ 系列函数或新的复制函数名。MD5() 和 SHA1() 可用 `INSTALL COMPONENT "file://component_classic_hashing"` 恢复，但不能用于生成列。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/added-deprecated-removed.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, c VARCHAR(99))',
        sql: "UPDATE a SET c = DES_ENCRYPT('a') WHERE id = 1",
        target: '8.0.11',
        claims: { server: 'refuses', number: 1305 },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, c VARCHAR(99))',
        sql: "UPDATE a SET c = PASSWORD('a') WHERE id = 1",
        target: '9.7.0',
      },
      ...[
        'SELECT MD5(c) FROM a',
        'UPDATE a SET c = SHA1(c) WHERE id = 1',
        'CREATE VIEW v AS SELECT md5(c) AS h FROM a',
        'SET @a = MD5(1)',
      ].map((sql) => ({
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, c VARCHAR(99))',
        sql,
        target: '9.7.0',
        claims: [
          { server: 'refuses', number: 1305, since: '9.6.0' },
          { server: 'accepts', before: '9.4.0' },
        ] as const,
      })),
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, c VARCHAR(99))',
        sql: 'ALTER TABLE a ADD h CHAR(40) AS (SHA(c)) STORED',
        target: '9.7.0',
        claims: [
          { server: 'refuses', number: 3763, since: '9.6.0' },
          { server: 'accepts', before: '9.4.0' },
        ],
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, c VARCHAR(99))',
        sql: 'CREATE TRIGGER r BEFORE INSERT ON a FOR EACH ROW SET NEW.c = MD5(NEW.c)',
        target: '9.7.0',
      },
    ],
    clean: [
      { sql: 'SELECT MD5(1)', target: '9.5.0' },
      { sql: 'CREATE INDEX md5 ON a (md5)', target: '9.7.0' },
      { sql: "UPDATE a SET c = SHA2('a', 256), password = 'x' WHERE id = 1", target: '9.7.0' },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, password VARCHAR(99), encode INT)', target: '9.7.0' },
    ],
  },
  find: ({ tokens, target, statement }) =>
    target === null || statement.verb === 'SET PASSWORD'
      ? []
      : findRemovedCalls(tokens, target).map((at) => ({
          at,
          message: {
            en: `MySQL ${target} has no ${at.text.toUpperCase()}().`,
            zh: `MySQL ${target} 没有 ${at.text.toUpperCase()}()。`,
          },
        })),
}
