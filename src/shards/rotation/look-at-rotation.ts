import { ToolError } from '../../core/tool-error.ts'
import { type FamilyPlanDocument, toFamilyPlanDocument } from '../rotation-outcome.ts'
import { closeShardTargets, type OpenedTarget, openShardTargets } from './open-targets.ts'
import { KeySources, readTarget } from './read-target.ts'
import type { RotationRequest } from './request.ts'
import type { FamilyWork } from './target-run.ts'

export interface RotationLook {
  readonly now: number
  readonly families: readonly FamilyPlanDocument[]
  /** The first thing that kept a family from being planned; null when nothing did. */
  readonly error: unknown
}

/** Plans a rotation as it would be now, or at the request's time. Writes nothing and takes no lock. */
export async function lookAtRotation(request: RotationRequest): Promise<RotationLook> {
  const opened = await openShardTargets(request, false)
  try {
    const sources = new KeySources(request)
    const errors: unknown[] = []
    const found = await Promise.all(opened.map((target) => lookAtTarget(request, target, sources, errors)))
    const order = new Map(request.families.map(({ name }, index) => [name, index]))
    const families = found.flat().toSorted((a, b) => (order.get(a.family) ?? 0) - (order.get(b.family) ?? 0))
    return { now: request.now(), families, error: errors[0] ?? null }
  } finally {
    await closeShardTargets(opened, false)
  }
}

async function lookAtTarget(
  request: RotationRequest,
  { database, families, store, error }: OpenedTarget,
  sources: KeySources,
  errors: unknown[],
): Promise<readonly FamilyPlanDocument[]> {
  const place = { database: database.name, schema: database.schema, server: database.server.label }
  const failAll = (why: unknown): readonly FamilyPlanDocument[] => {
    errors.push(why)
    return families.map(({ name }) => unplanned(name, place, why))
  }
  if (store === null) return failAll(error)
  try {
    const target = await readTarget(request, database, store, sources)
    const selected = target.families.filter((family) => family.selected)
    errors.push(...selected.flatMap(({ run }) => (run.error === null ? [] : [run.error])))
    return selected.map(toDocument)
  } catch (reason) {
    return failAll(reason)
  }
}

function toDocument({ family, plan, run, view }: FamilyWork): FamilyPlanDocument {
  if (plan === null) return unplanned(family.name, view.target, run.error)
  return { ...toFamilyPlanDocument(plan), notes: run.outcome().notes }
}

function unplanned(family: string, target: FamilyPlanDocument['target'], error: unknown): FamilyPlanDocument {
  const told = error instanceof ToolError ? error : null
  const nothing = { make: [], adopt: [], corrections: [], steps: [], question: null, notes: [], aheadUntil: null }
  return { family, target, ...nothing, fault: told?.faults[0] ?? { what: String(error) }, code: told?.code ?? null }
}
