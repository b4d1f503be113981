import * as z from 'zod/mini'
import { selectDatabases } from '../../config/selected-databases.ts'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { describeMatrices } from '../describe-matrix.ts'
import { readSeeds } from '../files/read-seeds.ts'

export const input = z.strictObject({ markdown: z.optional(z.boolean()) })

/** `wwdb seed matrix`: who may do what, from the files, for people to review. */
export async function run({ markdown }: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const config = await context.config()
  const chosen = new Set(selectDatabases(config, context.targets).map(({ name }) => name))
  const matrices = readSeeds(config)
    .filter(({ database }) => chosen.has(database))
    .flatMap(describeMatrices)
  const layout = markdown === true ? 'markdown' : 'table'
  return { result: { kind: 'seed-matrix', layout, matrices }, exitCode: exitCodes.done }
}
