import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod/mini'
import type { Emit } from '../../command/event.ts'
import { type StoreKind, storeKinds } from '../../core/store.ts'
import { ToolError } from '../../core/tool-error.ts'
import { isContainerRunning, removeContainer, stopContainer } from '../../sandbox/docker-engine.ts'
import { makePrivateFolder, withSandboxLock, writePrivateFile } from '../../sandbox/folder.ts'
import type { LocalServer } from '../../sandbox/local-server.ts'
import { commandLine } from '../../sandbox/process.ts'
import type { ServerProgram } from '../../sandbox/programs.ts'
import type { StoreNode, StoreSandbox } from '../contract.ts'
import { stores as registry } from '../registry.ts'
import { findSource } from './find-source.ts'

/** State of one store of the sandbox. `partly` has servers that run and others that do not. */
export interface StoreReport {
  readonly store: StoreKind
  readonly state: 'running' | 'partly' | 'stopped'
  readonly version: string | null
  readonly ports: readonly number[]
}

interface StoreStart {
  readonly directory: string
  /** The sandbox's own port: those of the stores are above it. */
  readonly port: number
  readonly interrupted: () => boolean
  readonly emit: Emit
}

/**
 * Starts stores of the sandbox, one after the other; running servers are left as they are, stopped ones start with their data.
 * @throws ToolError SANDBOX_FAILED, SANDBOX_UNAVAILABLE, PORT_IN_USE, STOPPED of the store that cannot be started.
 */
export async function startStores(stores: readonly StoreKind[], start: StoreStart): Promise<void> {
  if (stores.length === 0) return
  const action = async (): Promise<void> => {
    for (const store of stores) await startStore(store, start)
  }
  await withSandboxLock(start.directory, action, (message) => start.emit({ type: 'progress', message }))
}

async function startStore(store: StoreKind, { directory, port, interrupted, emit }: StoreStart): Promise<void> {
  const report = (message: string): void => emit({ type: 'progress', message })
  const sandbox = await (await registry[store]()).sandbox()
  let all = { stores: {}, ...(await readStores(directory)), secret: await obtainSecret(directory) }
  const known = all.stores[store] ?? newState(sandbox, join(directory, 'stores', store), port)
  let state: StoreState = { ...known, nodes: await findProcesses(known.nodes) }
  const record = async (change: Partial<StoreState>): Promise<void> => {
    state = { ...state, ...change }
    all = { ...all, stores: { ...all.stores, [store]: state } }
    await writeStores(directory, all)
  }
  const recordNode = (node: StoreNode): Promise<void> =>
    record({ nodes: state.nodes.map((one) => (one.port === node.port ? node : one)) })
  // Written before anything runs: a run that is killed here leaves servers that the next one finds by their folders.
  await record({})
  const [first, ...others] = await selectNodes(state.nodes, false)
  if (first === undefined) return report(`The ${store} of the sandbox is already running.`)
  const search = { report, interrupted }
  const source = await findSource(sandbox, first, search)
  if (source.type === 'container') {
    return record({ nodes: [{ ...first, container: source.container }], version: source.version })
  }
  const { program } = source
  report(`Starting ${store} ${program.version} (${origins[program.origin]}).`)
  for (const { port: at, directory: folder } of [first, ...others]) {
    const node = await sandbox.start({ program, port: at, directory: folder, interrupted }, all.secret)
    await recordNode({ ...node, container: null })
  }
  await record({ version: program.version })
}

const origins: Readonly<Record<ServerProgram['origin'], string>> = {
  installed: 'the program on PATH',
  portable: 'a portable program',
  built: 'built in this checkout of wwdb',
}

function newState(sandbox: StoreSandbox, directory: string, port: number): StoreState {
  const nodes = Array.from({ length: sandbox.count }, (_, index) => ({
    port: port + sandbox.distance + index,
    pid: null,
    container: null,
    directory: join(directory, `node-${index + 1}`),
  }))
  return { version: null, nodes }
}

/**
 * Stops all stores of the sandbox and waits for their end; with `remove` their data is also removed.
 * @throws ToolError SANDBOX_FAILED naming a server that does not end.
 */
export async function stopStores(directory: string, { remove }: { readonly remove: boolean }): Promise<void> {
  const all = await readStores(directory)
  if (all === null) return
  await withSandboxLock(directory, async () => {
    for (const store of storeKinds) await stopStore(directory, store, all)
    if (!remove) return
    const nodes = Object.values(all.stores).flatMap((state) => state.nodes)
    for (const { container } of nodes) if (container !== null) await removeContainer(container)
    for (const name of ['stores', 'stores.json', 'stores.password', 'stores.token'])
      await rm(join(directory, name), { recursive: true, force: true })
  })
}

async function stopStore(directory: string, store: StoreKind, all: SandboxStores): Promise<void> {
  const state = all.stores[store]
  if (state === undefined) return
  const sandbox = await (await registry[store]()).sandbox()
  const nodes = await findProcesses(state.nodes)
  for (const { container } of nodes) if (container !== null) await stopContainer(container)
  const processes = nodes.filter(isProcess)
  const ended = await Promise.all(processes.map((node) => sandbox.end(node)))
  const remaining = processes.find((_, index) => ended[index] === false)
  if (remaining === undefined) return
  throw new ToolError('SANDBOX_FAILED', {
    what: `A server of ${store} (process ${remaining.pid}, port ${remaining.port}) did not end within a minute.`,
    where: { file: join(directory, 'stores', store) },
    next: 'Wait until it has ended, then run `wwdb sandbox down` again.',
  })
}

