import { optionValue } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const missingComment: StatementRule = {
  code: 'MISSING_COMMENT',
  looksAt: 'statement',
  verbs: ['CREATE TABLE'],
  severity: 'hint',
  family: 'naming',
  title: { en: 'A table without a comment', zh: '没有注释的表' },
  why: { en: 'Nothing in the database describes its rows.', zh: '数据库中没有任何内容说明这些行是什么。' },
  fix: { en: "Add COMMENT='...'.", zh: "请加上 COMMENT='...'。" },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table.html',
  onByDefault: false,
  fixtures: {
    found: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY)' }],
    clean: [{ sql: "CREATE TABLE a (id INT PRIMARY KEY) COMMENT='rows of an example'" }],
  },
  find: ({ tokens, statement }) =>
    optionValue(tokens, statement.verb, 'COMMENT') === null
      ? [
          {
            message: {
              en: `\`${statement.objects[0]?.name}\` has no comment.`,
              zh: `表 \`${statement.objects[0]?.name}\` 没有注释。`,
            },
          },
        ]
      : [],
}
