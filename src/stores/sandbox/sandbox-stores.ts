import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Emit } from '../../core/event.ts'
import { type StoreKind, storeKinds } from '../../core/store.ts'
import { ToolError } from '../../core/tool-error.ts'
import { withSandboxLock } from '../../sandbox/lock.ts'
import { commandLine } from '../../sandbox/process.ts'
import { stores as registry } from '../registry.ts'
import type { RunningNode, StoreNode, StoreSandbox } from '../sandbox-contract.ts'
import {
  obtainSecret,
  readStores,
  type SandboxStores,
  type StoreState,
  secretFile,
  writeStores,
} from './store-state.ts'

/** How one store of the sandbox is. `partly` has servers that run and others that do not. */
export interface StoreReport {
  readonly store: StoreKind
  readonly state: 'running' | 'partly' | 'stopped'
  readonly version: string | null
  readonly ports: readonly number[]
}

interface StoreStart {
  readonly directory: string
  /** The sandbox's own port: those of the stores lie above it. */
  readonly port: number
  readonly interrupted: () => boolean
  readonly emit: Emit
}

/**
 * Brings stores of the sandbox up, one after the other; servers that run are left as they are, those that were stopped go on with their data.
 * @throws ToolError SANDBOX_FAILED, SANDBOX_UNAVAILABLE, PORT_IN_USE, STOPPED of the store that cannot be had.
 */
export async function startStores(stores: readonly StoreKind[], start: StoreStart): Promise<void> {
  if (stores.length === 0) return
  const action = async (): Promise<void> => {
    for (const store of stores) await startStore(store, start)
  }
  await withSandboxLock(start.directory, action, (message) => start.emit({ type: 'progress', message }))
}

async function startStore(store: StoreKind, { directory, port, interrupted, emit }: StoreStart): Promise<void> {
  const say = (message: string): void => emit({ type: 'progress', message })
  const sandbox = await (await registry[store]()).sandbox()
  let all = { stores: {}, ...(await readStores(directory)), secret: await obtainSecret(directory) }
  const known = all.stores[store] ?? newState(sandbox, join(directory, 'stores', store), port)
  const record = async (state: StoreState): Promise<void> => {
    all = { ...all, stores: { ...all.stores, [store]: state } }
    await writeStores(directory, all)
  }
  // Written before anything runs: whoever is killed here leaves servers that the next run finds by their folders.
  let state: StoreState = { ...known, nodes: await findRunning(known.nodes) }
  await record(state)
  const places = state.nodes.filter(({ pid }) => pid === null)
  if (places.length === 0) return say(`The sandbox's ${store} runs already.`)
  say(`Starting ${store}; what it needs is fetched the first time.`)
  const version = await sandbox.launch({
    places,
    secret: all.secret,
    say,
    interrupted,
    started: ({ port: at, pid }) => {
      state = { ...state, nodes: state.nodes.map((one) => (one.port === at ? { ...one, pid } : one)) }
      return record(state)
    },
  })
  await record({ ...state, version })
}

function newState(sandbox: StoreSandbox, directory: string, port: number): StoreState {
  const nodes = Array.from({ length: sandbox.count }, (_, index) => ({
    port: port + sandbox.distance + index,
    pid: null,
    directory: join(directory, `node-${index + 1}`),
  }))
  return { version: null, nodes }
}

/**
 * Ends all stores of the sandbox and waits for their end; with `remove` their data goes too.
 * @throws ToolError SANDBOX_FAILED naming a server that does not end.
 */
export async function stopStores(directory: string, { remove }: { readonly remove: boolean }): Promise<void> {
  const all = await readStores(directory)
  if (all === null) return
  await withSandboxLock(directory, async () => {
    for (const store of storeKinds) await stopStore(directory, store, all)
    if (remove) await rm(join(directory, 'stores'), { recursive: true, force: true })
    for (const name of ['stores.json', 'stores.password']) if (remove) await rm(join(directory, name), { force: true })
  })
}

async function stopStore(directory: string, store: StoreKind, all: SandboxStores): Promise<void> {
  const state = all.stores[store]
  if (state === undefined) return
  const sandbox = await (await registry[store]()).sandbox()
  const running = (await findRunning(state.nodes)).filter(isRunning)
  const ended = await Promise.all(running.map((node) => sandbox.end(node)))
  const stubborn = running.find((_, index) => ended[index] === false)
  if (stubborn === undefined) return
  throw new ToolError('SANDBOX_FAILED', {
    what: `A server of ${store} (process ${stubborn.pid}, port ${stubborn.port}) does not end.`,
    where: { file: join(directory, 'stores', store) },
    next: 'Wait for what it is doing, then run `wwdb sandbox down` again.',
  })
}

/** How the stores of a sandbox are; changes nothing. */
export async function inspectStores(directory: string): Promise<readonly StoreReport[]> {
  const all = await readStores(directory)
  if (all === null) return []
  const reports: StoreReport[] = []
  for (const store of storeKinds) {
    const state = all.stores[store]
    if (state === undefined) continue
    const running = (await findRunning(state.nodes)).filter(isRunning).length
    const how = running === 0 ? 'stopped' : running === state.nodes.length ? 'running' : 'partly'
    reports.push({ store, state: how, version: state.version, ports: state.nodes.map(({ port }) => port) })
  }
  return reports
}

/** The variables that make wwdb use the stores that run. */
export async function storeVariables(directory: string): Promise<Readonly<Record<string, string>>> {
  const all = await readStores(directory)
  const access = { secret: all?.secret ?? '', passwordFile: secretFile(directory) }
  const running = (await inspectStores(directory)).filter(({ state }) => state !== 'stopped')
  const each = await Promise.all(
    running.map(async ({ store, ports }) => (await (await registry[store]()).sandbox()).variables(ports, access)),
  )
  return Object.assign({}, ...each) as Record<string, string>
}

function isRunning(node: StoreNode): node is RunningNode {
  return node.pid !== null
}

/** The nodes with the process that really serves each one's folder, or null. */
async function findRunning(nodes: readonly StoreNode[]): Promise<readonly StoreNode[]> {
  const unknown = await Promise.all(nodes.map(async (node) => ((await serves(node.pid, node)) ? node : null)))
  if (!unknown.includes(null)) return nodes
  const processes = await listProcesses()
  return Promise.all(
    nodes.map(async (node, index) => {
      if (unknown[index] !== null) return node
      for (const pid of processes) if (await serves(pid, node)) return { ...node, pid }
      return { ...node, pid: null }
    }),
  )
}

async function serves(pid: number | null, { directory }: StoreNode): Promise<boolean> {
  if (pid === null) return false
  return (await commandLine(pid)).some((word) => word === directory || word.includes(`${directory}/`))
}

/** Empty where the system has no such list: then a number that was written down is all there is. */
async function listProcesses(): Promise<readonly number[]> {
  const names = await readdir('/proc').catch(() => [])
  return names.filter((name) => /^\d+$/.test(name)).map(Number)
}
