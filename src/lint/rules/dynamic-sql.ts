import { isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const dynamicSql: StatementRule = {
  code: 'DYNAMIC_SQL',
  looksAt: 'statement',
  verbs: ['CREATE PROCEDURE'],
  severity: 'warning',
  family: 'stored-code',
  title: { en: 'A statement that a procedure builds from text', zh: '存储过程中用文本拼接的语句' },
  why: {
    en: 'A value that contains a quote changes the statement: the sender can run any SQL with the privileges of the procedure.',
    zh: '含引号的值会改变语句：传入者可以用该过程的权限执行任意 SQL。',
  },
  fix: {
    en: 'Pass values with EXECUTE ... USING, and check names against a list.',
    zh: '请用 EXECUTE ... USING 传值，并按列表检查名称。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/sql-prepared-statements.html',
  fixtures: {
    found: [
      {
        sql: "DELIMITER //\nCREATE PROCEDURE p(n VARCHAR(20)) BEGIN SET @s = CONCAT('DELETE FROM a WHERE c = ', n); PREPARE x FROM @s; EXECUTE x; END//\nDELIMITER ;\nSET @x = 1",
      },
    ],
    clean: [
      {
        sql: "DELIMITER //\nCREATE PROCEDURE p(n VARCHAR(20)) BEGIN PREPARE x FROM 'DELETE FROM a WHERE c = ?'; EXECUTE x USING @n; END//\nDELIMITER ;\nSET @x = 1",
      },
    ],
  },
  find: ({ tokens }) => {
    const at = tokens.find(
      (token, index) =>
        isWord(token, 'PREPARE') && isWord(tokens[index + 2], 'FROM') && tokens[index + 3]?.type === 'user-variable',
    )
    const joins = tokens.some((token) => isWord(token, 'CONCAT', 'CONCAT_WS'))
    return at === undefined || !joins
      ? []
      : [{ at, message: { en: 'The statement is built from text.', zh: '该语句由文本拼接而成。' } }]
  },
}
