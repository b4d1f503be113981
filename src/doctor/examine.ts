import type { Context } from '../command/context.ts'
import type { Config, DatabaseConfig } from '../config/config.ts'
import { selectDatabases } from '../config/config.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import { readLocks } from '../databases/read-locks.ts'
import { judgeDatabases } from '../migrations/overview/judge-databases.ts'
import { inspectRetired } from '../retire/inspect-retired.ts'
import { readState } from '../sandbox/folder.ts'
import { inspectShards } from '../shards/inspect/inspect-shards.ts'
import { checks } from './checks.generated.ts'
import type { DatabaseFacts, Facts, ServerFacts } from './facts.ts'
import { doctorServers } from './ports.ts'
import { faultsOf, projectWithoutConfig, readProject } from './read-project.ts'
import { readStores } from './read-stores.ts'

/** Milliseconds that a connection may take, and all questions to one server: everything that is down must be named within 10 s. */
const longestConnect = 4000
const longestServer = 8000

/** Reads everything that the checks judge, servers and stores in parallel. */
export async function examine(context: Context): Promise<Facts> {
  const codes = checks.map(({ code }) => code)
  const base = { now: context.now(), node: context.process.nodeVersion }
  let config: Config
  try {
    config = shorten(await context.config())
  } catch (error) {
    const project = projectWithoutConfig(faultsOf(error), codes)
    return { ...base, config: null, project, servers: [], databases: [], stores: [], storesWithoutUrl: [] }
  }
  const quiet = { ...context, config: async () => config }
  const chosen = selectDatabases(config, context.targets)
  const [{ servers, databases }, { stores, withoutUrl, declarations }] = await Promise.all([
    examineServers(quiet, config, chosen),
    readStores(quiet, config, longestConnect),
  ])
  const project = await readProject(
    config,
    await context.configReport(),
    declarations,
    codes,
    await findSandbox(config),
    new Set(chosen.map(({ name }) => name)),
  )
  return { ...base, config, project, servers, databases, stores, storesWithoutUrl: withoutUrl }
}

/** `host:port` of this project's own sandbox; null where it has none. */
async function findSandbox({ sandbox }: Config): Promise<string | null> {
  const state = await readState(sandbox.directory)
  return state === null ? null : `${state.host}:${state.port}`
}

/** The same configuration, with short timeouts for what does not answer. */
function shorten(config: Config): Config {
  const connect = Math.min(config.timeouts.connect, longestConnect)
  return { ...config, timeouts: { ...config.timeouts, connect } }
}

async function examineServers(
  context: Context,
  config: Config,
  databases: readonly DatabaseConfig[],
): Promise<Pick<Facts, 'servers' | 'databases'>> {
  const port = await context.port(doctorServers)
  const groups = new Map<string, DatabaseConfig[]>()
  for (const database of databases) {
    const key = `${database.server.user}@${database.server.label} ${database.vitess === undefined}`
    groups.set(key, [...(groups.get(key) ?? []), database])
  }
  const servers = await Promise.all(
    [...groups.values()].flatMap((group) => {
      const [first] = group
      if (first === undefined) return []
      const limits = { connectTimeout: config.timeouts.connect, timeout: longestServer }
      const { encryption } = config.doctor
      const examination = { server: first.server, databases: group, ...limits, encryption, now: context.now }
      return [first.vitess === undefined ? port.examine(examination) : port.examineVtgate(examination)]
    }),
  )
  return { servers, databases: await examineDatabases(context, databases, servers) }
}

/** What `status`, `lock status` and `shards check` report of the usable databases: their schemas exist, and their servers answer. */
async function examineDatabases(
  context: Context,
  databases: readonly DatabaseConfig[],
  servers: readonly ServerFacts[],
): Promise<readonly DatabaseFacts[]> {
  const present = new Set(
    servers.flatMap(({ seen, keyspaces = [] }) => [
      ...keyspaces,
      ...(seen?.schemas ?? []).filter(({ exists }) => exists).map(({ database }) => database),
    ]),
  )
  const usable = databases.filter(({ name }) => present.has(name))
  if (usable.length === 0) return []
  const chosen = { ...context, targets: usable.map(({ name }) => name) }
  const plain = usable.flatMap(({ name, vitess }) => (vitess === undefined ? [name] : []))
  const [states, locks, shards] = await Promise.all([
    attempt(() => judgeDatabases(chosen)),
    attempt(() => readLocks(chosen)),
    // A keyspace has no families of shards.
    plain.length === 0
      ? { value: null, faults: [] }
      : attempt(() => inspectShards({ ...context, targets: plain }), ['NO_FAMILIES', 'TEMPLATES_INVALID']),
  ])
  const judged = states.value?.databases.map(({ status }) => status) ?? []
  const isRetired = judged.some(({ retired }) => retired !== undefined)
  // Every replica is asked: nothing is where nothing is retired.
  const watched = isRetired ? await attempt(() => inspectRetired(chosen)) : { value: [], faults: [] }
  const shared = [...states.faults, ...locks.faults, ...shards.faults, ...watched.faults]
  return usable.map(({ name, server }, index): DatabaseFacts => {
    const isOwn = ({ target }: { readonly target: { readonly database: string } }): boolean => target.database === name
    return {
      database: name,
      server: server.label,
      status: judged.find(isOwn) ?? null,
      lock: locks.value?.locks.find(isOwn) ?? null,
      shards: shards.value?.seen.find(isOwn) ?? null,
      retired: watched.value?.filter(({ database }) => database === name) ?? [],
      // A fault that concerns no single database is reported once.
      faults: index === 0 ? withoutRepeats(shared) : [],
    }
  })
}

interface Attempt<Value> {
  readonly value: Value | null
  readonly faults: readonly Fault[]
}

/** What was read, or why it was not. `expected` are codes of what other checks report. */
async function attempt<Value>(work: () => Promise<Value>, expected: readonly string[] = []): Promise<Attempt<Value>> {
  try {
    return { value: await work(), faults: [] }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    const known = ['MIGRATIONS_INVALID', ...expected].includes(error.code)
    return { value: null, faults: known ? [] : error.faults }
  }
}

function withoutRepeats(faults: readonly Fault[]): readonly Fault[] {
  return [...new Map(faults.map((fault) => [JSON.stringify(fault), fault])).values()]
}
