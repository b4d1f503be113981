import { isAtLeast } from '../../core/version.ts'
import { isMark, isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const upgradeSharedPartition: StatementRule = {
  code: 'UPGRADE_SHARED_PARTITION',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE'],
  severity: 'error',
  family: 'upgrade',
  title: { en: 'A partitioned table in a shared tablespace', zh: '分区表位于共享表空间' },
  why: {
    en: 'Since 8.0.13 partitions must be in file-per-table tablespaces: the statement fails, and a server with such a table cannot be upgraded.',
    zh: '自 8.0.13 起分区必须位于各自的表空间：语句会失败，含有这种表的服务器无法升级。',
  },
  fix: {
    en: 'Leave TABLESPACE out, or use innodb_file_per_table.',
    zh: '请去掉 TABLESPACE，或写 innodb_file_per_table。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/partitioning-limitations.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY) TABLESPACE = innodb_system PARTITION BY HASH (id) PARTITIONS 2',
        target: '8.0.40',
        claims: { server: 'refuses', number: 1478, since: '8.0.13' },
      },
    ],
    clean: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY) TABLESPACE = innodb_file_per_table PARTITION BY HASH (id) PARTITIONS 2',
        target: '8.0.40',
        claims: { server: 'accepts' },
      },
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY) TABLESPACE = innodb_system',
        target: '8.0.40',
        claims: { server: 'accepts' },
      },
    ],
  },
  find: ({ tokens, target }) => {
    if (target === null || !isAtLeast(target, '8.0.13')) return []
    if (!tokens.some((token, at) => isWord(token, 'PARTITION') && isWord(tokens[at + 1], 'BY'))) return []
    return tokens.flatMap((token, at) => {
      if (!isWord(token, 'TABLESPACE')) return []
      const name = tokens[isMark(tokens[at + 1], '=') ? at + 2 : at + 1]
      if (name === undefined || name.text.toLowerCase() === 'innodb_file_per_table') return []
      const message = {
        en: `Partitions would be in the shared tablespace \`${name.text}\`, which MySQL ${target} refuses.`,
        zh: `分区将位于共享表空间 \`${name.text}\`，MySQL ${target} 会拒绝。`,
      }
      return [{ at: name, message }]
    })
  },
}
