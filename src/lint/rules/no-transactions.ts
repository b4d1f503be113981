import { altersTable, createsTable } from '../created-tables.ts'
import { optionValue } from '../find-keys.ts'
import type { HazardRule } from '../rule.ts'

export const noTransactions: HazardRule = {
  code: 'NO_TRANSACTIONS',
  looksAt: 'plan',
  kind: 'advisory',
  stops: false,
  severity: 'warning',
  family: 'options',
  title: {
    en: 'A table in MyISAM or another engine without transactions',
    zh: '使用 MyISAM 或其他不支持事务的引擎的表',
  },
  why: {
    en: 'An interrupted statement stays half done without a record in the journal, and a server crash may corrupt the table.',
    zh: '中断的语句会只完成一半且日志中没有痕迹，服务器崩溃还可能损坏该表。',
  },
  fix: { en: 'Use InnoDB.', zh: '请使用 InnoDB。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/myisam-storage-engine.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY) ENGINE = MyISAM; INSERT INTO a (id) VALUES (1), (2), (1)',
        claims: [{ server: 'refuses', number: 1062 }],
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a ENGINE = MyISAM' },
    ],
    clean: [
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY) ENGINE = InnoDB' },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a ADD COLUMN engine VARCHAR(20)' },
    ],
  },
  find: ({ tokens, statement, context }) => {
    if (!createsTable(statement, context) && !altersTable(statement, context)) return []
    const written = optionValue(tokens, statement.verb, 'ENGINE')?.toUpperCase()
    const engine = engines.find((name) => name.toUpperCase() === written)
    if (engine === undefined) return []
    return [
      {
        message: {
          en: `${engine} has no transactions: an interrupted statement stays half done without a record in the journal, and a server crash may corrupt the table.`,
          zh: `${engine} 不支持事务：中断的语句会只完成一半且日志中没有痕迹，服务器崩溃还可能损坏该表。`,
        },
      },
    ]
  },
}

const engines = ['MyISAM', 'MRG_MYISAM', 'Aria', 'CSV', 'ARCHIVE']
