import type { Context } from '../command/context.ts'
import type { Config } from '../config/config.ts'
import type { Target } from '../core/target.ts'
import { ToolError } from '../core/tool-error.ts'
import { Governor, isThrottled } from './governor.ts'
import { type ThrottleReader, throttleReaders } from './ports.ts'

/** The governors of a run, one for each target. */
export interface Governors {
  /** Always the same governor for one target; null for a target that is not in the configuration. */
  readonly of: (target: Target) => Governor | null
  readonly close: () => Promise<void>
}

/** Where there is no bound, the time alone decides. */
const readsNothing: ThrottleReader = { read: () => Promise.resolve([]), close: () => Promise.resolve() }

function readsOneTablet({ database, server }: Target): ToolError {
  return new ToolError('CONFIG_INVALID', {
    what: `The bounds of \`throttle\` cannot be read for \`${database}\`.`,
    where: { database, server },
    why: 'It is a keyspace: vtgate answers from one tablet of one shard, which says nothing of the others.',
    next: 'Run it with `--throttle off`, and let the throttler of Vitess hold its migrations; `throttle.window` and `throttle.stopAt` work.',
  })
}

/** Null where nothing is bounded: then heavy work asks nobody, and no driver is loaded. */
export async function openGovernors(
  { port, emit, stop }: Pick<Context, 'port' | 'emit' | 'stop'>,
  config: Config,
): Promise<Governors | null> {
  const { throttle, timeouts, databases } = config
  const isBounded = isThrottled(throttle)
  if (!isBounded && throttle.stopAt === null) return null
  const readers = isBounded ? await port(throttleReaders) : null
  const opened: ThrottleReader[] = []
  const governors = new Map<string, Governor>()
  return {
    of: (target) => {
      const database = databases.find(({ name }) => name === target.database)
      if (database === undefined) return null
      const known = governors.get(database.name)
      if (known !== undefined) return known
      if (database.vitess !== undefined && isThrottled({ ...throttle, window: null })) throw readsOneTablet(target)
      const reader = readers?.open(database, throttle, timeouts) ?? readsNothing
      opened.push(reader)
      const governor = new Governor({ target, throttle, reader, emit, stop })
      governors.set(database.name, governor)
      return governor
    },
    close: async () => {
      await Promise.all(opened.splice(0).map((reader) => reader.close()))
    },
  }
}
