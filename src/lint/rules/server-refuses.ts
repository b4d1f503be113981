import type { FileRule } from '../rule.ts'

export const serverRefuses: FileRule = {
  code: 'SERVER_REFUSES',
  looksAt: 'file',
  severity: 'error',
  family: 'known-objects',
  title: { en: 'A statement that the server refuses', zh: '服务器拒绝的语句' },
  why: {
    en: 'It was tried in a scratch schema, after all statements before it, on empty copies of its tables: the run would stop there, after the statements before it have taken effect.',
    zh: '该语句在临时库中、在其之前的所有语句之后、在其表的空副本上试运行过：实际运行会在此处停止，而之前的语句已经生效。',
  },
  fix: { en: 'Correct the statement.', zh: '请更正该语句。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/error-message-components.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, b VARCHAR(5), FOREIGN KEY (b) REFERENCES p (id))',
        setup: 'CREATE TABLE p (id INT PRIMARY KEY)',
        trial: {
          refusals: [{ part: 'up', again: false, index: 0, number: 3780, why: 'The columns are incompatible.' }],
          left: null,
          remade: null,
        },
        claims: [
          { server: 'refuses', number: 3780, since: '8.0.14' },
          { server: 'refuses', number: 1215, before: '8.0.14' },
        ],
      },
    ],
    clean: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, b INT, FOREIGN KEY (b) REFERENCES p (id))',
        setup: 'CREATE TABLE p (id INT PRIMARY KEY)',
        trial: { refusals: [], left: null, remade: null },
      },
    ],
  },
  find: ({ file, trial }) =>
    (trial?.refusals ?? [])
      .filter(({ again }) => !again)
      .flatMap(({ part, index, number, why }) => {
        const read = (part === 'up' ? file.up : (file.down ?? [])).find(({ statement }) => statement.index === index)
        const message = {
          en: `The server refuses it with error ${number}: ${why}`,
          zh: `服务器以错误 ${number} 拒绝该语句：${why.replace(/\.$/, '')}。`,
        }
        return read === undefined ? [] : [{ message, statement: read.statement }]
      }),
}
