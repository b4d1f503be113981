import { readKnownCall } from '../../ddl/follow-calls.ts'
import { nothingKnown } from '../../ddl/schema.ts'
import { mayCommitItself } from '../../sql/procedures/read-call.ts'
import type { HazardRule } from '../rule.ts'

export const call: HazardRule = {
  code: 'UNRESUMABLE_CALL',
  looksAt: 'plan',
  kind: 'unresumable',
  stops: false,
  severity: 'warning',
  family: 'hygiene',
  title: {
    en: '`CALL` of a procedure that commits, or may commit: the server does not show which of its changes were committed',
    zh: '`CALL` 会（或可能会）自行提交的存储过程',
  },
  why: {
    en: 'The server does not show which of its changes were committed: after an interruption a person must decide whether it ran.',
    zh: '从外部看不出哪些变更已提交：中断之后必须由人判断它是否执行过。',
  },
  fix: {
    en: 'Write the statements of the procedure in the migration; or make the procedure safe to call twice and accept this hazard in the file, so that it is called again.',
    zh: '请把存储过程中的语句写进迁移；或保证重复调用无害，并在文件中接受此风险，之后会重新调用。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/call.html',
  fixtures: {
    found: [
      { sql: 'CALL fill_orders()' },
      {
        setup:
          'CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY); CREATE PROCEDURE fill_orders () INSERT INTO orders VALUES (NULL)',
        sql: 'CALL fill_orders(); CALL fill_orders()',
        // If it is called again after it ran, it does its work again.
        claims: { server: 'answers', query: 'SELECT COUNT(*) FROM orders', answer: '2' },
      },
    ],
    clean: [{ sql: 'CREATE FUNCTION fill_orders() RETURNS INT DETERMINISTIC NO SQL RETURN 1' }, { sql: 'DO SLEEP(0)' }],
  },
  find: ({ statement, context }) => {
    if (statement.class !== 'call') return []
    const called = readKnownCall(context.tables ?? nothingKnown, statement)
    if (called !== null && !mayCommitItself(called)) return []
    return [
      {
        message: {
          en: 'If it is interrupted, it cannot be determined which changes of the procedure were committed.',
          zh: '如果中断，无法判断存储过程的哪些变更已提交。',
        },
      },
    ]
  },
}
