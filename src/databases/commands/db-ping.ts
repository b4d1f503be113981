import * as z from 'zod/mini'
import type { DatabaseConfig } from '../../config/config.ts'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import type { DatabaseOutcome } from '../../core/result.ts'
import type { Administration } from '../../migrations/ports.ts'
import { exitCodeWith } from '../../migrations/unreached.ts'
import { administerReached, targetOf, toUnreachableDatabase } from '../administer.ts'

export const input = z.strictObject({})

/** How the states of a schema are said. */
function schemaStates({ server }: DatabaseConfig) {
  return {
    exists: 'exists',
    absent: 'does not exist yet',
    hidden: `does not exist, or '${server.user}' has no privilege on it`,
  } as const
}

/** What answers at a database's server. */
export async function pingServer(administration: Administration, database: DatabaseConfig): Promise<DatabaseOutcome> {
  const schema = schemaStates(database)[await administration.findSchema()]
  return {
    target: targetOf(database),
    state: 'reachable',
    detail: `MySQL ${administration.version}, schema ${schema}`,
  }
}

/** `wwdb db ping`: connects to the server of each database and says what answers. Throws where none does. */
export async function run(_input: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const { answers, isIncomplete } = await administerReached(context, pingServer, toUnreachableDatabase)
  return {
    result: { kind: 'databases', command: 'db ping', databases: answers },
    exitCode: exitCodeWith(exitCodes.done, isIncomplete),
  }
}
