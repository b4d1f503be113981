import { hasWords } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const handlerSwallows: StatementRule = {
  code: 'HANDLER_SWALLOWS',
  looksAt: 'statement',
  verbs: ['CREATE PROCEDURE', 'CREATE FUNCTION', 'CREATE TRIGGER', 'CREATE EVENT'],
  severity: 'warning',
  family: 'stored-code',
  title: { en: 'A handler that ignores every error', zh: '忽略所有错误的处理程序' },
  why: {
    en: 'A failed INSERT is ignored, and the caller is not informed.',
    zh: '失败的 INSERT 会被跳过，调用者毫不知情。',
  },
  fix: {
    en: 'Handle the expected error by its number, or use RESIGNAL.',
    zh: '请按错误号处理预期的错误，或 RESIGNAL。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/declare-handler.html',
  fixtures: {
    found: [
      {
        sql: 'DELIMITER //\nCREATE PROCEDURE p() BEGIN DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END; INSERT INTO a VALUES (1); END//\nDELIMITER ;\nSET @x = 1',
      },
    ],
    clean: [
      {
        sql: 'DELIMITER //\nCREATE PROCEDURE p() BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END; INSERT INTO a VALUES (1); END//\nDELIMITER ;\nSET @x = 1',
      },
      {
        sql: 'DELIMITER //\nCREATE PROCEDURE p() BEGIN DECLARE CONTINUE HANDLER FOR NOT FOUND SET @done = 1; INSERT INTO a VALUES (1); END//\nDELIMITER ;\nSET @x = 1',
      },
    ],
  },
  find: ({ tokens }) => {
    const at = tokens.findIndex((_, index) => hasWords(tokens, index, 'CONTINUE', 'HANDLER', 'FOR', 'SQLEXCEPTION'))
    const word = tokens[at]
    return word === undefined
      ? []
      : [{ at: word, message: { en: 'Every error is ignored.', zh: '所有错误都会被跳过。' } }]
  },
}
