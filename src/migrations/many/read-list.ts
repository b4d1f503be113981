import type { Context } from '../../command/context.ts'
import type { Config } from '../../config/config.ts'
import type { TargetEntry, TargetSource } from '../../config/targets-config.ts'
import { formatDuration } from '../../core/duration.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { type ServerPort, targetServers } from '../ports.ts'
import { judgeList, type ListedTarget, type ManyDatabase } from './judge-list.ts'
import { type ParsedList, parseList, toEntries } from './parse-list.ts'
import { type ListingEnd, type RunListing, targetListing } from './ports.ts'

/** What reads lists: the servers for queries, the machine for commands. */
export interface ListReaders {
  readonly servers: () => Promise<ServerPort>
  readonly listing: () => Promise<RunListing>
}

export const readersOf = ({ port }: Pick<Context, 'port'>): ListReaders => ({
  servers: () => port(targetServers),
  listing: () => port(targetListing),
})

/** Reads the list of a database's targets. `notice` is given what is odd about it. Throws ToolError `TARGETS_INVALID` where it cannot be read or used. */
export async function listTargets(
  readers: ListReaders,
  config: Config,
  database: ManyDatabase,
  notice: (message: string) => void,
): Promise<readonly ListedTarget[]> {
  const entries = await readEntries(readers, config, database)
  const { targets, notices, faults } = judgeList(config, database, entries)
  if (faults.length > 0) throw new ToolError('TARGETS_INVALID', faults)
  for (const message of notices) notice(message)
  return targets
}

async function readEntries(
  readers: ListReaders,
  config: Config,
  database: ManyDatabase,
): Promise<readonly TargetEntry[]> {
  const { source } = database.targets
  switch (source.type) {
    case 'list':
      return source.entries
    case 'query':
      return askServer(readers, config, database, source)
    case 'command':
      return askProgram(readers, config, database, source)
  }
}

async function askServer(
  { servers }: ListReaders,
  config: Config,
  { name, targets }: ManyDatabase,
  { text, database }: Extract<TargetSource, { type: 'query' }>,
): Promise<readonly TargetEntry[]> {
  const home = config.databases.find((one) => one.name === database)
  if (home === undefined) throw new Error('the configuration names no database for the query')
  const session = await (await servers()).openMany(home, config.timeouts, home.schema)
  try {
    const read = toEntries(await session.query(text, targets.timeout))
    if (read.type === 'entries') return read.entries
    throw refuse(name, { what: `The query for the targets of \`${name}\` cannot be used.`, why: read.why })
  } catch (error) {
    if (!(error instanceof ToolError) || error.code === 'TARGETS_INVALID') throw error
    const [fault] = error.faults
    throw refuse(name, {
      what: `The query for the targets of \`${name}\` failed in \`${database}\`.`,
      ...(fault === undefined ? {} : { why: [fault.what, fault.why].filter((part) => part !== undefined).join(' ') }),
    })
  } finally {
    await session.close()
  }
}

async function askProgram(
  { listing }: ListReaders,
  config: Config,
  { name, targets }: ManyDatabase,
  { words, environment }: Extract<TargetSource, { type: 'command' }>,
): Promise<readonly TargetEntry[]> {
  const run = await listing()
  const ended = await run(words, { folder: config.root, environment, milliseconds: targets.timeout })
  const read = readEnd(ended, targets.timeout)
  if (read.type === 'entries') return read.entries
  throw refuse(name, {
    what: `The command for the targets of \`${name}\` (\`${words[0] ?? ''}\`) did not give a list.`,
    why: read.why,
  })
}

function readEnd(ended: ListingEnd, milliseconds: number): ParsedList {
  const fault = (why: string, complaint = ''): ParsedList => ({
    type: 'fault',
    why: complaint.trim() === '' ? why : `${why} It wrote to stderr:\n${complaint.trimEnd()}`,
  })
  switch (ended.type) {
    case 'exited':
      return ended.code === 0
        ? parseList(ended.output)
        : fault(`It ended with the exit code ${ended.code}.`, ended.complaint)
    case 'killed':
      return fault(`It was ended by ${ended.signal}.`, ended.complaint)
    case 'timeout':
      return fault(
        `It took longer than ${formatDuration(milliseconds)} (\`targets.timeout\`), and was ended.`,
        ended.complaint,
      )
    case 'too-long':
      return fault('It printed more than 64 MB.')
    case 'not-started':
      return fault(`It could not be started: ${ended.why}.`)
  }
}

function refuse(name: string, fault: Pick<Fault, 'what' | 'why'>): ToolError {
  return new ToolError('TARGETS_INVALID', {
    ...fault,
    where: { database: name },
    next: `Correct \`databases.${name}.targets\`: nothing was done to any target.`,
  })
}
