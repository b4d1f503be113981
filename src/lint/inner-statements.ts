import { readKnownCall } from '../ddl/follow-calls.ts'
import { followTables } from '../ddl/follow-tables.ts'
import { type KnownTables, noTablesKnown, routineKey } from '../ddl/table-state.ts'
import { type CalledProcedures, readCall } from '../sql/procedures/read-call.ts'
import type { ObjectName, Statement } from '../sql/statement.ts'
import { bodyOf } from './stored-body.ts'

/** A statement that another one runs, now or later: of a procedure that is called, or of the body of a trigger, an event or a function. */
export interface InnerStatement {
  readonly statement: Statement
  /** The tables before it. */
  readonly tables: KnownTables
}

const bodies = ['CREATE TRIGGER', 'CREATE EVENT', 'ALTER EVENT', 'CREATE FUNCTION']

/** True where a statement may run others. */
export function hasInner({ verb, class: kind }: Pick<Statement, 'verb' | 'class'>): boolean {
  return kind === 'call' || bodies.includes(verb)
}

/** What a CALL, or a body whenever it runs, does, with all procedures that are called from there; null where it is neither. */
export function readInnerCall(
  tables: KnownTables,
  statement: Pick<Statement, 'verb' | 'class' | 'objects' | 'text'>,
): CalledProcedures | null {
  if (statement.class === 'call') return readKnownCall(tables, statement)
  if (!bodies.includes(statement.verb)) return null
  const text = bodyOf(statement.verb, statement.text)
  const body: ObjectName = { type: 'procedure', schema: null, name: '' }
  return readCall({
    procedure: body,
    schema: tables.schema ?? '',
    text: '',
    find: (name) => (name.name === '' ? text : tables.procedures?.get(routineKey(tables, name))),
  })
}

/** The statements that one runs, in order; those on temporary tables of their own are left out. */
export function listInner(statement: Statement, known: KnownTables = noTablesKnown): readonly InnerStatement[] {
  if (!hasInner(statement)) return []
  let tables = known
  const temporary = new Set<string>()
  return (readInnerCall(known, statement)?.statements ?? []).flatMap((one): readonly InnerStatement[] => {
    if (one.class === 'call' || one.class === 'execute') return []
    const before = tables
    if (statement.class === 'call') tables = followTables(tables, one)
    if (one.verb === 'CREATE TEMPORARY TABLE') for (const { name } of one.objects) temporary.add(name.toLowerCase())
    const isOwn = one.objects.length > 0 && one.objects.every(({ name }) => temporary.has(name.toLowerCase()))
    if (isOwn && one.verb === 'DROP TABLE') for (const { name } of one.objects) temporary.delete(name.toLowerCase())
    if (isOwn) return []
    const { file, line, column } = statement
    return [{ statement: { ...one, file, line, column, index: 0, hash: '' }, tables: before }]
  })
}
