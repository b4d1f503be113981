import type { Statement } from '../../sql/statement.ts'
import { printName } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const renameSwap: HazardRule = {
  code: 'UNRESUMABLE_SWAP',
  looksAt: 'plan',
  kind: 'unresumable',
  stops: false,
  severity: 'warning',
  family: 'hygiene',
  title: {
    en: '`RENAME TABLE` that only swaps names, so that the same names exist before and after',
    zh: '只交换名字的 `RENAME TABLE`，前后存在的名字相同',
  },
  why: {
    en: 'The same names exist before and after: if the tables have equal definitions, it cannot be determined whether it ran.',
    zh: '前后存在相同的名字：若两张表定义相同，就无法判断它是否执行过。',
  },
  fix: {
    en: 'Rename to a new name, for example users to users_old and users_new to users.',
    zh: '请改为新名字，例如 users 改为 users_old，users_new 改为 users。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/rename-table.html',
  fixtures: {
    found: [
      {
        setup:
          'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY); INSERT INTO b (id) VALUES (7)',
        sql: 'RENAME TABLE a TO swap, b TO a, swap TO b',
        claims: { server: 'answers', query: 'SELECT id FROM a', answer: '7' },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY)',
        sql: 'RENAME TABLE a TO a_old, b TO a',
      },
    ],
  },
  find: ({ statement }) => {
    if (statement.verb !== 'RENAME TABLE' || !isPermutation(statement)) return []
    return [
      {
        message: {
          en: 'The same names exist before and after: if the tables have equal definitions, it cannot be determined whether it ran.',
          zh: '前后存在相同的名字：若两张表定义相同，就无法判断它是否执行过。',
        },
      },
    ]
  },
}

/** Follows every table through the pairs; a permutation ends with the names that it began with. */
function isPermutation(statement: Statement): boolean {
  const names = statement.objects.map(printName)
  const ends = new Map<string, string>()
  for (let index = 0; index + 1 < names.length; index += 2) {
    const [from, to] = [names[index] ?? '', names[index + 1] ?? '']
    const start = [...ends].find(([, end]) => end === from)?.[0] ?? from
    ends.set(start, to)
  }
  return (
    ends.size > 1 && [...ends.values()].every((end) => ends.has(end)) && [...ends].some(([start, end]) => start !== end)
  )
}
