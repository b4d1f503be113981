import { findAlteredDefaults } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const dropDefault: StatementRule = {
  code: 'DROP_DEFAULT',
  looksAt: 'statement',
  verbs: ['ALTER TABLE'],
  severity: 'warning',
  family: 'compatibility',
  title: { en: '`DROP DEFAULT` of a NOT NULL column', zh: '删除 NOT NULL 列的默认值' },
  why: {
    en: 'Every INSERT of running code that does not set the column fails.',
    zh: '运行中的代码里所有未写该列的 INSERT 都会失败。',
  },
  fix: {
    en: 'Change the code first, so that it sets the column, and drop the default in a later release.',
    zh: '请先改代码写入该列，再在之后的版本删除默认值。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT NOT NULL DEFAULT 0)',
        sql: 'ALTER TABLE a ALTER n DROP DEFAULT; INSERT INTO a (id) VALUES (1)',
        claims: { server: 'refuses', number: 1364 },
      },
    ],
    clean: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT NULL DEFAULT 0)', sql: 'ALTER TABLE a ALTER n DROP DEFAULT' },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, n INT NOT NULL DEFAULT 0); ALTER TABLE a ALTER n DROP DEFAULT' },
    ],
  },
  find: (subject) =>
    findAlteredDefaults(subject, 'DROP', ({ nullable }) =>
      !nullable ? { en: 'no longer has a default', zh: '不再有默认值' } : null,
    ),
}
