import { ToolError } from '../../core/tool-error.ts'
import { nameSome, newRecord } from '../family-view.ts'
import type { CreateOutcome, TableToCreate } from '../ports.ts'
import type { Shard, ShardRecord } from '../shard.ts'
import type { RotationWork } from './request.ts'
import type { FamilyWork, TargetRun } from './target-run.ts'

/** A shard that a family lacks. */
export interface WantedShard {
  readonly work: FamilyWork
  readonly shard: Shard
}

interface PreparedShard extends WantedShard {
  readonly table: TableToCreate
}

/** Planned shards of a target's families that do not exist yet. */
export function plannedShards(target: TargetRun): readonly WantedShard[] {
  return target.families
    .flatMap((work) => (work.run.canContinue ? (work.plan?.make ?? []).map(({ shard }) => ({ work, shard })) : []))
    .filter(({ shard }) => !target.tables.has(shard.table))
}

/** Those whose parents exist or are created with them; the parents of the others are on hold, and must be restored first. */
export function readyShards(target: TargetRun, wanted: readonly WantedShard[]): readonly WantedShard[] {
  const coming = new Set(wanted.map(({ shard }) => shard.table))
  const parentsOf = ({ work, shard }: WantedShard): readonly string[] =>
    target.families
      .filter(({ family }) => work.family.template.siblings.includes(family.name))
      .map(({ view }) => view.naming.name(shard.key))
  return wanted.filter((one) => parentsOf(one).every((table) => target.tables.has(table) || coming.has(table)))
}

/**
 * Creates the tables of a target's families together, parents before children. CREATE TABLE IF NOT EXISTS may be
 * repeated, so nothing is written before; the registry records the tables when they exist, and if the run is killed in
 * between, the next one adopts a table without a row.
 */
export async function makeShards(
  request: RotationWork,
  target: TargetRun,
  wanted: readonly WantedShard[],
): Promise<void> {
  const makings = new Map<string, PreparedShard>(
    wanted.map(({ work, shard }) => [shard.table, { work, shard, table: request.render(work.family, shard) }]),
  )
  if (makings.size === 0) return
  const tables = [...makings.values()].map(({ table }) => table)
  request.emit({ type: 'rotation-making-started', target: target.store.target, total: tables.length })
  const report = (outcome: CreateOutcome): void => reportCreated(request, target, makings, outcome)
  const outcomes = await target.store.createTables(tables, request.config.rotation.connections, request.stop, report)
  const created = new Set(outcomes.flatMap(({ type, table }) => (type === 'created' ? [table] : [])))
  const made = [...makings.values()].filter(({ shard }) => created.has(shard.table))
  for (const { shard } of made) target.tables.set(shard.table, 'table')
  await target.write(await describeMade(target, made))
  for (const { work, shard } of made) work.run.did('create', shard.table)
  noteFailures(outcomes, makings)
  if (outcomes.length < makings.size) for (const { work } of makings.values()) work.run.stopped = true
}

/**
 * Read while no other session can have changed them: later checks, which only read, compare with these shapes. Tables of one
 * family that were created from one text have one shape: only the first of each family is read.
 */
async function describeMade(target: TargetRun, made: readonly PreparedShard[]): Promise<readonly ShardRecord[]> {
  if (made.length === 0) return []
  const samples = new Map(made.toReversed().map(({ shard }) => [shard.family, shard.table]))
  const shapes = await target.store.readShapes([...samples.values()], 'fingerprint')
  return made.map(({ work, shard }) => ({
    ...newRecord(shard, versionOf(work), shapes.get(samples.get(shard.family) ?? '')?.fingerprint ?? null),
    protection: work.view.records.get(shard.key)?.protection ?? null,
  }))
}

/** A partition has the version of its table, which a fan-out that was stopped has not changed yet. */
function versionOf({ family, record, view }: FamilyWork): number {
  if (family.keeper !== 'partition') return record.version
  const standing = [...view.records.values()].filter(({ state }) => state === 'live' || state === 'sealed')
  return standing.length === 0 ? record.version : Math.max(...standing.map(({ templateVersion }) => templateVersion))
}

function reportCreated(
  request: RotationWork,
  target: TargetRun,
  makings: ReadonlyMap<string, PreparedShard>,
  outcome: CreateOutcome,
): void {
  const making = makings.get(outcome.table)
  if (outcome.type !== 'created' || making === undefined) return
  const { family } = making.shard
  const at = { target: target.store.target, family, table: outcome.table }
  request.emit({ type: 'rotation-step-finished', ...at, step: 'create', rows: null, milliseconds: null })
}

