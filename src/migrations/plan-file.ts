import { readFile, writeFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod/mini'
import { ToolError } from '../core/tool-error.ts'
import type { Plan } from './plan.ts'
import { type PlanDocument, toPlanDocument } from './plan-document.ts'

/** The options of a plan: a run of its file uses the same options, and must get the same plan. */
export interface PlanOptions {
  readonly direction: 'up' | 'down'
  readonly to: string | null
  readonly steps: number | null
  /** The logical databases of `--target`; empty for all. */
  readonly targets: readonly string[]
}

/**
 * What `plan --out` writes and `migrate --plan` reads.
 * @public for the schemas
 */
export interface PlanFile {
  readonly kind: 'wwdb-plan'
  readonly options: PlanOptions
  readonly plan: PlanDocument
}

type PlannedTarget = PlanDocument['targets'][number]
type PlannedStep = PlannedTarget['steps'][number]

/**
 * The part of a plan that must be the same when it runs. Hazards and algorithms are estimates about a server that keeps changing: they may
 * differ.
 */
interface ComparedTarget extends Pick<PlannedTarget, 'inputsDigest'> {
  readonly target: Pick<PlannedTarget['target'], 'database'>
  readonly steps: readonly Pick<PlannedStep, 'type' | 'version' | 'from' | 'total' | 'checksum'>[]
}

/** The part of a plan's file that a run uses. */
interface ComparedFile extends Pick<PlanFile, 'kind' | 'options'> {
  readonly plan: { readonly targets: readonly ComparedTarget[] }
}

const fileSchema = z.object({
  kind: z.literal('wwdb-plan'),
  options: z.object({
    direction: z.enum(['up', 'down']),
    to: z.nullable(z.string()),
    steps: z.nullable(z.number()),
    targets: z.array(z.string()),
  }),
  plan: z.object({
    targets: z.array(
      z.object({
        target: z.object({ database: z.string() }),
        inputsDigest: z.string(),
        steps: z.array(
          z.object({
            type: z.enum(['apply', 'revert', 'record']),
            version: z.string(),
            from: z.number(),
            total: z.number(),
            checksum: z.string(),
          }),
        ),
      }),
    ),
  }),
}) satisfies z.ZodMiniType<ComparedFile>

/**
 * Writes a plan for review and a later run.
 * @throws ToolError `PLAN_FILE` where it cannot be written
 */
export async function writePlanFile(file: string, plan: Plan, options: PlanOptions): Promise<void> {
  const document: PlanFile = { kind: 'wwdb-plan', options, plan: toPlanDocument(plan) }
  const text = `${JSON.stringify(document, null, 2)}\n`
  try {
    await writeFile(file, text)
  } catch (cause) {
    throw new ToolError(
      'PLAN_FILE',
      {
        what: `Cannot write the plan to \`${file}\`.`,
        why: String(cause instanceof Error ? cause.message : cause),
        next: 'Give a file in a folder that exists and is writable.',
      },
      { cause },
    )
  }
}

/**
 * Reads a plan file back.
 * @throws ToolError `PLAN_FILE` for a file that is not a plan
 */
export async function readPlanFile(file: string): Promise<ComparedFile> {
  const next = 'Write it with `wwdb plan --out FILE`.'
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new ToolError(
      'PLAN_FILE',
      { what: `Cannot read the plan \`${file}\`.`, why: String(cause instanceof Error ? cause.message : cause), next },
      { cause },
    )
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new ToolError(
      'PLAN_FILE',
      { what: `\`${file}\` is not a plan of wwdb.`, why: 'It is not JSON.', next },
      { cause },
    )
  }
  const parsed = fileSchema.safeParse(json)
  if (!parsed.success)
    throw new ToolError('PLAN_FILE', {
      what: `\`${file}\` is not a plan of wwdb.`,
      why: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
      next,
    })
  return parsed.data
}

/** Without the parts that may differ: what `ComparedTarget` contains. */
function comparable(targets: readonly ComparedTarget[]): unknown {
  return targets.map(({ target, inputsDigest, steps }) => ({
    database: target.database,
    inputsDigest,
    steps: steps.map(({ type, version, from, total, checksum }) => ({ type, version, from, total, checksum })),
  }))
}

/** Refuses a plan whose inputs have changed: other files, another journal, another server. Throws ToolError `PLAN_STALE`. */
export function comparePlan(file: string, kept: ComparedFile, present: Plan): void {
  if (isDeepStrictEqual(comparable(toPlanDocument(present).targets), comparable(kept.plan.targets))) return
  const digests = new Map(present.targets.map((target) => [target.target.database, target.inputsDigest]))
  const changed = kept.plan.targets
    .filter((target) => digests.get(target.target.database) !== target.inputsDigest)
    .map((target) => target.target.database)
  throw new ToolError('PLAN_STALE', {
    what: `The plan in \`${file}\` is out of date${changed.length === 0 ? '' : ` for ${changed.join(', ')}`}.`,
    where: { file },
    why: 'After it was written, files were changed, something was applied, or the target is another server or configuration.',
    next: 'Write a new one with `wwdb plan --out FILE`, and review it again.',
  })
}
