import { findAlteredDefaults } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const changedDefault: StatementRule = {
  code: 'CHANGED_DEFAULT',
  looksAt: 'statement',
  verbs: ['ALTER TABLE'],
  severity: 'hint',
  onByDefault: 'strict',
  family: 'compatibility',
  title: { en: 'A changed column default', zh: '列的默认值被改变' },
  why: {
    en: 'Existing rows keep their value, and code that relies on the old default silently stores another value.',
    zh: '已有行保持原值，而依赖旧默认值的代码会悄悄存入另一个值。',
  },
  fix: {
    en: 'Set the value in the code, and change the default when no code relies on it.',
    zh: '请在代码中写明该值，待无代码依赖时再改默认值。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT NOT NULL DEFAULT 0)',
        sql: 'ALTER TABLE a ALTER n SET DEFAULT 5',
      },
    ],
    clean: [{ setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT NULL)', sql: 'ALTER TABLE a ALTER n SET DEFAULT 5' }],
  },
  find: (subject) =>
    findAlteredDefaults(subject, 'SET', (column) =>
      column.default !== null ? { en: 'gets another default', zh: '改用另一个默认值' } : null,
    ),
}
