import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { isInUse } from '../collect-garbage.ts'
import { describeSet, describeTemplate } from '../describe-set.ts'
import { withProvision } from '../provision-context.ts'

export const input = z.strictObject({})

/** `wwdb provision list`: every set on the server, and the templates that sets are cloned from. Writes nothing. */
export function run(_input: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  return withProvision(context, async ({ registry, config }) => {
    const { now, records } = await registry.read()
    const sets = records.filter(({ kind }) => kind === 'set').map((record) => describeSet(record, config))
    const templates = records
      .filter(({ kind }) => kind === 'template')
      .map((record) => describeTemplate(record, record.held || isInUse(record, records), config))
    const result = { kind: 'provision-list', now: new Date(now).toISOString(), sets, templates } as const
    return { result, exitCode: exitCodes.done }
  })
}
