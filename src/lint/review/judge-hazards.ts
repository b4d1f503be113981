import { followStrictMode, followTables } from '../../ddl/follow-tables.ts'
import type { ServerAnswer } from '../../ddl/server-answer.ts'
import type { Cascade, Schema, Table } from '../../ddl/table.ts'
import { type KnownTables, noTablesKnown, type TableState, tableKey, withState } from '../../ddl/table-state.ts'
import { isWord } from '../../sql/clauses.ts'
import { readSources } from '../../sql/read-sources.ts'
import type { ObjectName, Statement } from '../../sql/statement.ts'
import { askRules, findKeyedTables } from '../find-hazards.ts'
import { isPlainInsert, isUpsert } from '../plain-rows.ts'
import { type HazardRule, stopsRun } from '../rule.ts'
import type { LintFile, ReadStatement } from '../subjects.ts'
import { fingerprintOf, type ReviewFinding, regionOf } from './finding.ts'
import type { RuleSetting } from './rule-use.ts'
import { nameKey, statementKey } from './subject.ts'

interface HazardRequest {
  /** Tables that the judged files up to this one make, by `nameKey`. */
  readonly made: ReadonlySet<string>
  readonly target: string | null
  /** How a server would carry out statements, by `statementKey`; absent without a server. */
  readonly answers: ReadonlyMap<string, ServerAnswer> | undefined
  readonly hazards: ReadonlyMap<string, { readonly rule: HazardRule; readonly setting: RuleSetting }>
}

/** The file's hazards, with what the files before it say of its tables. */
export function judgeHazards(
  file: LintFile,
  { made, target, answers, hazards: rules }: HazardRequest,
): readonly ReviewFinding[] {
  const madeHere = new Set(
    file.up.flatMap(({ statement }) =>
      statement.verb === 'CREATE TABLE' ? statement.objects.map(({ schema, name }) => nameKey(schema, name)) : [],
    ),
  )
  const isNew = (name: { readonly schema: string | null; readonly name: string }): boolean => {
    const key = nameKey(name.schema, name.name)
    return made.has(key) && !madeHere.has(key)
  }
  let tables = knownTablesOf(file, isNew)
  let strict = true
  const keyedLater = findKeyedTables(
    tables,
    file.up.map(({ statement }) => statement),
  )
  const version = target === null ? {} : { serverVersion: target }
  return file.up.flatMap(({ statement }) => {
    const answer = answers?.get(statementKey(file.file, statement.index))
    const asked = answer === undefined ? {} : { answer }
    const found = askRules(statement, { accepted: [], tables, strict, keyedLater, ...version, ...asked })
    tables = followTables(tables, statement)
    strict = followStrictMode(strict, statement)
    return found.flatMap(({ rule, finding }) => {
      const used = rules.get(rule.code)
      if (used === undefined || used.setting.severity === 'off') return []
      return [
        {
          code: rule.code,
          severity: finding.unsure === true ? 'hint' : used.setting.severity,
          stops: stopsRun(rule) && finding.unsure !== true,
          database: file.database,
          file: file.file,
          region: regionOf(statement, undefined),
          message: finding.message,
          fix: finding.fix ?? rule.fix,
          statement,
          edits: [],
          suppressed: null,
          fingerprint: fingerprintOf(rule.code, file.file, statement, finding.message.en),
        },
      ]
    })
  })
}

/**
 * What rules of hazards know of the tables of a file: definitions are those of the files before it, and rows count as many.
 * A table that a judged file makes is new.
 */
function knownTablesOf(file: LintFile, isNew: (name: ObjectName) => boolean): KnownTables {
  let known: KnownTables = noTablesKnown
  const writes = file.up.some(
    ({ statement }) => ['DELETE', 'REPLACE', 'UPDATE'].includes(statement.verb) || isUpsert(statement),
  )
  for (const name of listMadeAnew(file)) known = withState(known, name, { type: 'absent' })
  for (const read of file.up) {
    const { statement, before } = read
    for (const name of [...tablesOf(statement), ...sourcesOf(read), ...tablesInBody(read)]) {
      const isKnown = known.states.has(tableKey(known, name))
      const state = isKnown ? null : stateOf(before, name, isNew(name), writes)
      if (state !== null) known = withState(known, name, state)
    }
  }
  return known
}

/**
 * Tables that no file before has, and that this one makes behind a DROP TABLE IF EXISTS, as dumps do, or with IF NOT EXISTS: by the files there is nothing
 * to drop, and no row. The run asks its server, and stops where there is.
 */
function listMadeAnew({ up }: LintFile): readonly ObjectName[] {
  const used = new Set<string>()
  const dropped = new Map<string, ObjectName>()
  const made: ObjectName[] = []
  for (const { statement, before } of up) {
    const { verb, objects, idempotent } = statement
    for (const name of objects) {
      const key = nameKey(name.schema, name.name)
      const isFirst = !used.has(key)
      used.add(key)
      const again = dropped.get(key)
      const isUnknown = idempotent && isFirst && before.find(name).type === 'unknown'
      if (verb === 'CREATE TABLE' && (again !== undefined || isUnknown)) made.push(again ?? name)
      if (verb === 'DROP TABLE' && isUnknown) dropped.set(key, name)
    }
  }
  return made
}

function tablesOf({ objects, references }: Statement): readonly ObjectName[] {
  return [...objects, ...references].filter(({ type }) => type === 'table' || type === 'view')
}

/** The tables of the schema whose names are in the body of a procedure: a CALL of it changes them, and they are no objects of the statement. */
function tablesInBody({ statement, tokens, before }: ReadStatement): readonly ObjectName[] {
  if (statement.verb !== 'CREATE PROCEDURE') return []
  const words = new Set(tokens.flatMap(({ type, text }) => (type === 'word' || type === 'name' ? text : [])))
  return [...words].flatMap((name) => {
    const object: ObjectName = { type: 'table', schema: null, name }
    return before.find(object).type === 'table' ? object : []
  })
}

/** The tables that the query of an INSERT or REPLACE reads: they are no objects of the statement. */
function sourcesOf(read: ReadStatement): readonly ObjectName[] {
  const { statement } = read
  if ((statement.verb !== 'INSERT' && statement.verb !== 'REPLACE') || isPlainInsert(statement)) return []
  const { tokens } = read
  const start = tokens.findIndex((token) => isWord(token, 'SELECT', 'TABLE', 'WITH'))
  return start < 0 ? [] : readSources(tokens.slice(start)).map(({ table }) => table)
}

function stateOf(before: Schema, name: ObjectName, isNew: boolean, writes: boolean): TableState | null {
  if (isNew) return { type: 'new' }
  const found = before.find(name)
  if (found.type !== 'table' || !found.table.complete) return null
  if (!writes) return found
  const cascades = listCascades(before, found.table, 'onDelete')
  const updates = listCascades(before, found.table, 'onUpdate')
  return { type: 'table', table: { ...found.table, cascades, updates } }
}

/** The foreign keys by which rows of other tables go or change with those of a table. */
function listCascades({ tables }: Schema, { name }: Table, event: 'onDelete' | 'onUpdate'): readonly Cascade[] {
  return [...tables.values()].flatMap((table) =>
    table.foreignKeys.flatMap(({ columns, parent, parentColumns, [event]: rule }) =>
      parent.schema === null && parent.name === name && (rule === 'CASCADE' || rule === 'SET NULL')
        ? [{ table: { schema: null, name: table.name }, columns, referenced: parentColumns, rule }]
        : [],
    ),
  )
}