/** One error per family, with the server's message about the first table. */
function noteFailures(outcomes: readonly CreateOutcome[], makings: ReadonlyMap<string, PreparedShard>): void {
  const failed = new Map<FamilyWork, { readonly tables: string[]; readonly why: string; readonly cause: unknown }>()
  for (const outcome of outcomes) {
    const work = makings.get(outcome.table)?.work
    if (outcome.type !== 'failed' || work === undefined) continue
    const known = failed.get(work) ?? { tables: [], why: outcome.why, cause: outcome.cause }
    known.tables.push(outcome.table)
    failed.set(work, known)
  }
  for (const [work, { tables, why, cause }] of failed) {
    work.run.fail(
      new ToolError(
        'SHARD_NOT_MADE',
        {
          what: `${nameSome(tables)} could not be created.`,
          where: { file: work.family.template.file, line: work.family.template.line },
          why,
          next: '`wwdb template check` tries the template in a scratch schema. The next run creates missing shards.',
        },
        { cause },
      ),
    )
  }
}

/**
 * Adds missing tables to the registry, where they have the template's shape: those of a run that was killed before it
 * recorded them, and those that were created outside of wwdb. Others are skipped: they are used, and never retired.
 */
export async function adoptTables(request: RotationWork, target: TargetRun, work: FamilyWork): Promise<void> {
  const candidates = work.plan?.adopt ?? []
  if (candidates.length === 0) return
  const { text } = work.family.template
  const versions = [{ version: work.record.version, template: text }, ...work.earlier]
  let left = candidates
  let refusal: ToolError | null = null
  for (const { version, template } of versions) {
    const expected = await expectShape(request, target, withText(work, template), left)
    if (expected instanceof ToolError) refusal ??= expected
    else left = await adoptLike(target, work, left, { version, expected })
    if (left.length === 0) return
  }
  if (refusal === null) noteOtherShapes(work, left)
  else noteUntried(work, left, refusal)
}

const withText = (work: FamilyWork, text: string): FamilyWork => ({
  ...work,
  family: { ...work.family, template: { ...work.family.template, text } },
})

/** Adopts those that have the shape of a version; returns the others. */
async function adoptLike(
  target: TargetRun,
  work: FamilyWork,
  candidates: readonly Shard[],
  { version, expected }: { readonly version: number; readonly expected: string },
): Promise<readonly Shard[]> {
  const shapes = await target.store.readShapes(
    candidates.map(({ table }) => table),
    'fingerprint',
  )
  const fits = (shard: Shard): boolean => shapes.get(shard.table)?.fingerprint === expected
  const fitting = candidates.filter(fits)
  const { now } = target.clocks
  const isGone = (key: string): boolean => work.family.division.type === 'key' && !work.view.present.has(key)
  await target.write(
    fitting.map((shard) => ({
      ...newRecord(shard, version, expected),
      protection: work.view.records.get(shard.key)?.protection ?? null,
      goneAt: isGone(shard.key) && work.view.census !== null ? now : null,
    })),
  )
  for (const { table } of fitting) work.run.did('adopt', table)
  return candidates.filter((shard) => !fits(shard))
}

/** The fingerprint of a shard that would be created from the family's text; the error where the server refuses the trial, which is not a failure. In a keyspace, one of several may be known where others are not. */
async function expectShape(
  request: RotationWork,
  target: TargetRun,
  work: FamilyWork,
  candidates: readonly Shard[],
): Promise<string | ToolError> {
  let refusal: ToolError | null = null
  for (const shard of target.store.fansOut ? candidates.slice(0, 1) : candidates) {
    try {
      const parents = parentsOf(request, target, work, shard.key)
      return (await target.store.shapeOf(request.render(work.family, shard), parents)).fingerprint
    } catch (error) {
      if (!(error instanceof ToolError) || isFatal(error)) throw error
      refusal ??= error
    }
  }
  if (refusal === null) throw new Error('the shape of no shard was asked for')
  return refusal
}

function noteUntried({ run }: FamilyWork, candidates: readonly Shard[], { message }: ToolError): void {
  const tables = nameSome(candidates.map(({ table }) => table))
  run.note(`${tables} could not be compared with the template and were not adopted: ${message.replace(/\.$/, '')}.`)
}

const isFatal = ({ code }: ToolError): boolean => code === 'LOCK_LOST' || code === 'CONNECTION_LOST'

/** The tables of the same key that a shard references, preceded by those that they reference. */
function parentsOf(request: RotationWork, target: TargetRun, work: FamilyWork, key: string): readonly TableToCreate[] {
  return target.families
    .filter(({ family }) => work.family.template.siblings.includes(family.name))
    .flatMap((parent) => {
      const shard: Shard = {
        family: parent.family.name,
        key,
        table: parent.view.naming.name(key),
        from: null,
        to: null,
      }
      return [...parentsOf(request, target, parent, key), request.render(parent.family, shard)]
    })
}

function noteOtherShapes({ run, family }: FamilyWork, strangers: readonly Shard[]): void {
  if (strangers.length === 0) return
  const tables = nameSome(strangers.map(({ table }) => table))
  run.note(
    `${tables} has a name of \`${family.name}\` but differs from its template: it is skipped and never retired. ` +
      '`wwdb shards diff` shows what differs.',
  )
}
