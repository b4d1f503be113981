import { defineCommand } from '../../command/define-command.ts'
import type { DatabaseConfig } from '../../config/config.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { Administration } from '../../migrations/ports.ts'
import { exitCodeWith } from '../../migrations/unreached.ts'
import { administerReached, targetOf, toUnreachableDatabase } from '../administer.ts'
import type { DatabaseOutcome } from './databases-view.ts'

/** `wwdb db ping`: connects to the server of each database and reports what answers. Throws where no server does. */
export const command = defineCommand({
  name: 'db ping',
  group: 'Databases and projects',
  summary: 'try to connect to every server once',
  purpose: 'Connects to every server once and shows its version, or why the connection failed.',
  examples: [
    { command: 'wwdb db ping', purpose: 'all servers' },
    { command: 'wwdb db ping -t user_db --json', purpose: 'one, for a program' },
  ],
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: false,
  connects: true,
  vtgate: true,
  async run(_options, context) {
    const { answers, isIncomplete } = await administerReached(context, pingServer, toUnreachableDatabase)
    return {
      result: { kind: 'databases', command: 'db ping', databases: answers },
      exitCode: exitCodeWith(exitCodes.done, isIncomplete),
    }
  },
})

/** The words for the states of a schema. */
function schemaStates({ server }: DatabaseConfig) {
  return {
    exists: 'exists',
    absent: 'does not exist yet',
    hidden: `does not exist, or \`${server.user}\` has no privilege on it`,
  } as const
}

/** What answers at a database's server. */
export async function pingServer(administration: Administration, database: DatabaseConfig): Promise<DatabaseOutcome> {
  const schema = schemaStates(database)[await administration.findSchema()]
  return {
    target: targetOf(database),
    state: 'reachable',
    detail:
      database.vitess === undefined
        ? `MySQL ${administration.version}, schema ${schema}`
        : `Vitess as MySQL ${administration.version}, keyspace ${schema}`,
  }
}
