import type { InBoth } from '../../core/in-both.ts'
import { nothingKnown, routineKey, type Schema } from '../../ddl/schema.ts'
import { hasUnseenPart, listBuiltTexts } from '../../sql/procedures/built-text.ts'
import type { Statement } from '../../sql/statement.ts'
import { readInnerCall } from '../inner-statements.ts'
import type { HazardRule } from '../rule.ts'

export const builtStatement: HazardRule = {
  code: 'BUILT_STATEMENT',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: {
    en: '`CALL` of a procedure, or an event, that executes dynamic SQL which may remove data',
    zh: '`CALL` 存储过程，或事件，会执行运行时才拼接、可能移除数据的文本',
  },
  why: {
    en: 'The statement is not known before it runs, so no rule can check it; part of its text removes or overwrites data, or is not known either.',
    zh: '该语句在运行前未知，任何规则都无法判断；其文本的一部分会移除或覆盖数据，或同样未知。',
  },
  fix: {
    en: 'Write the statement itself, or check what it will be and allow it.',
    zh: '请直接写出该语句，或查明它的内容后再允许。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/sql-prepared-statements.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY); INSERT INTO a VALUES (1)',
        sql: "DELIMITER //\nCREATE PROCEDURE p() BEGIN SET @s = CONCAT('DELETE FROM ', 'a'); PREPARE x FROM @s; EXECUTE x; END//\nDELIMITER ;\nCALL p()",
        claims: { server: 'answers', query: 'SELECT COUNT(*) FROM a', answer: '0' },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY)',
        sql: "DELIMITER //\nCREATE PROCEDURE p(name VARCHAR(64)) BEGIN SET @s = CONCAT('DROP TABLE ', name); PREPARE x FROM @s; EXECUTE x; END//\nDELIMITER ;\nCALL p('a')",
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: "DELIMITER //\nCREATE PROCEDURE p() BEGIN SET @s = IF((SELECT COUNT(*) FROM information_schema.STATISTICS WHERE INDEX_NAME = 'i') > 0, 'SELECT 1', 'CREATE INDEX i ON a (n)'); PREPARE x FROM @s; EXECUTE x; END//\nDELIMITER ;\nCALL p()",
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY)',
        sql: 'DELIMITER //\nCREATE PROCEDURE IF NOT EXISTS p() BEGIN DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END; ALTER TABLE a ADD n INT; END//\nDELIMITER ;\nCALL p(); DROP PROCEDURE p',
      },
      // Judged when it runs, when its text is known.
      { sql: "SET @s = CONCAT('DROP TABLE ', 'a'); PREPARE x FROM @s; EXECUTE x" },
    ],
  },
  find: ({ statement, context: { tables = nothingKnown } }) => {
    const reason = findInside(statement, tables)
    if (reason === null) return []
    return [
      {
        message: {
          en: `It runs a statement that is not known in advance, and ${reason.en}.`,
          zh: `它会执行事先未知的语句，且${reason.zh}。`,
        },
      },
    ]
  },
}

/**
 * Words that remove or overwrite data, or that run another text. Dropping objects without rows is left out, and so are the actions of foreign keys.
 */
const losingWords = new RegExp(
  String.raw`\bdrop\b(?!\s+(?:temporary|index|key|foreign|constraint|check|primary|procedure|function|trigger|event|view|prepare|default|user|role)\b)` +
    String.raw`|(?<!\bon\s+)\bdelete\b|(?<!\b(?:on|for|key)\s+)\bupdate\b|\bon\s+duplicate\b|(?<!\bor\s+)\breplace\b(?!\s*\()|\brename\b(?!\s+(?:index|key|column)\b)` +
    String.raw`|\b(?:truncate|modify|change|convert|discard|exchange|load|call|execute|prepare)\b|\bengine\b`,
  'i',
)

const unseen: InBoth = { en: 'part of its text is not known', zh: '其文本并非每一部分都已知' }

/** Why a text that is built from these statements may remove data. */
function judgeParts(parts: readonly string[] | null): InBoth | null {
  if (parts === null) return unseen
  const word = listBuiltTexts(parts).flatMap((text) => losingWords.exec(text)?.[0] ?? [])[0]
  if (word !== undefined)
    return { en: `part of its text is \`${word.toUpperCase()}\``, zh: `其文本含有 \`${word.toUpperCase()}\`` }
  return hasUnseenPart(parts.filter((text) => !onlyCounts.test(text))) ? unseen : null
}

/** A number cannot be a relevant part of a text. */
const onlyCounts = /^\s*select\s+count\s*\([^()']*\)\s+into\s+@?\w+\s+from\b[^']*$/i

function findInside(statement: Statement, tables: Schema): InBoth | null {
  const called = readInnerCall(tables, statement)
  if (called === null) return null
  const hidden = called.missing.filter((name) => tables.procedures?.get(routineKey(tables, name)) === null)
  const [name] = hidden
  if (name !== undefined)
    return {
      en: `the account cannot read the procedure \`${name.name}\``,
      zh: `当前账户无法读取存储过程 \`${name.name}\``,
    }
  return called.builds ? judgeParts(called.parts) : null
}
