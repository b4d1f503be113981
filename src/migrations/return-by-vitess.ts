import { migrationLabel } from '../core/migration-label.ts'
import { countOf } from '../core/plural.ts'
import type { Fault } from '../core/tool-error.ts'
import { checksumOf } from '../files/checksum.ts'
import { toStatement } from '../sql/classify.ts'
import { type Statement, summarizeStatement } from '../sql/statement.ts'
import type { Pass } from './journal/journal.ts'
import type { Migration } from './migration.ts'
import { withMigrations } from './return-retired.ts'
import type { OpenTarget, OpenTargets } from './targets.ts'
import {
  findEdited,
  isAsRan,
  type KeptMigration,
  listTakenBack,
  planReverts,
  type Reverting,
  type RevertPart,
} from './vitess/plan-reverts.ts'
import { describeLeft, describeRevert, type RevertEffect } from './vitess/revert-effect.ts'
import { isRevertRow, revertText, revertVerb } from './vitess/revert-statement.ts'

/**
 * The same databases for a rollback by `REVERT VITESS_MIGRATION`: the down part of each migration is what takes back what Vitess has run for it. A rollback that was cut off goes on as it began.
 * @param isAsked a person wants that, and not the down parts; else it is offered where a down part is missing
 */
export async function returnByVitess<Open extends Pick<OpenTargets, 'targets'>>(
  open: Open,
  isAsked: boolean,
): Promise<Open> {
  const targets: OpenTarget[] = []
  for (const target of open.targets) targets.push(await returnTarget(target, isAsked))
  return { ...open, targets }
}

/** How a migration is rolled back, or was when that was cut off. */
type Way =
  | { readonly type: 'refused'; readonly why: string; readonly next: string }
  | { readonly type: 'revert'; readonly pass: Pass; readonly reverted: number }
  | { readonly type: 'offer'; readonly pass: Pass }

async function returnTarget(target: OpenTarget, isAsked: boolean): Promise<OpenTarget> {
  const { reverting } = target.session
  const ways = target.all.flatMap((migration) => {
    const way = wayOf(target, migration, isAsked)
    return way === null ? [] : [{ migration, way }]
  })
  if (ways.length === 0) return target
  const isRead = ways.some(({ way }) => way.type !== 'refused')
  const isNeeded = ways.some(({ way }) => way.type === 'revert')
  const reading = isRead && reverting !== undefined ? reverting.read() : Promise.resolve([])
  // Without it, less is said of a missing down part, and nothing else changes.
  const kept = await (isNeeded ? reading : reading.catch(() => []))
  const made = new Map<string, Migration>()
  for (const { migration, way } of ways)
    made.set(migration.version, await new Return(target, kept).take(migration, way))
  return withMigrations(target, (one) => made.get(one.version) ?? one)
}

/** Null where its down part runs, or is missing, as on MySQL. Pure. */
function wayOf({ state, session, snapshot }: OpenTarget, { version, down }: Migration, isAsked: boolean): Way | null {
  const own = state.states.get(version) ?? { type: 'pending' }
  switch (own.type) {
    case 'pending':
      return null
    case 'reverting': {
      const isByRevert = snapshot.rows.some((row) => row.pass === own.pass.pass && isRevertRow(row))
      const up = snapshot.passes.findLast((one) => one.version === version && one.direction === 'up')
      if (isByRevert && up !== undefined) return { type: 'revert', pass: up, reverted: own.pass.closed }
      const why = 'A rollback that runs its down part was cut off.'
      return isAsked
        ? { type: 'refused', why, next: 'Run `wwdb rollback` without `--revert`, which finishes it.' }
        : null
    }
    case 'partial':
      if (!isAsked) return null
      return {
        ...{ type: 'refused', why: 'Not all of its statements have run.' },
        next: 'Run `wwdb migrate`, which finishes it, or `wwdb rollback` without `--revert`.',
      }
    case 'applied': {
      if (isAsked && session.reverting === undefined)
        return {
          ...{ type: 'refused', why: 'Its database is on MySQL, and `REVERT` is a statement of Vitess.' },
          next: 'Run `wwdb rollback` without `--revert`, or choose keyspaces with `--target`.',
        }
      if (isAsked) return { type: 'revert', pass: own.pass, reverted: 0 }
      return down === null && session.reverting !== undefined ? { type: 'offer', pass: own.pass } : null
    }
    default: {
      const never: never = own
      return never
    }
  }
}

/** Makes the down parts of one database. */
class Return {
  readonly #target: OpenTarget
  readonly #kept: readonly KeptMigration[]

  constructor(target: OpenTarget, kept: readonly KeptMigration[]) {
    this.#target = target
    this.#kept = kept
  }

