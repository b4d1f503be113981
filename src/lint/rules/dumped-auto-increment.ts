import { optionValue } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const dumpedAutoIncrement: StatementRule = {
  code: 'DUMPED_AUTO_INCREMENT',
  looksAt: 'statement',
  verbs: ['CREATE TABLE'],
  severity: 'hint',
  family: 'options',
  title: {
    en: '`AUTO_INCREMENT=n` in a `CREATE TABLE`, as dumps have it',
    zh: '`CREATE TABLE` 中来自导出的 `AUTO_INCREMENT=n`',
  },
  why: {
    en: 'The number comes from the server of the dump: new databases start with it for no reason.',
    zh: '这个数字来自导出的服务器：新库没有理由从它开始。',
  },
  fix: { en: 'Leave it out, unless ids must start there.', zh: '除非编号必须从此开始，请去掉它。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/example-auto-increment.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT=48213; INSERT INTO a VALUES (NULL)',
        claims: { server: 'answers', query: 'SELECT id FROM a', answer: '48213' },
      },
    ],
    clean: [
      { sql: 'CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT=1000' },
      { sql: 'CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY)' },
    ],
  },
  find: ({ tokens, statement }) => {
    const start = optionValue(tokens, statement.verb, 'AUTO_INCREMENT')
    // A person chose a round number.
    if (start === null || start === '1' || /^\d+0{2,}$/.test(start)) return []
    return [
      { message: { en: `Ids start at ${start}, probably from a dump.`, zh: `编号从 ${start} 开始，可能来自导出。` } },
    ]
  },
}
