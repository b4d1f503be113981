import { hasWords } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const orderByRand: StatementRule = {
  code: 'ORDER_BY_RAND',
  looksAt: 'statement',
  verbs: ['INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'CREATE TABLE'],
  severity: 'warning',
  family: 'data-changes',
  title: { en: '`ORDER BY RAND()`', zh: '`ORDER BY RAND()`，随机排序' },
  why: {
    en: 'It sorts the whole table by random numbers, and with statement-based replication every server chooses different rows.',
    zh: '它按随机数对整张表排序，且基于语句复制时每台服务器选中的行都不同。',
  },
  fix: { en: 'Select by a range of keys.', zh: '请按主键范围选择。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/mathematical-functions.html',
  fixtures: {
    found: [{ sql: 'DELETE FROM a ORDER BY RAND() LIMIT 3' }],
    clean: [{ sql: 'DELETE FROM a ORDER BY id LIMIT 3' }],
  },
  find: ({ tokens }) => {
    const at = tokens.findIndex((_, index) => hasWords(tokens, index, 'ORDER', 'BY', 'RAND'))
    const order = tokens[at]
    return order === undefined
      ? []
      : [{ at: order, message: { en: 'The rows are chosen at random.', zh: '行是随机选择的。' } }]
  },
}
