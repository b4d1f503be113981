import type { ObjectName, Statement, StatementClass, StatementFacts } from '../../sql/statement.ts'
import { summarizeStatement } from '../../sql/statement.ts'
import { approveByRows, approveResolved } from '../plan/approve-plan.ts'
import { resolveObjects, resolveText, type Schemas } from '../plan/placeholders.ts'
import type { SessionTrack } from './session-track.ts'
import type { ExecutionRequest, ExecutionTuning, StepRun } from './work.ts'

/** A statement with its placeholders filled in, as it will be sent and journaled. */
export interface ReadyStatement {
  readonly source: Statement
  readonly text: string
  /** Of the text it resolves to: an EXECUTE of an ALTER is a definition. */
  readonly class: StatementClass
  readonly verb: string
  readonly objects: readonly ObjectName[]
  readonly summary: string
  readonly evidence: Evidence
}

/**
 * What shows afterwards whether a definition statement ran:
 * - `definition` the texts of its objects
 * - `identity`   which table bears the name: RENAME may swap tables of one text
 * - `number`     the same, where only InnoDB's own number shows it: tables emptied (TRUNCATE keeps the time of creation),
 *                partitions exchanged or emptied
 * - `nothing`    DISCARD and IMPORT TABLESPACE leave both as they were
 */
type Evidence = 'definition' | 'identity' | 'number' | 'nothing'

function evidenceOf(verb: string, objects: readonly ObjectName[], text: string): Evidence {
  if (verb.startsWith('TRUNCATE')) return 'number'
  if (verb === 'ALTER TABLE') {
    if (/\b(?:discard|import)\s+(?:partition|tablespace)\b/i.test(text)) return 'nothing'
    return /\b(?:exchange|truncate)\s+partition\b/i.test(text) ? 'number' : 'definition'
  }
  if (!verb.startsWith('RENAME TABLE')) return 'definition'
  const names = objects.map((object) => `${object.schema ?? ''}.${object.name}`)
  return new Set(names).size < names.length ? 'identity' : 'definition'
}

function isTemporary(object: ObjectName, temporary: ReadonlySet<string>): boolean {
  return object.schema === null && temporary.has(object.name.toLowerCase())
}

/** A statement on only temporary tables ends with the session; any other new object is a real table or view. */
function classOf(facts: StatementFacts, temporary: ReadonlySet<string>): StatementClass {
  const isNew = facts.verb === 'CREATE TABLE' || facts.verb === 'CREATE VIEW'
  const touchesTables = facts.class === 'data' || (facts.class === 'definition' && !isNew)
  if (touchesTables && facts.objects.length > 0 && facts.objects.every((object) => isTemporary(object, temporary)))
    return 'session'
  return facts.class
}

/**
 * @param facts of the text it resolves to; the statement's own for everything but EXECUTE
 * @param temporary names (lower case) of the temporary tables that the script has made so far
 */
export function readyStatement(
  source: Statement,
  facts: StatementFacts,
  schemas: Schemas,
  temporary: ReadonlySet<string>,
): ReadyStatement {
  const objects = resolveObjects(facts.objects, schemas)
  const summary = summarizeStatement({ ...facts, objects })
  return {
    source,
    text: resolveText(source.text, schemas),
    class: classOf(facts, temporary),
    verb: facts.verb,
    objects,
    summary: source.class === 'execute' ? `EXECUTE ${source.prepared ?? ''}: ${summary}` : summary,
    evidence: evidenceOf(facts.verb, objects, source.text),
  }
}

/** True where a statement may take long, so that it asks the governor first: all but new objects, rows that are written out, and the session's own. */
export function isHeavy(source: Statement): boolean {
  return source.class !== 'session' && !isQuickWrite(source) && !isQuickCreation(source)
}

const creations: ReadonlySet<string> = new Set([
  'CREATE TABLE',
  'CREATE VIEW',
  'CREATE PROCEDURE',
  'CREATE FUNCTION',
  'CREATE TRIGGER',
  'CREATE EVENT',
])

/**
 * True for a statement that creates one object and touches no other: several of them can be opened in one write,
 * because the existence of each object shows whether its statement ran. A statement that changes an object may change
 * another one's text, too (renaming a parent rewrites its children's foreign keys), and is opened separately.
 */
