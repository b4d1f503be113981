import * as z from 'zod/mini'
import type { Holder } from '../domain/event.ts'
import { exitCodes } from '../domain/exit-code.ts'
import { administerEach, targetOf } from './administer.ts'
import type { CommandResult, Context } from './context.ts'
import { toLockStatus } from './lock-status.ts'

export const input = z.strictObject({})

function describe(holder: Holder, schema: string): string {
  const doing =
    holder.statement === null
      ? ''
      : `, which runs \`${holder.statement.replace(/\s+/g, ' ').slice(0, 80)}\`${holder.seconds === null ? '' : ` for ${holder.seconds} s`}`
  const whose = holder.orphaned ? 'Its run is dead.' : 'Its run may still be alive.'
  return `This kills connection ${holder.connectionId} of ${holder.user ?? 'an unknown user'}${doing}; its statement is rolled back. It holds the lock of ${schema}. ${whose}`
}

/** `wwdb lock release`: ends the connection that holds a lock, after the database's name was typed. */
export async function run(_input: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const locks = await administerEach(context, async (administration, database) => {
    const holder = await administration.readLock()
    if (holder !== null) {
      await context.confirm({ what: describe(holder, database.schema), level: 'severe', name: database.name })
      await administration.killHolder(holder.connectionId)
    }
    return toLockStatus(targetOf(database), await administration.readLock())
  })
  return { result: { kind: 'locks', locks }, exitCode: exitCodes.done }
}
