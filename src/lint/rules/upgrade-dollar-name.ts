import { isAtLeast } from '../../core/version.ts'
import type { StatementRule } from '../rule.ts'

export const upgradeDollarName: StatementRule = {
  code: 'UPGRADE_DOLLAR_NAME',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE', 'CREATE VIEW'],
  severity: 'warning',
  family: 'upgrade',
  title: {
    en: 'An unquoted name that starts with a dollar sign: deprecated',
    zh: '以美元符号开头的未加引号名称：已弃用',
  },
  why: {
    en: 'It has been deprecated since 8.0.32 and will be refused.',
    zh: 'MySQL 自 8.0.32 起已弃用它，将来会拒绝。',
  },
  fix: { en: 'Quote the name, or rename it.', zh: '请加引号或改名。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/identifiers.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, $price INT)',
        target: '8.4.0',
        claims: { server: 'warns', number: 1681, since: '8.0.32' },
      },
    ],
    clean: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, `$price` INT, p$ INT)', target: '8.4.0' }],
  },
  find: ({ tokens, target }) => {
    const at = tokens.find(({ type, text }) => type === 'word' && text.startsWith('$'))
    if (at === undefined || target === null || !isAtLeast(target, '8.0.32')) return []
    return [
      {
        at,
        message: {
          en: `\`${at.text}\` starts with a dollar sign and is not quoted.`,
          zh: `\`${at.text}\` 以美元符号开头且未加引号。`,
        },
      },
    ]
  },
}
