import type { StatementRule } from '../rule.ts'
import { findRemovedStatements, isOfReplication } from '../upgrade/find-removed.ts'

export const upgradeReplicationWords: StatementRule = {
  code: 'UPGRADE_REPLICATION_WORDS',
  looksAt: 'statement',
  severity: 'error',
  family: 'upgrade',
  title: {
    en: '`MASTER` and `SLAVE` in replication statements, which MySQL 8.4 removed',
    zh: '复制语句中的 `MASTER` 和 `SLAVE`，MySQL 8.4 已移除',
  },
  why: {
    en: 'The next version refuses the statement as a syntax error.',
    zh: '目标服务器会把该语句当作语法错误拒绝。',
  },
  fix: {
    en: 'Write SOURCE and REPLICA, SHOW BINARY LOG STATUS and RESET BINARY LOGS AND GTIDS.',
    zh: '请写 SOURCE 和 REPLICA、SHOW BINARY LOG STATUS、RESET BINARY LOGS AND GTIDS。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/replication-statements.html',
  fixtures: {
    found: [
      { sql: 'SHOW MASTER STATUS', target: '8.4.0', claims: { server: 'refuses', number: 1064, since: '8.4.0' } },
      { sql: 'SHOW SLAVE STATUS', target: '8.4.0', claims: { server: 'refuses', number: 1064, since: '8.4.0' } },
      {
        sql: 'CREATE PROCEDURE p () SHOW SLAVE STATUS',
        target: '9.7.0',
        claims: { server: 'refuses', number: 1064, since: '8.4.0' },
      },
      {
        sql: 'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO STOP SLAVE IO_THREAD',
        target: '9.7.0',
      },
    ],
    clean: [
      { sql: 'CREATE PROCEDURE p () SELECT "SHOW SLAVE STATUS"', target: '8.4.0', claims: { server: 'accepts' } },
      { sql: 'SHOW REPLICA STATUS', target: '8.4.0' },
      { sql: 'SHOW SLAVE STATUS', target: '8.0.40' },
    ],
  },
  find: ({ tokens, target, statement }) =>
    target === null
      ? []
      : findRemovedStatements(
          tokens,
          target,
          /^CREATE (?:PROCEDURE|FUNCTION|TRIGGER|EVENT)$|^ALTER EVENT$/.test(statement.verb),
        )
          .filter(({ removed }) => isOfReplication(removed))
          .map(({ at, removed }) => ({
            at,
            message: {
              en: `MySQL ${target} does not support ${removed.words.join(' ')}.`,
              zh: `MySQL ${target} 不认识 ${removed.words.join(' ')}。`,
            },
          })),
}
