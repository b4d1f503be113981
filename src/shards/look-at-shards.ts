import type { DatabaseConfig } from '../config/config.ts'
import type { Context } from '../core/context.ts'
import type { ExitCode } from '../core/exit-code.ts'
import { ToolError } from '../core/tool-error.ts'
import { Slots } from '../migrations/execute/scheduling.ts'
import type { UnseenTarget } from './inspection.ts'
import type { ShardStore } from './ports.ts'
import type { ShardProject } from './shard-project.ts'

/** What is done with the shards of one database. */
type Work<T> = (store: ShardStore, database: DatabaseConfig) => Promise<T>

/** What was seen of a project's databases. */
export interface Looks<T> {
  readonly seen: readonly T[]
  readonly unseen: readonly UnseenTarget[]
  /** That of the first database that could not be looked at; null when all were. */
  readonly exitCode: ExitCode | null
}

type Outcome<T> =
  | { readonly type: 'seen'; readonly answer: T }
  | { readonly type: 'unseen'; readonly database: DatabaseConfig; readonly error: ToolError }

/** Looks at each database on connections of its own, several at once; answers in the order of the configuration. */
export async function lookAtEach<T>(project: ShardProject, look: Work<T>): Promise<readonly T[]> {
  const { seen, error } = sort(await settleAll(project, look))
  if (error !== null) throw error
  return seen
}

/**
 * The same, but a database that cannot be looked at leaves the others their answers.
 * Throws ToolError, that of the first, where none could be looked at.
 */
export async function lookAtAll<T>(project: ShardProject, look: Work<T>): Promise<Looks<T>> {
  return toLooks(await settleAll(project, look))
}

/** Changes each database under its lock, one after another. One that fails leaves the others their change. Throws as `lookAtAll`. */
export async function changeAll<T>(
  { request, databases }: ShardProject,
  { emit }: Pick<Context, 'emit'>,
  change: Work<T>,
): Promise<Looks<T>> {
  const { timeouts } = request.config
  const outcomes: Outcome<T>[] = []
  for (const database of databases) {
    const changing = async (): Promise<T> => {
      const store = await request.servers.open(database, timeouts, true)
      try {
        const { target } = store
        await store.lock(timeouts.lock, (holder, milliseconds) =>
          emit({ type: 'lock-waiting', target, holder, milliseconds }),
        )
        const changed = await change(store, database)
        await store.unlock()
        return changed
      } finally {
        await store.close()
      }
    }
    outcomes.push(await settle(database, changing))
  }
  return toLooks(outcomes)
}

function settleAll<T>(
  { request: { config, servers }, databases }: ShardProject,
  look: Work<T>,
): Promise<readonly Outcome<T>[]> {
  const slots = new Slots(config.concurrency)
  const looking = async (database: DatabaseConfig): Promise<T> => {
    await slots.take()
    try {
      const store = await servers.open(database, config.timeouts, false)
      return await look(store, database).finally(() => store.close())
    } finally {
      slots.give()
    }
  }
  return Promise.all(databases.map((database) => settle(database, () => looking(database))))
}

/** Throws what is no ToolError: a defect is no answer about a database. */
async function settle<T>(database: DatabaseConfig, work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { type: 'seen', answer: await work() }
  } catch (error) {
    if (error instanceof ToolError) return { type: 'unseen', database, error }
    throw error
  }
}

function sort<T>(outcomes: readonly Outcome<T>[]): {
  readonly seen: readonly T[]
  readonly unseen: readonly UnseenTarget[]
  readonly error: ToolError | null
} {
  const failed = outcomes.flatMap((outcome) => (outcome.type === 'unseen' ? [outcome] : []))
  return {
    seen: outcomes.flatMap((outcome) => (outcome.type === 'seen' ? [outcome.answer] : [])),
    unseen: failed.map(({ database: { name, schema, server }, error }) => ({
      target: { database: name, schema, server: server.label },
      fault: error.faults[0] ?? { what: error.message },
      code: error.code,
    })),
    error: failed[0]?.error ?? null,
  }
}

function toLooks<T>(outcomes: readonly Outcome<T>[]): Looks<T> {
  const { seen, unseen, error } = sort(outcomes)
  if (error !== null && seen.length === 0) throw error
  return { seen, unseen, exitCode: error?.exitCode ?? null }
}
