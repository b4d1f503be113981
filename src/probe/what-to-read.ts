import { isPlainInsert, isUpsert } from '../lint/plain-rows.ts'
import { bodyOf } from '../lint/stored-body.ts'
import { classifyStatement } from '../sql/classify.ts'
import { readBody } from '../sql/procedures/read-body.ts'
import { listTablesRead, readSources } from '../sql/read-sources.ts'
import type { ObjectName, Statement, StatementFacts } from '../sql/statement.ts'
import { tokenize } from '../sql/tokens.ts'

const tableVerbs = [
  'ALTER TABLE',
  'CREATE INDEX',
  'DROP INDEX',
  'DROP TABLE',
  'TRUNCATE TABLE',
  'RENAME TABLE',
  'OPTIMIZE TABLE',
]

/**
 * The tables whose state matters for hazards and algorithms, and for whether a statement finds them. Tables that an earlier
 * statement creates are left out, so that nothing is read for a plan of CREATE TABLEs and INSERTs.
 */
export function listTablesToRead(statements: readonly Statement[]): readonly ObjectName[] {
  const made = new Set<string>()
  const written = statements.some(({ verb }) => writingVerbs.includes(verb))
  return statements.flatMap((statement) => {
    const names = unique(tablesOf(statement, written)).filter(({ schema, name }) => schema !== null || !made.has(name))
    if (statement.verb === 'CREATE TABLE' && !statement.idempotent)
      for (const { schema, name } of statement.objects) if (schema === null) made.add(name)
    return names
  })
}

/**
 * The tables whose rows statements delete or change: their foreign keys show which other rows are deleted or changed with
 * them.
 */
export function listParentsToRead(statements: readonly Statement[]): readonly ObjectName[] {
  const written = statements.some(({ verb }) => writingVerbs.includes(verb))
  return unique(
    statements.flatMap((statement) => {
      const { verb, text } = statement
      if (verb === 'REPLACE' || isUpsert(statement)) return statement.objects
      if (verb === 'DELETE' || verb === 'UPDATE') return [...statement.objects, ...listTablesRead(statement)]
      if (verb === 'CREATE VIEW' || verb === 'ALTER VIEW')
        return written ? readSources(tokenize(text)).map(({ table }) => table) : []
      if (!bodyVerbs.includes(verb)) return []
      const inside = readBodyTexts(statement).map((one) => ({ ...classifyStatement(one), text: one }))
      return inside.flatMap((one) => (writingVerbs.includes(one.verb) || isUpsert(one) ? one.objects : []))
    }),
  )
}

const writingVerbs = ['UPDATE', 'DELETE', 'REPLACE']

/** The names in one statement, each once. */
function unique(names: readonly ObjectName[]): readonly ObjectName[] {
  return [...new Map(names.map((name) => [`${name.schema ?? ''}\u0000${name.name}`, name])).values()]
}

function tablesOf(statement: Statement, written: boolean): readonly ObjectName[] {
  const { verb, objects, text } = statement
  if (bodyVerbs.includes(verb)) return readsOfBody(statement)
  if (tableVerbs.includes(verb)) return objects.filter((name) => name.type === 'table')
  // A write to a view changes the tables that it reads.
  if (verb === 'CREATE VIEW' || verb === 'ALTER VIEW')
    return written ? readSources(tokenize(text)).map(({ table }) => table) : []
  if (verb === 'INSERT' || verb === 'REPLACE')
    return isPlainInsert(statement) ? objects : [...objects, ...listTablesRead(statement)]
  if (verb === 'LOAD DATA' || verb === 'LOAD XML') return objects
  if (verb === 'CREATE TABLE') {
    const read = /\b(?:select|table\b[\s\S]*\btable)\b/i.test(text) ? listTablesRead(statement) : []
    return read.length === 0 ? [] : [...objects, ...read]
  }
  return verb === 'SELECT' || verb === 'TABLE' || verb === 'UPDATE' || verb === 'DELETE'
    ? [...objects, ...listTablesRead(statement)]
    : []
}

const bodyVerbs = ['CREATE PROCEDURE', 'CREATE TRIGGER', 'CREATE EVENT', 'ALTER EVENT', 'CREATE FUNCTION']

/** The tables that a body changes: it is judged like statements of the plan. */
function readsOfBody(statement: Statement): readonly ObjectName[] {
  return readStatementsOfBody(statement).flatMap((facts) =>
    ['definition', 'data'].includes(facts.class) ? facts.objects.filter(({ type }) => type === 'table') : [],
  )
}

function readBodyTexts({ verb, text }: Statement): readonly string[] {
  const body = verb === 'CREATE PROCEDURE' ? text : bodyOf(verb, text)
  return readBody(body).statements
}

function readStatementsOfBody(statement: Statement): readonly StatementFacts[] {
  return readBodyTexts(statement).map(classifyStatement)
}

/** The procedures that statements call, directly or through other procedures of the plan: their effects matter for hazards. */
export function listProceduresToRead(statements: readonly Statement[]): readonly ObjectName[] {
  return statements.flatMap((statement) => {
    if (statement.class === 'call') return statement.objects
    if (!bodyVerbs.includes(statement.verb)) return []
    const own = statement.idempotent && statement.verb === 'CREATE PROCEDURE' ? statement.objects : []
    if (!/\bcall\b/i.test(statement.text)) return own
    const body = statement.verb === 'CREATE PROCEDURE' ? statement.text : bodyOf(statement.verb, statement.text)
    const called = readBody(body)
      .statements.map(classifyStatement)
      .filter((facts) => facts.class === 'call')
    return [...own, ...called.flatMap((facts) => facts.objects)]
  })
}
