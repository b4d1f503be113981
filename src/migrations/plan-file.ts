import { readFile, writeFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod/mini'
import { ToolError } from '../core/tool-error.ts'
import type { Plan } from './plan.ts'
import { toPlanDocument } from './plan-document.ts'

/** What the plan was asked for: a run of the file asks the same again, and must get the same. */
export interface PlanWish {
  readonly direction: 'up' | 'down'
  readonly to: string | null
  readonly steps: number | null
  readonly targets: readonly string[]
}

const fileSchema = z.object({
  kind: z.literal('wwdb-plan'),
  wish: z.object({
    direction: z.enum(['up', 'down']),
    to: z.nullable(z.string()),
    steps: z.nullable(z.number()),
    targets: z.array(z.string()),
  }),
  plan: z.object({
    targets: z.array(
      z.object({
        target: z.object({ database: z.string() }),
        world: z.string(),
        steps: z.array(
          z.object({
            type: z.string(),
            version: z.string(),
            from: z.number(),
            total: z.number(),
            checksum: z.string(),
          }),
        ),
      }),
    ),
  }),
})

export type PlanFile = z.infer<typeof fileSchema>

/** What of a target's plan is compared. */
interface PlannedTarget {
  readonly target: { readonly database: string }
  readonly world: string
  readonly steps: readonly {
    readonly type: string
    readonly version: string
    readonly from: number
    readonly total: number
    readonly checksum: string
  }[]
}

/** Writes a plan for a second look and a later run. */
export async function writePlanFile(file: string, plan: Plan, wish: PlanWish): Promise<void> {
  const text = `${JSON.stringify({ kind: 'wwdb-plan', wish, plan: toPlanDocument(plan) }, null, 2)}\n`
  try {
    await writeFile(file, text)
  } catch (cause) {
    throw new ToolError(
      'PLAN_FILE',
      {
        what: `Cannot write the plan to ${file}`,
        why: String(cause instanceof Error ? cause.message : cause),
        next: 'Give a file in a folder that exists and may be written to.',
      },
      { cause },
    )
  }
}

/** Reads a plan file back. Throws ToolError `PLAN_FILE` for a file that is none. */
export async function readPlanFile(file: string): Promise<PlanFile> {
  const next = 'Write it with `wwdb plan --out FILE`.'
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new ToolError(
      'PLAN_FILE',
      { what: `Cannot read the plan ${file}`, why: String(cause instanceof Error ? cause.message : cause), next },
      { cause },
    )
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new ToolError('PLAN_FILE', { what: `${file} is no plan`, why: 'it is not JSON', next }, { cause })
  }
  const parsed = fileSchema.safeParse(json)
  if (!parsed.success)
    throw new ToolError('PLAN_FILE', {
      what: `${file} is no plan of wwdb`,
      why: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
      next,
    })
  return parsed.data
}

/** What must be the same when the plan is run. Hazards and algorithms are estimates of a server that lives on: they may differ. */
function essence(targets: readonly PlannedTarget[]): unknown {
  return targets.map(({ target, world, steps }) => ({
    database: target.database,
    world,
    steps: steps.map(({ type, version, from, total, checksum }) => ({ type, version, from, total, checksum })),
  }))
}

/** Refuses a plan whose world has changed: other files, another journal, another server. Throws ToolError `PLAN_STALE`. */
export function comparePlan(file: string, kept: PlanFile, present: Plan): void {
  if (isDeepStrictEqual(essence(toPlanDocument(present).targets), essence(kept.plan.targets))) return
  const worlds = new Map(present.targets.map((target) => [target.target.database, target.world]))
  const changed = kept.plan.targets
    .filter((target) => worlds.get(target.target.database) !== target.world)
    .map((target) => target.target.database)
  throw new ToolError('PLAN_STALE', {
    what: `The plan in ${file} no longer holds${changed.length === 0 ? '' : ` for ${changed.join(', ')}`}`,
    where: { file },
    why: 'since it was made, files were changed, something was applied, or the target is another server or configuration',
    next: 'Make a new one with `wwdb plan --out FILE`, and look at it again.',
  })
}
