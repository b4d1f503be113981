import { optionValue } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const unknownEngine: StatementRule = {
  code: 'UNKNOWN_ENGINE',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE'],
  severity: 'error',
  family: 'options',
  title: { en: 'An engine that MySQL does not have', zh: 'MySQL 没有的存储引擎' },
  why: {
    en: 'Under NO_ENGINE_SUBSTITUTION, the default, the server refuses the statement; without it, the server uses InnoDB.',
    zh: '在默认的 NO_ENGINE_SUBSTITUTION 下服务器会拒绝该语句；否则会改用 InnoDB。',
  },
  fix: { en: 'Write ENGINE=InnoDB, or leave it out.', zh: '请写 ENGINE=InnoDB，或去掉它。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/storage-engines.html',
  options: { engines: [] },
  fixtures: {
    found: [
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY) ENGINE=InnoBD', claims: { server: 'refuses', number: 1286 } },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY) ENGINE=TokuDB', claims: { server: 'refuses', number: 1286 } },
    ],
    clean: [
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY) ENGINE=INNODB' },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY) ENGINE=RocksDB', options: { engines: ['rocksdb'] } },
    ],
  },
  find: ({ tokens, statement, options }) => {
    const engine = optionValue(tokens, statement.verb, 'ENGINE')
    const more = Array.isArray(options['engines']) ? options['engines'] : []
    if (engine === null || [...known, ...more].includes(engine.toLowerCase())) return []
    return [
      {
        message: { en: `\`${engine}\` is not a storage engine of MySQL.`, zh: `\`${engine}\` 不是 MySQL 的存储引擎。` },
      },
    ]
  },
}

const known = [
  'innodb',
  'myisam',
  'memory',
  'heap',
  'csv',
  'archive',
  'blackhole',
  'federated',
  'merge',
  'mrg_myisam',
  'ndb',
  'ndbcluster',
  'performance_schema',
  'example',
]
