import { findIndexes, indexVerbs } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const indexNamePattern: StatementRule = {
  code: 'INDEX_NAME_PATTERN',
  looksAt: 'statement',
  verbs: indexVerbs,
  severity: 'hint',
  family: 'naming',
  title: { en: 'An index whose name does not match the configured pattern', zh: '索引名不符合配置的模式' },
  why: {
    en: 'Error messages name only the index: its name should be descriptive.',
    zh: '错误信息只给出索引名：名称应表明其含义。',
  },
  fix: { en: 'Rename it.', zh: '请改名。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/identifiers.html',
  options: { index: '^idx_', unique: '^uk_' },
  onByDefault: false,
  fixtures: {
    found: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, KEY by_n (n))' }],
    clean: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, m INT, KEY idx_n (n), UNIQUE KEY uk_m (m))' }],
  },
  find: (subject) =>
    findIndexes(subject, ({ unique, name }) => {
      const pattern = String(subject.options[unique ? 'unique' : 'index'])
      return name === 'PRIMARY' || new RegExp(pattern).test(name)
        ? null
        : { en: `does not match ${pattern}`, zh: `不匹配 ${pattern}` }
    }),
}
