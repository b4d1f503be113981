import { findObject } from '../../ddl/schema.ts'
import { isWord } from '../../sql/clauses.ts'
import { findUnknownColumns, listNeededTables } from '../find-unknown.ts'
import type { HistoryRule, PlacedFinding } from '../rule.ts'
import type { LintFile } from '../subjects.ts'

export const usedLater: HistoryRule = {
  code: 'USED_LATER',
  looksAt: 'history',
  severity: 'error',
  family: 'known-objects',
  title: {
    en: 'A table or column that is dropped or renamed although a later file outside the change uses it',
    zh: '被删除或重命名的表或列仍被后面的文件使用，而该文件不属于本次改动',
  },
  why: {
    en: 'A fresh build runs the files in their order: there the later file fails.',
    zh: '全新构建按顺序执行文件：后面的文件会在那里失败。',
  },
  fix: {
    en: 'Give this file a version after the one that uses it.',
    zh: '请给该文件一个更大的版本号，使其排在使用者之后。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/drop-table.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE users (id INT PRIMARY KEY, age INT)',
        sql: 'DROP TABLE users',
        later: 'ALTER TABLE users ADD COLUMN name INT',
      },
      {
        setup: 'CREATE TABLE users (id INT PRIMARY KEY, age INT)',
        sql: 'ALTER TABLE users DROP COLUMN age',
        later: 'ALTER TABLE users MODIFY age BIGINT',
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE users (id INT PRIMARY KEY, age INT)',
        sql: 'DROP TABLE users',
        later: 'CREATE TABLE users (id INT PRIMARY KEY)',
      },
      {
        setup: 'CREATE TABLE users (id INT PRIMARY KEY, age INT)',
        sql: 'ALTER TABLE users DROP COLUMN age',
        later: 'ALTER TABLE users MODIFY id BIGINT',
      },
    ],
  },
  find: ({ files, judged }) => {
    const first = files.findIndex(({ file }) => judged.has(file))
    if (first < 0) return []
    return files.slice(first).flatMap((later, index) => {
      if (judged.has(later.file)) return []
      const before = files.slice(first, first + index).filter(({ file }) => judged.has(file))
      return later.up.flatMap((read) => {
        const gone = listNeededTables(read).filter((name) => findObject(read.before, name).type === 'absent')
        const tables = gone.flatMap(({ name }) => blame(before, name, later.file))
        return [...tables, ...findUnknownColumns(read).flatMap(({ name }) => blame(before, name, later.file))]
      })
    })
  },
}

/** The statements of the judged files that remove the name. */
function blame(files: readonly LintFile[], name: string, user: string): readonly PlacedFinding[] {
  return files.flatMap(({ up }) =>
    up.flatMap(({ statement, tokens }) => {
      const takes = tokens.some((token) => isWord(token, 'DROP', 'RENAME', 'CHANGE'))
      const at = tokens.find(({ text }) => text.toLowerCase() === name.toLowerCase())
      if (!takes || at === undefined) return []
      const message = { en: `\`${name}\` is used later by \`${user}\`.`, zh: `\`${name}\` 之后仍被 \`${user}\` 使用。` }
      return [{ statement, at, message }]
    }),
  )
}
