import { ToolError } from '../../core/tool-error.ts'
import { nameSome, newRecord } from '../family-view.ts'
import type { TableToCreate } from '../ports.ts'
import type { Shard } from '../shard.ts'
import type { RotationWork } from './request.ts'
import type { FamilyWork, TargetRun } from './target-run.ts'

/**
 * Takes tables that the registry lacks into it, where their shape is the template's: those of a run that was killed before
 * it wrote them down, and those that somebody made by hand. Others are left alone: they are used, and never retired.
 */
export async function adoptTables(request: RotationWork, target: TargetRun, work: FamilyWork): Promise<void> {
  const candidates = work.plan?.adopt ?? []
  const [first] = candidates
  if (first === undefined) return
  const expected = await expectShape(request, target, work, first)
  if (expected === null) return
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
      ...newRecord(shard, work.record.version, expected),
      protection: work.view.records.get(shard.key)?.protection ?? null,
      goneAt: isGone(shard.key) && work.view.census !== null ? now : null,
    })),
  )
  for (const { table } of fitting) work.run.did('adopt', table)
  noteStrangers(
    work,
    candidates.filter((shard) => !fits(shard)),
  )
}

/** The fingerprint that a shard made now would have; null where the server would not try, which is no reason to fail. */
async function expectShape(
  request: RotationWork,
  target: TargetRun,
  work: FamilyWork,
  shard: Shard,
): Promise<string | null> {
  try {
    const { fingerprint } = await target.store.shapeOf(
      request.render(work.family, shard),
      parentsOf(request, target, work, shard.key),
    )
    return fingerprint
  } catch (error) {
    if (!(error instanceof ToolError) || isFatal(error)) throw error
    const tables = nameSome((work.plan?.adopt ?? []).map(({ table }) => table))
    work.run.note(`${tables} could not be compared with the template, so the registry lacks them: ${error.message}`)
    return null
  }
}

const isFatal = ({ code }: ToolError): boolean => code === 'LOCK_LOST' || code === 'CONNECTION_LOST'

/** The tables of the same key that a shard refers to, those that they refer to first. */
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

function noteStrangers({ run, family }: FamilyWork, strangers: readonly Shard[]): void {
  if (strangers.length === 0) return
  const tables = nameSome(strangers.map(({ table }) => table))
  run.note(
    `${tables} has a name of ${family.name} and another shape than its template: left alone, and never retired. ` +
      '`wwdb shards diff` shows what differs.',
  )
}
