import { closestName } from '../../core/closest-name.ts'
import { findObject, listTableNames } from '../../ddl/schema.ts'
import { listNeededTables, tokenOf } from '../find-unknown.ts'
import type { HistoryRule, PlacedFinding } from '../rule.ts'
import type { HistorySubject, ReadStatement } from '../subjects.ts'

export const unknownTable: HistoryRule = {
  code: 'UNKNOWN_TABLE',
  looksAt: 'history',
  severity: 'error',
  family: 'known-objects',
  title: {
    en: 'A table that an earlier file drops or renames, or that no file creates although one with a similar name exists',
    zh: '该表已被之前的文件删除或重命名，或没有文件创建它而存在名称几乎相同的表',
  },
  why: {
    en: 'The server refuses the statement in the middle of the run, after the statements before it have taken effect.',
    zh: '服务器会拒绝该语句，而此时运行已进行到一半：前面的语句已经执行。',
  },
  fix: { en: 'Correct the name.', zh: '请改正名称。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE users (id INT PRIMARY KEY)',
        sql: 'ALTER TABLE usres ADD COLUMN age INT',
        claims: { server: 'refuses', number: 1146 },
      },
      {
        setup: 'CREATE TABLE users (id INT PRIMARY KEY); RENAME TABLE users TO people',
        sql: 'DROP TABLE users',
        claims: { server: 'refuses', number: 1051 },
      },
    ],
    clean: [
      { setup: 'CREATE TABLE users (id INT PRIMARY KEY)', sql: 'ALTER TABLE legacy ADD COLUMN age INT' },
      {
        setup: 'CREATE TABLE relation_namespace_user (id INT PRIMARY KEY)',
        sql: 'ALTER TABLE relation_project_user ADD COLUMN age INT',
      },
      { setup: 'CREATE TABLE users (id INT PRIMARY KEY)', sql: 'DROP TABLE IF EXISTS usres' },
      {
        setup: 'CREATE TABLE users (id INT PRIMARY KEY); UPDATE user SET age = 1 WHERE id = 1',
        sql: 'ALTER TABLE user ADD COLUMN age INT',
      },
    ],
  },
  find: (history) => {
    const strange = listStrangeTables(history)
    return history.files.flatMap(({ file, up }) =>
      history.judged.has(file) ? up.flatMap((read) => judge(read, strange)) : [],
    )
  },
}

/**
 * Tables that no file creates, with the files that use them: a table that an applied file uses, or several files do,
 * exists.
 */
function listStrangeTables({ files, judged }: HistorySubject): ReadonlySet<string> {
  const users = new Map<string, Set<string>>()
  for (const { file, up } of files) {
    for (const read of up) {
      for (const name of listNeededTables(read)) {
        if (findObject(read.before, name).type !== 'unknown') continue
        const key = name.name.toLowerCase()
        users.set(key, (users.get(key) ?? new Set()).add(file))
      }
    }
  }
  const certain = [...users].filter(([, used]) => used.size === 1 && [...used].every((file) => judged.has(file)))
  return new Set(certain.map(([name]) => name))
}

/** How many letters of a misspelled name may differ. */
const slipOfFinger = 2

function judge(read: ReadStatement, strange: ReadonlySet<string>): readonly PlacedFinding[] {
  return listNeededTables(read).flatMap((object) => {
    const { statement, tokens, before } = read
    const found = findObject(before, object)
    const isLocal = object.schema === null && !object.name.includes('{{')
    const isDropped = found.type === 'absent'
    if (!isLocal || (!isDropped && (found.type !== 'unknown' || !strange.has(object.name.toLowerCase())))) return []
    // That no file creates a table proves little: it may be older than the files. The claim is that its name is a misspelling of another one.
    const meant = closestName(object.name, listTableNames(before), isDropped ? undefined : slipOfFinger)
    if (!isDropped && meant === null) return []
    const en = isDropped ? 'was dropped or renamed before this statement' : 'is not created in any file'
    const zh = isDropped ? '在此之前已被删除或重命名' : '没有文件创建'
    return [
      {
        statement,
        ...tokenOf(tokens, object.name),
        message: {
          en: `The table \`${object.name}\` ${en}.${meant === null ? '' : ` Did you mean \`${meant}\`?`}`,
          zh: `表 \`${object.name}\` ${zh}${meant === null ? '' : `，您是否想写 \`${meant}\``}。`,
        },
      },
    ]
  })
}
