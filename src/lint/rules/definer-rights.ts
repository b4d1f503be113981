import { hasWords, isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const definerRights: StatementRule = {
  code: 'DEFINER_RIGHTS',
  looksAt: 'statement',
  verbs: ['CREATE PROCEDURE'],
  severity: 'hint',
  family: 'stored-code',
  title: {
    en: 'A procedure with dynamic SQL that runs with the privileges of its definer',
    zh: '含动态 SQL 的存储过程以定义者的权限运行',
  },
  why: {
    en: 'The default is SQL SECURITY DEFINER: anyone who can call it runs its dynamic SQL with the privileges of the migrating account.',
    zh: '不写 SQL SECURITY 时默认为 DEFINER：能调用它的人会以执行迁移的账号的权限运行其中的语句。',
  },
  fix: {
    en: 'Write SQL SECURITY INVOKER, or statements without PREPARE.',
    zh: '请写 SQL SECURITY INVOKER，或使用不含 PREPARE 的语句。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/stored-objects-security.html',
  fixtures: {
    found: [
      {
        sql: "DELIMITER //\nCREATE PROCEDURE p() BEGIN PREPARE x FROM 'SELECT 1'; EXECUTE x; END//\nDELIMITER ;\nSET @x = 1",
        claims: {
          server: 'answers',
          query: 'SELECT SECURITY_TYPE FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()',
          answer: 'DEFINER',
        },
      },
    ],
    clean: [
      {
        sql: "DELIMITER //\nCREATE PROCEDURE p() SQL SECURITY INVOKER BEGIN PREPARE x FROM 'SELECT 1'; EXECUTE x; END//\nDELIMITER ;\nSET @x = 1",
      },
      { sql: 'CREATE PROCEDURE p() SELECT 1' },
    ],
  },
  find: ({ tokens }) => {
    const at = tokens.find((token, index) => isWord(token, 'PREPARE') && isWord(tokens[index + 2], 'FROM'))
    const isInvoker = tokens.some((_, index) => hasWords(tokens, index, 'SQL', 'SECURITY', 'INVOKER'))
    if (at === undefined || isInvoker) return []
    return [
      {
        at,
        message: {
          en: 'Its dynamic SQL runs with the privileges of the definer.',
          zh: '其中的动态 SQL 以定义者的权限运行。',
        },
      },
    ]
  },
}
