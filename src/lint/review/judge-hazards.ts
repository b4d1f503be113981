import { applyStatement, followStrictMode } from '../../ddl/apply-statement.ts'
import { FollowedTable } from '../../ddl/followed-table.ts'
import { referenceOf } from '../../ddl/read-parts.ts'
import {
  absent,
  findObject,
  listReferringTables,
  nothingKnown,
  objectAt,
  type Schema,
  stateOfTable,
  tableKey,
  withState,
} from '../../ddl/schema.ts'
import type { ServerAnswer } from '../../ddl/server-answer.ts'
import type { Cascade, Table } from '../../ddl/table.ts'
import { isWord } from '../../sql/clauses.ts'
import { readSources } from '../../sql/read-sources.ts'
import type { ObjectName, Statement } from '../../sql/statement.ts'
import { askRules, findKeyedTables } from '../find-hazards.ts'
import type { LiveUse } from '../live-use.ts'
import { isPlainInsert, isUpsert } from '../plain-rows.ts'
import type { HazardRule } from '../rule.ts'
import type { LintFile, ReadStatement } from '../subjects.ts'
import { fingerprintOf, type ReviewFinding, regionOf } from './finding.ts'
import type { RuleSetting } from './rule-use.ts'
import { statementKey } from './subject.ts'

interface HazardRequest {
  /** The files that are judged: the objects that they create are new. */
  readonly judged: ReadonlySet<string>
  readonly target: string | null
  /** How a server would carry out statements, by `statementKey`; absent without a server. */
  readonly answers: ReadonlyMap<string, ServerAnswer> | undefined
  readonly hazards: ReadonlyMap<string, { readonly rule: HazardRule; readonly setting: RuleSetting }>
  /** What live statements name; absent without a server. */
  readonly live?: readonly LiveUse[] | undefined
}

/** The file's hazards, given what earlier files do to its tables. */
export function judgeHazards(
  file: LintFile,
  { judged, target, answers, hazards: rules, live }: HazardRequest,
): readonly ReviewFinding[] {
  let tables = schemaBefore(file, judged)
  let strict = true
  const keyedLater = findKeyedTables(
    tables,
    file.up.map(({ statement }) => statement),
  )
  const version = { ...(target === null ? {} : { serverVersion: target }), ...(live === undefined ? {} : { live }) }
  return file.up.flatMap(({ statement }) => {
    const answer = answers?.get(statementKey(file.file, statement.index))
    const asked = answer === undefined ? {} : { answer }
    const found = askRules(statement, { accepted: [], tables, strict, keyedLater, ...version, ...asked })
    tables = applyStatement(tables, statement)
    strict = followStrictMode(strict, statement)
    return found.flatMap(({ rule, finding }) => {
      const used = rules.get(rule.code)
      if (used === undefined || used.setting.severity === 'off') return []
      return [
        {
          code: rule.code,
          severity: finding.unsure === true ? 'hint' : used.setting.severity,
          stops: rule.stops && finding.unsure !== true,
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
 * What the rules of hazards know before a file: the objects that earlier files create, with as many rows as the table counts say. A table that a judged file
 * creates is new. Knowledge about procedures and the session ends with each file.
 */
function schemaBefore(file: LintFile, judged: ReadonlySet<string>): Schema {
  const [first] = file.up
  if (first === undefined) return nothingKnown
  const { states, forgotten, database } = first.before
  const made = listMadeAnew(file).reduce((known, name) => withState(known, name, absent), {
    schema: null,
    states,
    isPlanned: (one) => judged.has(one),
    ...(forgotten !== undefined && { forgotten }),
    ...(database !== undefined && { database }),
  } satisfies Schema as Schema)
  const writes = file.up.some(
    ({ statement }) => ['DELETE', 'REPLACE', 'UPDATE'].includes(statement.verb) || isUpsert(statement),
  )
  return writes ? withCascades(made, first.before, file) : made
}

/** The tables that a file names, and the tables whose rows change with theirs through foreign keys. A new table has no rows yet. */
function withCascades(schema: Schema, before: Schema, file: LintFile): Schema {
  const names = file.up.flatMap((read) => [...tablesOf(read.statement), ...sourcesOf(read)].map(({ name }) => name))
  const named = [...new Set(names)].map((name) => ({ schema: null, name }))
  const present = named.filter((name) => stateOfTable(schema, name).type === 'table')
  const referring = present.length === 0 ? [] : listReferringTables(before)
  return present.reduce((known, name) => {
    const found = objectAt(known, name)
    const [cascades, updates] = [
      listCascades(referring, name.name, 'onDelete'),
      listCascades(referring, name.name, 'onUpdate'),
    ]
    if (found.type !== 'table' || cascades.length + updates.length === 0) return known
    const changed = FollowedTable.change(found, (table) => ({ ...table, cascades, updates }))
    return withState(known, name, changed, false)
  }, schema)
}

function listCascades(tables: readonly Table[], name: string, event: 'onDelete' | 'onUpdate'): readonly Cascade[] {
  return tables.flatMap((table) =>
    table.foreignKeys.flatMap((key) => {
      const { columns, parentColumns: referenced } = key
      const { parent, [event]: rule } = referenceOf(key)
      return parent.schema === null && parent.name === name && (rule === 'CASCADE' || rule === 'SET NULL')
        ? [{ table: { schema: null, name: table.name }, columns, referenced, rule }]
        : []
    }),
  )
}

/**
 * Tables that no earlier file creates, and that this one creates after DROP TABLE IF EXISTS, as dumps do, or with IF NOT EXISTS: by the files there is
 * nothing to drop, and there are no rows. The run checks its server, and stops where the table exists.
 */
function listMadeAnew({ up }: LintFile): readonly ObjectName[] {
  const used = new Set<string>()
  const dropped = new Map<string, ObjectName>()
  const made: ObjectName[] = []
  for (const { statement, before } of up) {
    const { verb, objects, idempotent } = statement
    for (const name of objects) {
      const key = tableKey(before, name)
      const isFirst = !used.has(key)
      used.add(key)
      const again = dropped.get(key)
      const isUnknown = idempotent && isFirst && findObject(before, name).type === 'unknown'
      if (verb === 'CREATE TABLE' && (again !== undefined || isUnknown)) made.push(again ?? name)
      if (verb === 'DROP TABLE' && isUnknown) dropped.set(key, name)
    }
  }
  return made
}

function tablesOf({ objects, references }: Statement): readonly ObjectName[] {
  return [...objects, ...references].filter(({ type }) => type === 'table' || type === 'view')
}

/** The tables that the query of an INSERT or REPLACE reads: they are no objects of the statement. */
function sourcesOf(read: ReadStatement): readonly ObjectName[] {
  const { statement } = read
  if ((statement.verb !== 'INSERT' && statement.verb !== 'REPLACE') || isPlainInsert(statement)) return []
  const { tokens } = read
  const start = tokens.findIndex((token) => isWord(token, 'SELECT', 'TABLE', 'WITH'))
  return start < 0 ? [] : readSources(tokens.slice(start)).map(({ table }) => table)
}
