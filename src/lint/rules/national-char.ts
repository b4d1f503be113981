import { isWord } from '../../sql/clauses.ts'
import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const nationalChar: StatementRule = {
  code: 'NATIONAL_CHAR',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'warning',
  family: 'types',
  title: {
    en: '`NCHAR`, `NVARCHAR` or `NATIONAL CHAR`: an old name of a utf8mb3 column',
    zh: '`NCHAR`、`NVARCHAR`、`NATIONAL CHAR`：utf8mb3 列的旧写法',
  },
  why: {
    en: "These types mean CHARACTER SET utf8mb3, not the table's character set, and give a deprecation warning.",
    zh: '无论表的字符集是什么，这些类型都表示 CHARACTER SET utf8mb3，并会产生弃用警告。',
  },
  fix: {
    en: "Write CHAR or VARCHAR, which take the table's character set.",
    zh: '请写 CHAR 或 VARCHAR，它们采用表的字符集。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/charset-national.html',
  fixtures: {
    found: [
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, name NVARCHAR(100))', claims: { server: 'warns', number: 3720 } },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, name NATIONAL CHAR(10))', claims: { server: 'warns', number: 3720 } },
    ],
    clean: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, national VARCHAR(100), name CHAR(10))' }],
  },
  find: (subject) =>
    findColumns(subject, ({ definition: [type] }) =>
      isWord(type, 'NCHAR', 'NVARCHAR', 'NATIONAL')
        ? { en: 'is implicitly a utf8mb3 column', zh: '的类型意味着 utf8mb3' }
        : null,
    ),
}
