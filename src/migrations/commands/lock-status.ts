import type { CommandResult } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { type LocksReading, readLocks } from '../../databases/read-locks.ts'
import { exitCodeWith } from '../unreached.ts'

/** `wwdb lock status`: shows who holds the lock of each database. */
export const command = defineCommand({
  name: 'lock status',
  group: 'Migrations',
  summary: 'who holds the lock of each database',
  purpose:
    'Shows for every database whether a run holds its lock, on which connection, since when and what that ' +
    'connection is doing, and whether the run that opened it is dead; also for the workers of a fan-out, which ' +
    'have locks of their own.',
  examples: [
    { command: 'wwdb lock status', purpose: 'all databases' },
    { command: 'wwdb lock status -t user_db --json', purpose: 'one, for a program' },
  ],
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: false,
  connects: true,
  vtgate: true,
  async run(_options, context) {
    return answerLocks(await readLocks(context))
  },
})

/** The answer of `lock status` and `lock release`. */
export function answerLocks({ locks, unreached }: LocksReading): CommandResult {
  return { result: { kind: 'locks', locks, unreached }, exitCode: exitCodeWith(exitCodes.done, unreached.length > 0) }
}
