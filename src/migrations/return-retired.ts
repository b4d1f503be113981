import type { Context } from '../command/context.ts'
import type { Fault } from '../core/tool-error.ts'
import { readAdded, readAddedKeys } from '../ddl/read-alterations.ts'
import { checksumOf } from '../files/checksum.ts'
import type { RetireStore } from '../operate/retire/ports.ts'
import type { RetiredRecord } from '../operate/retire/record.ts'
import { nameRetired, writeRetiring } from '../operate/retire/retirement.ts'
import { toStatement } from '../sql/classify.ts'
import { readAlterations } from '../sql/clauses.ts'
import type { Statement } from '../sql/statement.ts'
import { tokenize } from '../sql/tokens.ts'
import type { Migration } from './migration.ts'
import type { DatabaseState } from './plan/database-state.ts'
import { hasRetired, retireStores } from './retirements.ts'
import type { OpenTarget, OpenTargets } from './targets.ts'

/** The same databases for a rollback: down parts do not create again what is only hidden, but put it back. */
export async function returnRetired<Open extends Pick<OpenTargets, 'targets'>>(
  context: Pick<Context, 'port'>,
  open: Open,
): Promise<Open> {
  const storeOf = await context.port(retireStores)
  const targets: OpenTarget[] = []
  for (const target of open.targets) {
    const records = hasRetired(target.snapshot) ? await findToReturn(storeOf(target.session), target) : []
    targets.push(records.length === 0 ? target : withReturns(target, records))
  }
  return { ...open, targets }
}

/** What a rollback puts back. What somebody has dropped by hand is created by the down part. */
async function findToReturn(store: RetireStore, target: OpenTarget): Promise<readonly RetiredRecord[]> {
  const found: RetiredRecord[] = []
  for (const record of (await store.read()).filter((one) => isOfLatest(target, one)))
    if (record.state === 'undone' || (await store.look(record)) !== 'gone') found.push(record)
  return found
}

/** Whether the last pass of its version hid it, and it was not dropped since: also where a rollback that was cut off has put it back. */
function isOfLatest({ snapshot }: OpenTarget, { pass, version, state }: RetiredRecord): boolean {
  const ups = snapshot.passes.filter((one) => one.version === version && one.direction === 'up')
  return state !== 'dropped' && ups.every((one) => one.pass <= pass)
}

function withReturns(target: OpenTarget, records: readonly RetiredRecord[]): OpenTarget {
  const known = new Map<Migration, Migration>()
  const replace = (migration: Migration): Migration => {
    const own = records.filter(({ version }) => version === migration.version)
    if (own.length === 0) return migration
    const made = known.get(migration) ?? returning(migration, own)
    known.set(migration, made)
    return made
  }
  return withMigrations(target, replace)
}

/** The same target with other migrations in place of its own, also where its files are resolved again. */
export function withMigrations(target: OpenTarget, replace: (migration: Migration) => Migration): OpenTarget {
  const replaced = (one: DatabaseState): DatabaseState => ({
    ...one,
    all: one.all.map(replace),
    migrations: one.migrations.map(replace),
  })
  return {
    ...target,
    ...replaced(target),
    database: target.database,
    resolve: (state) => replaced(target.resolve?.(state) ?? { ...target, state }),
  }
}

/** The migration with a down part that puts back what its up part hid. Pure. */
function returning(migration: Migration, records: readonly RetiredRecord[]): Migration {
  const { up, down, file } = migration
  if (up.type !== 'statements') return migration
  const back = (record: RetiredRecord, index: number): Statement => {
    const { show } = writeRetiring(record, record.hold)
    const { pass, statement, grace, isHidden, wasVisible } = record
    const piece = { type: 'statement', text: show, source: show, file, line: 1, column: 1 } as const
    return {
      ...toStatement(piece, index),
      retire: { grace, back: { pass, statement, isSent: isHidden && wasVisible } },
    }
  }
  const isWhole = up.statements.every((_, index) => records.some((one) => one.statement === index))
  if (isWhole) {
    const statements = records.toReversed().map(back)
    return {
      ...migration,
      checksum: checksumOf(statements.map(({ text }) => text).join(';\n')),
      down: { type: 'statements', statements },
    }
  }
  if (down?.type !== 'statements') return migration
  const left = new Set(records)
  const statements = down.statements.map((statement, index) => {
    const record = records.find((one) => left.has(one) && creates(statement, one))
    if (record === undefined) return statement
    left.delete(record)
    return back(record, index)
  })
  const [first] = left
  // Its down part creates it together with others, or not at all: it would fail, or leave it hidden.
  if (first !== undefined) return { ...migration, irreversible: describeUnmatched(migration, first) }
  return {
    ...migration,
    checksum: checksumOf(statements.map(({ text }) => text).join(';\n')),
    down: { ...down, statements },
  }
}

function describeUnmatched({ file, database }: Migration, record: RetiredRecord): Fault {
  const name = nameRetired(record)
  return {
    what: `\`${file}\` retired \`${name}\`, and no statement of its down part creates only that.`,
    where: { file, database },
    why: 'What is retired is put back as it was, and not created again.',
    next: `Write a statement for \`${name}\` alone in the down part, such as \`${exampleOf(record)}\`.`,
  }
}

function exampleOf({ type, table, part }: RetiredRecord): string {
  if (type === 'table') return `CREATE TABLE ${table} (...)`
  return type === 'index' ? `CREATE INDEX ${part} ON ${table} (...)` : `ALTER TABLE ${table} ADD COLUMN ${part} ...`
}

/** Whether a statement creates a retired thing, and nothing beside. */
function creates({ verb, objects, text }: Statement, { type, table, part }: RetiredRecord): boolean {
  const same = (name: string | undefined, other: string | null): boolean => name?.toLowerCase() === other?.toLowerCase()
  if (!same(objects[0]?.name, table)) return false
  if (type === 'table') return verb === 'CREATE TABLE'
  const tokens = tokenize(text)
  const clauses = readAlterations(tokens)
  if (clauses.length > 1) return false
  if (type === 'index') {
    const { indexes } = readAddedKeys(tokens)
    return indexes.length === 1 && same(indexes[0]?.name ?? undefined, part)
  }
  const added = clauses.flatMap((clause) => readAdded(clause))
  return added.length === 1 && same(added[0]?.[0], part)
}
