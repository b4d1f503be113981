import { optionValue } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const ignoredOption: StatementRule = {
  code: 'IGNORED_OPTION',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE'],
  severity: 'hint',
  onByDefault: 'strict',
  family: 'options',
  title: { en: 'A table option that InnoDB ignores', zh: 'InnoDB 会忽略的表选项' },
  why: {
    en: 'PACK_KEYS, CHECKSUM, DELAY_KEY_WRITE, MAX_ROWS, MIN_ROWS, AVG_ROW_LENGTH and INSERT_METHOD are MyISAM or NDB options; InnoDB stores and ignores them.',
    zh: 'PACK_KEYS、CHECKSUM、DELAY_KEY_WRITE、MAX_ROWS、MIN_ROWS、AVG_ROW_LENGTH、INSERT_METHOD 属于 MyISAM 或 NDB：InnoDB 只保存而不使用。',
  },
  fix: { en: 'Leave it out.', zh: '请去掉它。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table.html',
  fixtures: {
    found: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY) ENGINE=InnoDB CHECKSUM=1', claims: { server: 'accepts' } }],
    clean: [
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, checksum INT) ENGINE=InnoDB' },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY) ENGINE=MyISAM CHECKSUM=1' },
    ],
  },
  find: ({ tokens, statement }) => {
    const engine = optionValue(tokens, statement.verb, 'ENGINE') ?? 'InnoDB'
    const found = ignored.find((name) => optionValue(tokens, statement.verb, name) !== null)
    if (found === undefined || !/^innodb$/i.test(engine)) return []
    return [{ message: { en: `InnoDB ignores ${found}.`, zh: `InnoDB 会忽略 ${found}。` } }]
  },
}

const ignored = ['PACK_KEYS', 'CHECKSUM', 'DELAY_KEY_WRITE', 'MAX_ROWS', 'MIN_ROWS', 'AVG_ROW_LENGTH', 'INSERT_METHOD']
