import type { InBoth } from '../../core/in-both.ts'
import type { SuppressionRule } from '../rule.ts'
import type { JudgedSuppression } from '../subjects.ts'

export const unusedSuppression: SuppressionRule = {
  code: 'UNUSED_SUPPRESSION',
  looksAt: 'suppressions',
  severity: 'warning',
  family: 'hygiene',
  title: {
    en: 'A `wwdb:accept` or `wwdb:nolint` that suppresses nothing, does not name a rule, or cannot suppress its rule',
    zh: '`wwdb:accept` 或 `wwdb:nolint` 没有覆盖任何问题、没有对应的规则，或不能用于该规则',
  },
  why: {
    en: 'It looks like a decision about this file. If the problem appears later, it is suppressed although nobody considered it.',
    zh: '读者会把它当作对该文件的决定。以后同样的危险再次出现时，它会在无人权衡的情况下被掩盖。',
  },
  fix: {
    en: 'Remove the line, or correct the code. Only `wwdb:accept` allows a hazard that stops a run.',
    zh: '请删除该行，或改正代码。只有 `wwdb:accept` 才能放行会中止运行的危险。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/comments.html',
  fixtures: {
    found: [{ headers: '-- wwdb:nolint FLOAT_COLUMN rounded on purpose', sql: 'CREATE TABLE a (id INT PRIMARY KEY)' }],
    clean: [
      {
        headers: '-- wwdb:nolint FLOAT_COLUMN rounded on purpose',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, price FLOAT)',
      },
    ],
  },
  find: ({ suppressions }) =>
    suppressions.flatMap((line) => {
      const message = describe(line)
      return message === null ? [] : [{ line: line.line, message }]
    }),
}

function describe({ header, code, state }: JudgedSuppression): InBoth | null {
  const name = `wwdb:${header} ${code}`
  switch (state) {
    case 'unused':
      return { en: `\`${name}\` suppresses no finding.`, zh: `\`${name}\` 没有覆盖任何问题。` }
    case 'unknown':
      return { en: `\`${name}\` does not name a rule.`, zh: `\`${name}\` 没有对应的规则。` }
    case 'wrong':
      return {
        en: `\`${name}\` has no effect, because ${code} stops a run: write \`wwdb:accept\`.`,
        zh: `\`${name}\` 不起作用，因为 ${code} 会中止运行：请改写为 \`wwdb:accept\`。`,
      }
    case 'used':
    case 'expired':
      return null
  }
}
