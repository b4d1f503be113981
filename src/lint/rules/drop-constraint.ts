import { listNames } from '../../sql/clauses.ts'
import { findDropped } from '../dropped-keys.ts'
import type { HazardRule } from '../rule.ts'

export const dropConstraint: HazardRule = {
  code: 'DROP_CONSTRAINT',
  looksAt: 'plan',
  kind: 'advisory',
  stops: false,
  severity: 'warning',
  family: 'keys',
  title: {
    en: '`DROP FOREIGN KEY`, `DROP CONSTRAINT` or `DROP CHECK`, unless the same statement adds one of the same kind',
    zh: '删除外键、约束或 CHECK，且同一语句没有添加同类约束',
  },
  why: {
    en: 'The server no longer checks it: rows that violate it may be stored, and then the constraint cannot be added again.',
    zh: '服务器不再检查它：违反约束的行可能被写入，之后就无法再加回来。',
  },
  fix: {
    en: 'Add the new constraint in the same ALTER TABLE, or explain in the file why it is no longer needed.',
    zh: '请在同一条 ALTER TABLE 中添加新约束，或在文件中说明为何不再需要。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table.html',
  fixtures: {
    found: [
      {
        setup:
          'CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE a (id INT PRIMARY KEY, p_id INT, CONSTRAINT fk_p FOREIGN KEY (p_id) REFERENCES p (id))',
        sql: 'ALTER TABLE a DROP FOREIGN KEY fk_p; INSERT INTO a (id, p_id) VALUES (1, 9)',
        claims: { server: 'accepts' },
      },
    ],
    clean: [
      {
        setup:
          'CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE a (id INT PRIMARY KEY, p_id INT, CONSTRAINT fk_p FOREIGN KEY (p_id) REFERENCES p (id))',
        sql: 'ALTER TABLE a DROP FOREIGN KEY fk_p, ADD CONSTRAINT fk_parent FOREIGN KEY (p_id) REFERENCES p (id)',
      },
    ],
  },
  find: ({ tokens, statement, context }) => {
    const names = findDropped(tokens, statement, context, ['FOREIGN KEY', 'CONSTRAINT', 'CHECK'])
    if (names.length === 0) return []
    return [
      {
        message: {
          en: `The server no longer checks ${listNames(names)}: rows that violate it may be stored, and then the constraint cannot be added again.`,
          zh: `服务器不再检查 \`${names.join('`、`')}\`：违反约束的行可能被写入，之后就无法再加回来。`,
        },
      },
    ]
  },
}
