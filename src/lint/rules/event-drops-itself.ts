import { hasWords, isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const eventDropsItself: StatementRule = {
  code: 'EVENT_DROPS_ITSELF',
  looksAt: 'statement',
  verbs: ['CREATE EVENT'],
  severity: 'hint',
  onByDefault: 'strict',
  family: 'stored-code',
  title: { en: 'An event that runs once and is then dropped', zh: '只执行一次、执行后即被删除的事件' },
  why: {
    en: 'Afterwards nothing shows that it ran, and the schema differs from the files.',
    zh: '之后无从得知它是否执行过，库也与文件不一致。',
  },
  fix: {
    en: 'Write ON COMPLETION PRESERVE, or put the statement into a migration.',
    zh: '请写 ON COMPLETION PRESERVE，或把语句放进迁移。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-event.html',
  fixtures: {
    found: [{ sql: "CREATE EVENT e ON SCHEDULE AT '2030-01-01 00:00:00' DO DELETE FROM a WHERE id < 10" }],
    clean: [
      {
        sql: "CREATE EVENT e ON SCHEDULE AT '2030-01-01 00:00:00' ON COMPLETION PRESERVE DO DELETE FROM a WHERE id < 10",
      },
      { sql: 'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM a WHERE id < 10' },
    ],
  },
  find: ({ tokens, statement }) => {
    const once = tokens.some((_, at) => hasWords(tokens, at, 'SCHEDULE', 'AT'))
    const stays = tokens.some((token) => isWord(token, 'PRESERVE'))
    return !once || stays
      ? []
      : [
          {
            message: {
              en: `The event \`${statement.objects[0]?.name}\` is dropped after it runs.`,
              zh: `事件 \`${statement.objects[0]?.name}\` 执行后会被删除。`,
            },
          },
        ]
  },
}
