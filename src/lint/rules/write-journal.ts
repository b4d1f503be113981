import { readKnownCall } from '../../ddl/follow-calls.ts'
import { nothingKnown, stateOfTable } from '../../ddl/schema.ts'
import { classifyStatement } from '../../sql/classify.ts'
import { hasWords, isName, listNames } from '../../sql/clauses.ts'
import { readBody } from '../../sql/procedures/read-body.ts'
import type { Statement } from '../../sql/statement.ts'
import type { Token } from '../../sql/tokens.ts'
import { tokenize } from '../../sql/tokens.ts'
import { printName } from '../existing-data.ts'
import { isOwnTable } from '../plain-rows.ts'
import type { HazardContext, HazardRule } from '../rule.ts'
import { bodyOf } from '../stored-body.ts'
import { readNamedTables } from '../written-tables.ts'

const reads = ['CREATE VIEW', 'ANALYZE TABLE', 'CHECK TABLE', 'CHECKSUM TABLE', 'OPTIMIZE TABLE']

export const writeJournal: HazardRule = {
  code: 'WRITE_JOURNAL',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  guardsOwnTables: true,
  severity: 'error',
  family: 'data-loss',
  title: {
    en: 'A statement that writes to, changes or drops a table of wwdb itself (`wwdb_...`), including in the body of a trigger or an event',
    zh: '写入、修改或删除 wwdb 自己的表（`wwdb_...`）的语句',
  },
  why: {
    en: 'These tables record what ran and what was created: after a change wwdb may run a statement twice, or never.',
    zh: '这些表记录了已执行和已创建的内容：改动后 wwdb 可能重复执行或漏掉语句。',
  },
  fix: {
    en: 'Leave these tables to wwdb: `wwdb repair`, `wwdb mark` and `wwdb shards` change them.',
    zh: '请把这些表留给 wwdb：由 `wwdb repair`、`wwdb mark` 和 `wwdb shards` 修改。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/sql-data-manipulation-statements.html',
  fixtures: {
    found: [
      { sql: 'DELETE FROM wwdb_journal WHERE version = 1' },
      {
        setup: 'CREATE TABLE wwdb_journal (version INT PRIMARY KEY); INSERT INTO wwdb_journal VALUES (1)',
        sql: 'DELETE FROM wwdb_journal WHERE version = 1',
        claims: { server: 'answers', query: 'SELECT COUNT(*) FROM wwdb_journal', answer: '0' },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'CREATE TRIGGER g AFTER INSERT ON a FOR EACH ROW DELETE FROM wwdb_journal WHERE version = 1',
      },
    ],
    clean: [{ sql: 'CREATE TABLE journal (id INT PRIMARY KEY)' }, { sql: 'SELECT COUNT(*) FROM wwdb_journal' }],
  },
  find: ({ tokens, statement, context }) => {
    if (reads.includes(statement.verb)) return []
    const named = statement.objects.filter(({ type, name }) => type === 'table' && isOwnTable(name)).map(printName)
    const behind = writingVerbs.includes(statement.verb) ? listBehindViews(statement, context) : []
    // The tables of a join are not in the objects of the statement.
    const joined = ['UPDATE', 'DELETE'].includes(statement.verb) && statement.objects.length === 0
    const others = joined
      ? tokens.filter(({ type, text }) => (type === 'word' || type === 'name') && isOwnTable(text))
      : []
    const names = [
      ...new Set([
        ...named,
        ...others.map(({ text }) => text),
        ...behind,
        ...listInBody(statement, tokens),
        ...listInCall(statement, context),
      ]),
    ]
    if (names.length === 0) return []
    return [
      {
        message: {
          en: `It changes ${listNames(names)}, where wwdb records what ran and what it created: wwdb may then run a statement twice, or never.`,
          zh: `它会改变 \`${names.join('`、`')}\`，wwdb 在其中记录已执行和已创建的内容：之后 wwdb 可能重复执行或漏掉语句。`,
        },
      },
    ]
  },
}

const writingVerbs = ['INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'LOAD DATA', 'LOAD XML']

/** The tables of wwdb that a view of the plan reads: a write to it changes them. */
function listBehindViews({ objects }: Statement, { tables = nothingKnown }: HazardContext): readonly string[] {
  return objects.flatMap((name) => {
    const state = stateOfTable(tables, name)
    return state.type === 'view' ? (state.reads ?? []).map((table) => table.name).filter(isOwnTable) : []
  })
}

/** The tables that the procedures of a CALL write. */
function listInCall(statement: Statement, { tables = nothingKnown }: HazardContext): readonly string[] {
  if (statement.class !== 'call') return []
  const called = readKnownCall(tables, statement)?.statements ?? []
  return called.flatMap((one) =>
    reads.includes(one.verb) ? [] : one.objects.map(({ name }) => name).filter(isOwnTable),
  )
}

/** The tables that the body of a trigger, an event or a function writes, and the table of a trigger. */
function listInBody({ verb, text }: Statement, tokens: readonly Token[]): readonly string[] {
  if (!['CREATE TRIGGER', 'CREATE EVENT', 'ALTER EVENT', 'CREATE FUNCTION'].includes(verb)) return []
  const row = tokens.findIndex((_, at) => hasWords(tokens, at, 'FOR', 'EACH', 'ROW'))
  const on = verb === 'CREATE TRIGGER' ? tokens.slice(0, row).findLast(isName) : undefined
  const body = bodyOf(verb, text, tokens)
  const written = readBody(body).statements.flatMap((one) => {
    const facts = classifyStatement(one)
    const joined = (facts.verb === 'UPDATE' || facts.verb === 'DELETE') && facts.objects.length === 0
    const others = joined ? (readNamedTables(tokenize(one), facts.verb) ?? []) : []
    return reads.includes(facts.verb) ? [] : [...facts.objects, ...others.map(({ table }) => table)]
  })
  const names = [...(on === undefined ? [] : [on.text]), ...written.map(({ name }) => name)]
  return names.filter(isOwnTable)
}
