import type { Config } from '../config/config.ts'
import { migrationLabel } from '../core/migration-label.ts'
import { port } from '../core/port.ts'
import { ToolError } from '../core/tool-error.ts'
import { type RecordedSchema, type TouchedObjects, touchedBy } from '../ddl/recorded-schema.ts'
import { advanceRecord, chooseNeeded } from '../ddl/replayed-record.ts'
import type { DefaultsSnapshot, ObjectSnapshot, SchemaScope, SchemaSnapshot, SnapshotReading } from '../ddl/snapshot.ts'
import { isVschemaType, objectKey } from '../ddl/snapshot.ts'
import type { ObjectName, Statement } from '../sql/statement.ts'
import { isVschemaVerb } from '../sql/statements/vschema.ts'
import type { JournalRow, Pass } from './journal/journal.ts'
import type { Migration, Script } from './migration.ts'
import { findUnrecorded } from './stale-schema.ts'
import type { OpenTarget } from './targets.ts'

/** What is to be recreated of recorded objects in a scratch schema. */
export interface ReplayRequest {
  /** Logical database. */
  readonly database: string
  /** The character set of the schema before the statements; null where it is not recorded. */
  readonly defaults: DefaultsSnapshot | null
  readonly objects: readonly ObjectSnapshot[]
  readonly statements: readonly Statement[]
}

/**
 * Creates objects in a scratch schema, runs statements there and reads the result; several answers where the record leaves open which of them is
 * right. Rejects with ToolError where that is not possible.
 */
export type ReplayBehind = (request: ReplayRequest) => Promise<readonly SchemaSnapshot[]>

/** The servers on which recorded objects are recreated. */
interface Replaying {
  /**
   * The result of statements on recorded objects of one of the databases. Throws ToolError where that cannot be done in scratch
   * schemas.
   */
  readonly replayBehind: (
    config: Pick<Config, 'databases' | 'timeouts'>,
    scope: SchemaScope,
    request: ReplayRequest,
  ) => Promise<readonly SchemaSnapshot[]>
}

/** Implemented by schema/mysql. */
export const replaying = port<Replaying>('schema/replaying')

/** A record updated by the statements that ran after it. */
export interface Advanced {
  readonly recorded: RecordedSchema
  /** Objects whose expected state is still unknown. */
  readonly touched: TouchedObjects
  /**
   * Why it is unknown what was changed by hand among the objects of these statements; null where it is known, or where there are
   * none.
   */
  readonly why: string | null
}

/**
 * The record contains neither what a killed run did nor what was changed by hand since: replaying the statements that the run closed on the recorded objects distinguishes them. Objects of open rows are left out. @param replay absent where nothing is created in scratch schemas
 */
export async function advanceBehind(
  target: OpenTarget,
  recorded: RecordedSchema,
  { snapshot: live }: SnapshotReading,
  neighbors: readonly string[],
  replay: ReplayBehind | undefined,
): Promise<Advanced> {
  const { record, target: place } = target.session
  const passes = findUnrecorded(recorded, target.snapshot.passes)
  const own = (await record?.readTouched(passes, [])) ?? { everything: false, objects: [] }
  const others = (await record?.readTouched([], neighbors)) ?? { everything: false, objects: [] }
  const touched = {
    everything: own.everything || others.everything,
    elsewhere: own.elsewhere === true || others.elsewhere === true,
    objects: [...own.objects, ...others.objects],
  }
  const asBefore = { recorded, touched, why: null }
  if (touched.everything || own.objects.every(isOfVschema) || replay === undefined) return asBefore
  try {
    const statements = await listClosed(target, recorded, passes)
    if (statements === null) return asBefore
    const isTouched = touchedBy(own, place.schema)
    const elsewhere = own.objects.filter(({ schema }) => schema !== null && schema !== place.schema)
    const objects = chooseNeeded(
      recorded,
      statements.map(({ text }) => text),
      isTouched,
    )
    const variants = await replay({
      database: place.database,
      defaults: defaultsOf(recorded),
      objects,
      statements,
    })
    return {
      recorded: advanceRecord(recorded, variants, live, isTouched),
      // No scratch schema has a VSchema: what it is to say of them stays unknown.
      touched: {
        ...touched,
        objects: [...others.objects, ...elsewhere, ...own.objects.filter(isOfVschema), ...listOpen(target)],
      },
      why: null,
    }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    return { ...asBefore, why: error.faults[0]?.why ?? error.faults[0]?.what ?? error.message }
  }
}

