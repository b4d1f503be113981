import { isMark, isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const commitInTrigger: StatementRule = {
  code: 'COMMIT_IN_TRIGGER',
  looksAt: 'statement',
  verbs: ['CREATE TRIGGER', 'CREATE FUNCTION'],
  severity: 'error',
  family: 'stored-code',
  title: { en: 'A statement that commits, in a trigger or function', zh: '触发器或函数中会提交事务的语句' },
  why: {
    en: 'The server refuses to create it: a trigger runs within the statement of its caller.',
    zh: '服务器会拒绝创建：触发器在调用者的语句中运行。',
  },
  fix: { en: 'Move it to a procedure or an event.', zh: '请移到存储过程或事件中。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/stored-program-restrictions.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW COMMIT',
        claims: { server: 'refuses', number: 1422 },
      },
    ],
    clean: [{ sql: 'CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW UPDATE b SET n = 1 WHERE id = NEW.id' }],
  },
  find: ({ tokens }) => {
    const at = tokens.find(
      (token, index) =>
        isWord(token, 'COMMIT', 'ROLLBACK', 'TRUNCATE') &&
        (isMark(tokens[index - 1], ';') || isWord(tokens[index - 1], 'BEGIN', 'THEN', 'ELSE', 'DO', 'ROW')),
    )
    return at === undefined
      ? []
      : [
          {
            at,
            message: {
              en: `${at.text.toUpperCase()} is not allowed here.`,
              zh: `这里不允许 ${at.text.toUpperCase()}。`,
            },
          },
        ]
  },
}