/** The state of a sandbox's stores; changes nothing. */
export async function inspectStores(directory: string): Promise<readonly StoreReport[]> {
  const all = await readStores(directory)
  if (all === null) return []
  const reports: StoreReport[] = []
  for (const store of storeKinds) {
    const state = all.stores[store]
    if (state === undefined) continue
    const running = (await selectNodes(await findProcesses(state.nodes), true)).length
    const how = running === 0 ? 'stopped' : running === state.nodes.length ? 'running' : 'partly'
    reports.push({ store, state: how, version: state.version, ports: state.nodes.map(({ port }) => port) })
  }
  return reports
}

/** Where a project's stores are declared: those with their own settings there, the others below its folder. */
interface DeclaringProject {
  readonly root: string
  readonly stores: readonly { readonly store: StoreKind; readonly declarations: string }[]
}

/**
 * The variables that make wwdb use the running stores. `up` sets up a store that has a URL: of a project that declares only some
 * stores, the others are left out.
 */
export async function storeVariables(
  directory: string,
  project: DeclaringProject,
): Promise<Readonly<Record<string, string>>> {
  const secret = await readSecret(directory)
  // A sandbox of an earlier wwdb has no file for its token.
  if (secret !== null) await writeToken(directory, secret)
  const access = { passwordFile: secretFile(directory), tokenFile: tokenFile(directory) }
  const running = (await inspectStores(directory)).filter(({ state }) => state !== 'stopped')
  const declared = running.filter(({ store }) => existsSync(declarationsOf(store, project)))
  const each = await Promise.all(
    (declared.length > 0 ? declared : running).map(async ({ store, ports }) =>
      (await (await registry[store]()).sandbox()).variables(ports, access),
    ),
  )
  return Object.assign({}, ...each) as Record<string, string>
}

function declarationsOf(store: StoreKind, { root, stores }: DeclaringProject): string {
  return stores.find((one) => one.store === store)?.declarations ?? join(root, 'migrations', store)
}

function isProcess(node: StoreNode): node is StoreNode & LocalServer {
  return node.pid !== null
}

async function isRunning({ pid, container }: StoreNode): Promise<boolean> {
  return pid !== null || (container !== null && (await isContainerRunning(container)))
}

/** The running servers, or the stopped ones. */
async function selectNodes(nodes: readonly StoreNode[], running: boolean): Promise<readonly StoreNode[]> {
  const states = await Promise.all(nodes.map(isRunning))
  return nodes.filter((_, index) => states[index] === running)
}

/** The nodes, each with the process that really serves its folder, or null. */
async function findProcesses(nodes: readonly StoreNode[]): Promise<readonly StoreNode[]> {
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

/** Empty where the system has no such list: then only recorded numbers are known. */
async function listProcesses(): Promise<readonly number[]> {
  const names = await readdir('/proc').catch(() => [])
  return names.filter((name) => /^\d+$/.test(name)).map(Number)
}

const nodeSchema = z.strictObject({
  port: z.int(),
  pid: z.nullable(z.int()),
  container: z._default(z.nullable(z.string()), null),
  directory: z.string(),
})

const stateSchema = z.strictObject({
  format: z.literal(1),
  stores: z.partialRecord(
    z.enum(storeKinds),
    z.strictObject({ version: z.nullable(z.string()), nodes: z.array(nodeSchema) }),
  ),
})

/** One store of a sandbox. */
interface StoreState {
  /** Null until it has run. */
  readonly version: string | null
  readonly nodes: readonly StoreNode[]
}

/** The stores of a sandbox, and the password they were started with. */
interface SandboxStores {
  readonly secret: string
  readonly stores: Readonly<Partial<Record<StoreKind, StoreState>>>
}

function stateFile(directory: string): string {
  return join(directory, 'stores.json')
}

/**
 * The password of the sandbox's stores, created when it is first needed. It has its own file: running servers keep theirs, even when
 * `stores.json` is lost.
 */
async function obtainSecret(directory: string): Promise<string> {
  const known = await readSecret(directory)
  if (known !== null) return known
  const secret = randomBytes(18).toString('hex')
  await makePrivateFolder(directory)
  await writePrivateFile(secretFile(directory), `${secret}\n`)
  await writeToken(directory, secret)
  return secret
}

/** The token that `wwdb setup apply` gives InfluxDB's first user. */
async function writeToken(directory: string, secret: string): Promise<void> {
  const file = tokenFile(directory)
  const written = await readFile(file, 'utf8').catch(() => '')
  if (written.trim() !== `token-${secret}`) await writePrivateFile(file, `token-${secret}\n`)
}

async function readSecret(directory: string): Promise<string | null> {
  const text = await readFile(secretFile(directory), 'utf8').catch(() => '')
  return text.trim() === '' ? null : text.trim()
}

/** The file, readable only by its owner, whose first line is that password. */
function secretFile(directory: string): string {
  return join(directory, 'stores.password')
}

/** The same for the token. */
function tokenFile(directory: string): string {
  return join(directory, 'stores.token')
}

/** Null when there are none; an unreadable file counts as missing. */
export async function readStores(directory: string): Promise<SandboxStores | null> {
  try {
    const { stores } = z.parse(stateSchema, JSON.parse(await readFile(stateFile(directory), 'utf8')))
    return { secret: (await readSecret(directory)) ?? '', stores: stores as SandboxStores['stores'] }
  } catch {
    return null
  }
}

/** Readable only by its owner. */
async function writeStores(directory: string, { stores }: SandboxStores): Promise<void> {
  await makePrivateFolder(directory)
  await writePrivateFile(stateFile(directory), `${JSON.stringify({ format: 1, stores }, null, 2)}\n`)
}