/** The warning for `why`. */
export function describeUnknown(database: string, why: string): string {
  return `It is not known whether the objects that a killed run changed in \`${database}\` were changed by hand afterwards: ${why}`
}

function defaultsOf({ objects }: RecordedSchema): DefaultsSnapshot | null {
  const recorded = objects.get(objectKey({ type: 'schema', name: '' }))?.definition() ?? null
  return recorded?.type === 'schema' ? recorded : null
}

const isOfVschema = ({ type }: ObjectName): boolean => isVschemaType(type)

function listOpen({ snapshot }: OpenTarget): readonly ObjectName[] {
  return snapshot.rows.filter(({ state }) => state === 'open' || state === 'entered').flatMap(({ objects }) => objects)
}

const replayed: ReadonlySet<Pass['kind']> = new Set(['versioned', 'repeatable'])

/**
 * The statements of these passes that ran and are not in the record, with those before them that set their session. Null where a pass does not consist of a
 * file's statements. Throws ToolError `STATEMENT_CHANGED`.
 */
async function listClosed(
  target: OpenTarget,
  recorded: RecordedSchema,
  passes: readonly number[],
): Promise<readonly Statement[] | null> {
  const found: Statement[] = []
  for (const pass of target.snapshot.passes.filter((one) => passes.includes(one.pass))) {
    if (!replayed.has(pass.kind)) return null
    const migration = target.all.find(({ version }) => version === pass.version)
    // A migration of shards changed nothing that is recorded.
    if (migration?.shards !== undefined) continue
    const script = migration === undefined ? null : pass.direction === 'up' ? migration.up : migration.down
    if (migration === undefined || script === null) throw changedFile(pass, migration)
    if (script.type === 'module') continue
    found.push(...(await listOfPass(target, { pass, migration, script }, recorded.partial.get(pass.pass) ?? 0)))
  }
  return found
}

interface FiledPass {
  readonly pass: Pass
  readonly migration: Migration
  readonly script: Exclude<Script, { readonly type: 'module' }>
}

async function listOfPass(
  { snapshot }: OpenTarget,
  { pass, migration, script }: FiledPass,
  known: number,
): Promise<readonly Statement[]> {
  const isWhole = pass.closed >= pass.total && pass.open === 0
  if (isWhole && migration.checksum !== pass.checksum) throw changedFile(pass, migration)
  const rows = new Map<number, JournalRow>()
  for (const row of snapshot.rows) if (row.pass === pass.pass && row.state === 'closed') rows.set(row.statement, row)
  const found: Statement[] = []
  for await (const statement of script.type === 'statements' ? script.statements : script.open()) {
    const row = rows.get(statement.index)
    if (!isWhole && row === undefined) continue
    if (row !== undefined && row.hash !== statement.hash) throw changedFile(pass, migration)
    const isDefinition = statement.class === 'definition' && !isVschemaVerb(statement.verb) && statement.index >= known
    if (statement.class === 'execute' && (row === undefined || row.class === 'definition'))
      throw prepared(pass, statement)
    if (isDefinition || statement.class === 'session') found.push(statement)
  }
  return found
}

function prepared(pass: Pass, { file, line }: Statement): ToolError {
  return new ToolError('STATEMENT_CHANGED', {
    what: `\`${migrationLabel(pass)}\` executes a prepared statement.`,
    where: { file, line },
    why: `\`${migrationLabel(pass)}\` executes a prepared statement, whose text the journal does not keep.`,
  })
}

function changedFile(pass: Pass, migration: Migration | undefined): ToolError {
  return new ToolError('STATEMENT_CHANGED', {
    what: `The file of \`${migrationLabel(pass)}\` is not what ran.`,
    where: migration === undefined ? {} : { file: migration.file },
    why: `the file of \`${migrationLabel(pass)}\` is not what ran.`,
    next: 'Restore the file.',
  })
}