function isCreation(statement: Pick<Statement, 'class' | 'verb' | 'objects' | 'idempotent'>): boolean {
  return (
    statement.class === 'definition' &&
    !statement.idempotent &&
    statement.objects.length === 1 &&
    creations.has(statement.verb)
  )
}

/** A longer one is not quick. */
const longestQuick = 16 * 1024

/**
 * True for a CREATE TABLE that copies no rows and waits for no parent table: quick enough to be sent together with others,
 * which the server runs one after the other.
 */
export function isQuickCreation(
  statement: Pick<Statement, 'class' | 'verb' | 'text' | 'references' | 'objects' | 'idempotent'>,
): boolean {
  if (statement.verb !== 'CREATE TABLE' || !isCreation(statement)) return false
  if (statement.references.length > 0 || statement.text.length > longestQuick) return false
  return !/\b(?:select|values|table)\b/i.test(statement.text.replace(/\btable\b/i, ''))
}

/** True for a quick creation that reads no other table, such as LIKE does: it succeeds before and after every other one. */
export function isLoneCreation(
  statement: Pick<Statement, 'class' | 'verb' | 'text' | 'references' | 'objects' | 'idempotent' | 'shard'>,
): boolean {
  return statement.shard === undefined && isQuickCreation(statement) && !/\b(?:like|union)\b/i.test(statement.text)
}

/**
 * True for a short INSERT or REPLACE of values that changes nothing in the session but its last insert id: quick enough
 * that its time need not be measured separately from its commit.
 */
export function isQuickWrite(statement: Pick<Statement, 'class' | 'verb' | 'text' | 'userVariables'>): boolean {
  if (statement.class !== 'data' || (statement.verb !== 'INSERT' && statement.verb !== 'REPLACE')) return false
  if (statement.userVariables.length > 0 || statement.text.length > longestQuick) return false
  // Errors that IGNORE turns into warnings can be read only after a statement that was sent separately.
  return !/\b(?:select|table|ignore)\b/i.test(statement.text)
}

/**
 * True for a fan-out's definition on one shard: no shard of a family is named in another's definition, so each shard
 * shows whether its own statement ran. Sources cannot name another table. An online change is made alone: it writes a record of its own.
 */
function isShardChange(statement: Pick<Statement, 'class' | 'shard' | 'online'>): boolean {
  return statement.shard !== undefined && statement.class === 'definition' && statement.online === undefined
}

/**
 * True for a definition that the server carries out only in its dictionary: quick enough to be sent together with those of other
 * shards.
 */
export function isQuickShardChange(statement: Pick<Statement, 'class' | 'shard' | 'text' | 'online'>): boolean {
  return isShardChange(statement) && statement.shard?.instant === true && statement.text.length <= longestQuick
}

/** Which of the statements that follow may be opened in one write with this one; null when none may. */
export function joinableWith(statement: Statement): ((other: Statement) => boolean) | null {
  if (isShardChange(statement)) return isShardChange
  if (isCreation(statement)) return isCreation
  if (isQuickWrite(statement)) return isQuickWrite
  return null
}

/** A statement as it will run: of EXECUTE the text that it resolves to by now, which must be allowed as any other. */
export async function makeReady(
  { schemas, permission, session }: Pick<ExecutionRequest, 'schemas' | 'permission' | 'session'>,
  classify: ExecutionTuning['classify'],
  track: SessionTrack,
  run: StepRun,
  statement: Statement,
  rows: { readonly flush: () => Promise<void> },
): Promise<ReadyStatement> {
  if (statement.class !== 'execute' || statement.prepared === null) {
    const ready = readyStatement(statement, statement, schemas, track.temporary)
    if (permission !== null && run.step.known?.has(statement.index) === true) {
      // A statement that is verified leaves nothing uncommitted.
      await rows.flush()
      await approveByRows({ ...statement, text: ready.text, objects: ready.objects }, run.step, permission, session)
    }
    return ready
  }
  const text = track.preparedText(statement.prepared)
  const facts = text === null ? { ...statement, class: 'call' as const } : classify(text)
  if (text !== null && permission !== null)
    approveResolved(statement, { ...facts, text }, run.step, permission, session.facts)
  return readyStatement(statement, facts, schemas, track.temporary)
}