  async take(migration: Migration, way: Way): Promise<Migration> {
    if (way.type === 'refused') return { ...migration, irreversible: refusal(migration, way.why, way.next) }
    const planned = planReverts(
      {
        ...way.pass,
        reverted: way.type === 'revert' ? way.reverted : 0,
        nameOf: (at) => nameIn(migration, way.pass, at, this.#kept),
        isDdl: (at) => isDdl(statementIn(migration, way.pass, at, this.#kept)),
      },
      this.#kept,
      this.#target.session.reverting?.shards ?? [],
    )
    if (way.type === 'offer')
      return planned.type === 'refused' ? migration : { ...migration, irreversible: offer(migration, planned.parts) }
    if (planned.type === 'refused')
      return {
        ...migration,
        irreversible: refusal(
          migration,
          `${planned.why}.`,
          adviseRefused(migration, way.reverted, listTakenBack(way.pass.pass, this.#kept)),
        ),
      }
    const statements: Statement[] = []
    for (const [index, part] of planned.parts.entries()) {
      const effect = index < way.reverted ? { text: null, says: [] } : await this.#look(part)
      const left = index === way.reverted ? describeLeft(planned.parts.slice(index)) : null
      const says = [
        ...(index === way.reverted ? sayEdited(migration, way.pass, this.#kept) : []),
        ...effect.says,
        ...(left === null ? [] : [`Vitess keeps what this needs ${left}: it must end within that time.`]),
      ]
      statements.push(toRevert(migration, part, index, { ...effect, says }))
    }
    const { irreversible: _, ...rest } = migration
    return {
      ...rest,
      // What its author has accepted is the up part, with its reasons.
      accepted: [],
      // A run that is killed leaves no record of the schema: its file does not say what this pass did.
      checksum: checksumOf(statements.map(({ text }) => text).join(';\n')),
      down: { type: 'statements', statements },
    }
  }

  async #look(part: RevertPart): Promise<RevertEffect> {
    const { reverting } = this.#target.session
    const { artifact, table } = part
    if (artifact === null || reverting === undefined) return describeRevert(part, { present: null, before: null })
    const read = (name: string): ReturnType<Reverting['readTable']> => reverting.readTable(artifact.shard, name)
    return describeRevert(part, {
      present: part.action === 'drop' ? null : await read(table),
      before: part.action === 'create' ? null : await read(artifact.table),
    })
  }
}

const hashesOf = ({ up }: Migration): readonly string[] =>
  up.type === 'statements' ? up.statements.map(({ hash }) => hash) : []

/** Undefined where its file is not what ran. */
function statementIn(
  migration: Migration,
  { pass, total, checksum }: Pass,
  at: number,
  kept: readonly KeptMigration[],
): Statement | undefined {
  const file = { pass, total, hashes: hashesOf(migration), isRecorded: checksum === migration.checksum }
  return migration.up.type === 'statements' && isAsRan(file, at, kept) ? migration.up.statements[at] : undefined
}

/** What is taken back is what ran, whatever the file says by now, and whatever checksum was accepted for it. */
function sayEdited(migration: Migration, pass: Pass, kept: readonly KeptMigration[]): readonly string[] {
  const { file } = migration
  const hashes = hashesOf(migration)
  const edited = findEdited(pass.pass, hashes, kept)
  if (pass.checksum === migration.checksum && edited.length === 0 && hashes.length === pass.total) return []
  const what =
    edited.length === 0 && hashes.length === pass.total
      ? 'its statements are those that ran'
      : edited.length === 0
        ? `it had ${countOf(pass.total, 'statement')} then`
        : `it no longer has ${edited.length === 1 ? 'statement' : 'statements'} ${edited.map((at) => at + 1).join(', ')} as ${edited.length === 1 ? 'it' : 'they'} ran`
  return [`\`${file}\` was changed after it ran: ${what}. \`REVERT\` takes back what ran.`]
}

function nameIn(migration: Migration, pass: Pass, at: number, kept: readonly KeptMigration[]): string | null {
  const statement = statementIn(migration, pass, at, kept)
  return statement === undefined ? null : summarizeStatement(statement)
}

const isDdl = (statement: Statement | undefined): boolean | null =>
  statement === undefined ? null : statement.class === 'definition' && !statement.verb.includes('VSCHEMA')

function toRevert(
  { file }: Migration,
  { uuid, table }: RevertPart,
  index: number,
  { text: effect, says }: RevertEffect,
): Statement {
  const text = revertText(uuid)
  const piece = { type: 'statement', text, source: text, file, line: 1, column: 1 } as const
  return {
    ...toStatement(piece, index),
    ...{
      class: 'definition',
      verb: revertVerb,
      refusal: null,
      objects: [{ type: 'table', schema: null, name: table }],
    },
    reverts: { effect, says },
  }
}

/** @param back what shards have taken back, also where its row is open */
function adviseRefused({ version, database }: Migration, reverted: number, back: readonly string[]): string {
  const recorded =
    reverted > 0
      ? `${countOf(reverted, 'statement')} of it ${reverted === 1 ? 'is' : 'are'} taken back, as an earlier run has recorded. `
      : ''
  const shown = back.length > 0 ? `Vitess has taken back ${back.join(', ')}. ` : ''
  return reverted > 0 || back.length > 0
    ? `${recorded}${shown}Take back the others by hand, then record that with \`wwdb mark ${version} --pending -t ${database}\`.`
    : 'Nothing was changed. Run `wwdb rollback` without `--revert` where the migration has a down part, or write the change back as a migration of its own.'
}

const refusal = (migration: Migration, why: string, next: string): Fault => ({
  what: `Vitess cannot take back \`${migrationLabel(migration)}\` of \`${migration.database}\`.`,
  where: { file: migration.file, database: migration.database },
  why,
  next,
})

function offer({ file, database }: Migration, parts: readonly RevertPart[]): Fault {
  const left = describeLeft(parts)
  return {
    what: `\`${file}\` has no down part.`,
    where: { file, database },
    next: `Run \`wwdb rollback --revert\`: Vitess can take it back with \`REVERT VITESS_MIGRATION\`${left === null ? '' : ` ${left}`}, and rows that were written since an \`ALTER\` stay.`,
  }
}
