import { isAtLeast } from '../../core/version.ts'
import { readColumnAttributes } from '../../ddl/column-attributes.ts'
import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const upgradeFloatAutoIncrement: StatementRule = {
  code: 'UPGRADE_FLOAT_AUTO_INCREMENT',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'error',
  family: 'upgrade',
  title: {
    en: '`AUTO_INCREMENT` on `FLOAT` or `DOUBLE`, which MySQL 8.4 refuses',
    zh: '`FLOAT` 或 `DOUBLE` 上的 `AUTO_INCREMENT`，MySQL 8.4 会拒绝',
  },
  why: {
    en: 'A fresh build of the schema fails there, and so does the upgrade of the server.',
    zh: '在那里全新建库会失败，服务器升级也会失败。',
  },
  fix: { en: 'Change the column to BIGINT UNSIGNED before the upgrade.', zh: '请在升级前把列改为 BIGINT UNSIGNED。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/numeric-type-attributes.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id DOUBLE AUTO_INCREMENT PRIMARY KEY)',
        target: '8.4.0',
        claims: [
          { server: 'refuses', number: 1063, since: '8.4.0' },
          { server: 'accepts', before: '8.0.17' },
        ],
      },
    ],
    clean: [
      { sql: 'CREATE TABLE a (id BIGINT AUTO_INCREMENT PRIMARY KEY)', target: '8.4.0' },
      { sql: 'CREATE TABLE a (id DOUBLE AUTO_INCREMENT PRIMARY KEY)', target: '8.0.40' },
    ],
  },
  find: (subject) =>
    findColumns(subject, ({ type, definition }) =>
      subject.target !== null &&
      isAtLeast(subject.target, '8.4.0') &&
      (type?.base === 'float' || type?.base === 'double') &&
      readColumnAttributes(definition).autoIncrement
        ? {
            en: `cannot have AUTO_INCREMENT on MySQL ${subject.target}`,
            zh: `在 MySQL ${subject.target} 上不能使用 AUTO_INCREMENT`,
          }
        : null,
    ),
}
