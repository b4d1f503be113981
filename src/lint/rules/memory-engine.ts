import { optionValue } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const memoryEngine: StatementRule = {
  code: 'MEMORY_ENGINE',
  looksAt: 'statement',
  verbs: ['CREATE TABLE'],
  severity: 'warning',
  family: 'options',
  title: {
    en: 'A `MEMORY` table, whose rows are lost when the server restarts',
    zh: '`MEMORY` 表，服务器重启后行会丢失',
  },
  why: {
    en: 'Its rows are lost after a restart, it locks whole tables, and a restarted replica no longer has the rows of its source.',
    zh: '重启后行会消失，它锁整张表，从库重启还会让它与主库不一致。',
  },
  fix: { en: 'Use InnoDB, or Redis for a cache.', zh: '请使用 InnoDB；缓存请用 Redis。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/memory-storage-engine.html',
  fixtures: {
    found: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY) ENGINE=MEMORY', claims: { server: 'accepts' } }],
    clean: [{ sql: "CREATE TABLE a (id INT PRIMARY KEY, engine VARCHAR(9) DEFAULT 'MEMORY') ENGINE=InnoDB" }],
  },
  find: ({ tokens, statement }) =>
    /^(?:memory|heap|blackhole)$/i.test(optionValue(tokens, statement.verb, 'ENGINE') ?? '')
      ? [
          {
            message: {
              en: `\`${statement.objects[0]?.name}\` loses its rows on restart.`,
              zh: `表 \`${statement.objects[0]?.name}\` 不会保留其行。`,
            },
          },
        ]
      : [],
}
