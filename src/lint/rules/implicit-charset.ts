import { definedColumns } from '../find-columns.ts'
import { optionValue } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const implicitCharset: StatementRule = {
  code: 'IMPLICIT_CHARSET',
  looksAt: 'statement',
  verbs: ['CREATE TABLE'],
  severity: 'hint',
  family: 'options',
  title: { en: 'A `CREATE TABLE` without a character set', zh: '没有写字符集的 `CREATE TABLE`' },
  why: {
    en: 'It uses the default of the schema, which may differ between servers: text is then compared differently.',
    zh: '它采用库的默认值，各服务器可能不同：文本比较也就不同。',
  },
  fix: { en: 'Write DEFAULT CHARSET=utf8mb4 with a collation.', zh: '请写 DEFAULT CHARSET=utf8mb4 并指定排序规则。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/charset-table.html',
  onByDefault: false,
  fixtures: {
    found: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, name VARCHAR(20))' }],
    clean: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, name VARCHAR(20)) DEFAULT CHARSET=utf8mb4' }],
  },
  find: (subject) => {
    const named = ['CHARSET', 'COLLATE'].some((name) => optionValue(subject.tokens, 'CREATE TABLE', name) !== null)
    const hasText = definedColumns(subject).some(({ type }) => type !== null && /char|text/.test(type.base))
    const table = subject.statement.objects[0]?.name
    return named || !hasText
      ? []
      : [
          {
            message: {
              en: `\`${table}\` uses the character set of the schema.`,
              zh: `表 \`${table}\` 采用库的字符集。`,
            },
          },
        ]
  },
}
