import type { Context } from '../../command/context.ts'
import type { Config, DatabaseConfig } from '../../config/config.ts'
import type { ToolError } from '../../core/tool-error.ts'
import { type JournalState, readStates } from '../journal/journal.ts'
import { targetServers } from '../ports.ts'
import { isMissing } from '../unreached.ts'
import { isMany, type ListedTarget } from './judge-list.ts'
import { configOf, lookAtTargets } from './look.ts'
import { listTargets, readersOf } from './read-list.ts'

/** The journals of a database: one, or those of all its targets. None for a schema that does not exist, where nothing ran. Throws where one of them cannot be read. */
export async function readAllJournals(
  context: Context,
  config: Config,
  database: DatabaseConfig,
): Promise<readonly JournalState[]> {
  if (!isMany(database)) return readOne(context, config, database)
  const warn = (message: string): void => context.emit({ type: 'warning', message, target: null })
  const targets = await listTargets(readersOf(context), config, database, warn)
  const states: JournalState[] = []
  const unclear: ListedTarget[] = []
  const lost: ToolError[] = []
  await lookAtTargets(context, {
    ...{ config, name: database.name, migrations: new Map(), targets },
    take: (target, look) => {
      if (look.type === 'seen') states.push(look.seen.state)
      else if (look.type === 'unclear') unclear.push(target)
      else if (look.type === 'not-reached') lost.push(look.error)
    },
  })
  const [error] = lost
  if (error !== undefined) throw error
  for (const target of unclear) states.push(...(await readOne(context, configOf(config, target), target.database)))
  return states
}

async function readOne(context: Context, { timeouts }: Config, database: DatabaseConfig) {
  const servers = await context.port(targetServers)
  try {
    const session = await servers.open(database, timeouts, false)
    try {
      return [readStates(await session.readJournal())]
    } finally {
      await session.close()
    }
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
