import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import type { Holder } from '../../core/event.ts'
import { readLockStatus, readLocks } from './lock-status.ts'

export const input = z.strictObject({})

function describe(holder: Holder, lock: string): string {
  const doing =
    holder.statement === null
      ? ''
      : `, which runs \`${holder.statement.replace(/\s+/g, ' ').slice(0, 80)}\`${holder.seconds === null ? '' : ` for ${holder.seconds} s`}`
  const whose = holder.orphaned ? 'Its run is dead.' : 'Its run may still be alive.'
  return `This kills connection ${holder.connectionId} of ${holder.user ?? 'an unknown user'}${doing}; its statement is rolled back. It holds ${lock}. ${whose}`
}

/** `wwdb lock release`: ends the connection that holds a lock, after the database's name was typed. */
export function run(_input: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  return readLocks(context, async (administration, database) => {
    const { schema, name } = database
    const end = async (holder: Holder, lock: string): Promise<void> => {
      await context.confirm({ what: describe(holder, lock), level: 'severe', name })
      await administration.killHolder(holder.connectionId)
    }
    const holder = await administration.readLock()
    if (holder !== null) await end(holder, `the lock of ${schema}`)
    // Without the run that led them they write nothing more; what the server still does for them, it goes on doing.
    for (const one of await administration.readWorkerLocks())
      await end(one, `the lock of worker ${one.worker} of a fan-out in ${schema}`)
    return readLockStatus(administration, database)
  })
}
