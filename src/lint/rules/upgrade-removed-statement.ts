import type { StatementRule } from '../rule.ts'
import { findRemovedStatements, isOfReplication } from '../upgrade/find-removed.ts'

export const upgradeRemovedStatement: StatementRule = {
  code: 'UPGRADE_REMOVED_STATEMENT',
  looksAt: 'statement',
  severity: 'error',
  family: 'upgrade',
  title: { en: 'A statement that does not exist in the next version', zh: '目标服务器没有的语句' },
  why: {
    en: 'The next version refuses the statement as a syntax error.',
    zh: '目标服务器会把该语句当作语法错误拒绝。',
  },
  fix: {
    en: 'For FLUSH HOSTS, write TRUNCATE TABLE performance_schema.host_cache.',
    zh: 'FLUSH HOSTS 请改写为 TRUNCATE TABLE performance_schema.host_cache。',
  },
  manual: 'https://dev.mysql.com/doc/refman/8.4/en/flush.html',
  fixtures: {
    found: [
      {
        sql: 'FLUSH HOSTS',
        target: '8.4.0',
        claims: { server: 'refuses', number: 1064, since: '8.4.0' },
      },
      {
        sql: 'FLUSH LOCAL STATUS, HOSTS',
        target: '9.7.0',
        claims: { server: 'refuses', number: 1064, since: '8.4.0' },
      },
      {
        sql: 'CREATE PROCEDURE p () FLUSH STATUS, HOSTS',
        target: '9.7.0',
      },
    ],
    clean: [
      { sql: 'FLUSH STATUS', target: '9.7.0' },
      { sql: 'FLUSH HOSTS', target: '8.0.40' },
      { sql: 'CREATE PROCEDURE p () SELECT flush AS hosts FROM a', target: '9.7.0' },
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
          .filter(({ removed }) => !isOfReplication(removed))
          .map(({ at, removed }) => ({
            at,
            message: {
              en: `MySQL ${target} does not support ${removed.words.join(' ')}.`,
              zh: `MySQL ${target} 不认识 ${removed.words.join(' ')}。`,
            },
          })),
}
