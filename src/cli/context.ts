import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Trail } from '../audit/trail.ts'
import type { Context } from '../command/context.ts'
import type { Emit } from '../command/event.ts'
import type { Config } from '../config/config.ts'
import { warnOfReadableUrl } from '../config/readable-secret.ts'
import { collectSecrets, secretsOf } from '../config/redact.ts'
import { type ConfigRequest, requestEnvironment } from '../config/request.ts'
import { exitCodes } from '../core/exit-code.ts'
import { ToolError } from '../core/tool-error.ts'
import { toolVersion } from '../core/tool-version.ts'
import type { EngineHooks } from '../hooks/run-hooks.ts'
import type { Pointed } from '../migrations/many/point-at.ts'
import { targetListing, targetLog, targetRecord } from '../migrations/many/ports.ts'
import type { ListReaders } from '../migrations/many/read-list.ts'
import { migrationHooks, targetServers } from '../migrations/ports.ts'
import type { Door } from '../mysql/door.ts'
import { type ShardMapStore, shardMaps } from '../shards/map-ports.ts'
import { type ArchivePort, archives } from '../shards/ports.ts'
import { rotationHooks } from '../shards/rotation-hooks.ts'
import { storeImporter, storeReader } from '../stores/contract.ts'
import { migrationDriver } from '../stores/migrations/ports.ts'
import { give, giveParts } from './driver-parts.ts'
import type { GlobalOptions } from './globals.ts'
import { publishMetrics } from './metrics-file.ts'
import { once } from './once.ts'
import { openDoor } from './open-door.ts'
import type { ProcessEnvironment } from './process-environment.ts'
import { askLine, breakLines, confirm } from './prompts.ts'
import { refuseVtgate } from './refuse-vtgate.ts'
import type { SignalWatch } from './signals.ts'
import { stoppedError } from './signals.ts'
import { type Outside, openCodeMigrations, readImport, readStore } from './store-ports.ts'
import { usageError } from './usage.ts'
import { announceOnce } from './warn-once.ts'

/** What a context needs. */
export interface Wiring {
  readonly host: ProcessEnvironment
  readonly globals: GlobalOptions
  /** Settings that the command's own flags set. */
  readonly settings: ConfigRequest['flags']
  /** False for commands that open no connection. */
  readonly connects: boolean
  /** Whether it opens stores other than MySQL. */
  readonly stores: boolean
  /** As it is typed: `db create`. */
  readonly command: string
  /** Whether it may be about a database that has many targets, all of them or none. */
  readonly manyTargets: boolean
  /** True where it does not work through a vtgate. */
  readonly refusesVtgate?: true
  readonly emit: Emit
  readonly watch: SignalWatch
  /** Removes the moving lines from the terminal while a person is asked. */
  readonly display: { readonly pause: () => void; readonly resume: () => void }
  readonly secretRegistry: SecretRegistry
  /** Null where no run is recorded: in a library. */
  readonly runId: string | null
  /** Is told which log file the configuration names: null for none. */
  readonly onLogFile?: (path: string | null) => void
  /** Is told what happens to one target among many; absent in a library, which has no log file. */
  readonly onTargetEvent?: Emit
  /** Is given the project's folder before anything else of it is read. */
  readonly onRoot?: (root: string) => Promise<void>
  readonly trail: Trail | null
  /** Absent in a library, which calls no hooks. */
  readonly hooks?: () => Promise<EngineHooks>
}

/** The secrets known so far. Reporters mask them, so they must be known before anything that may hold them is printed. */
export interface SecretRegistry {
  secrets: readonly string[]
  /** The target among many that the command works on: what it advises names this one. */
  picked?: Pointed
}

/** The secrets that flags and environment contain before the configuration is read. */
export function openSecretRegistry(globals: GlobalOptions): SecretRegistry {
  return { secrets: secretsOf('url', globals.settings.url ?? '') }
}

/** Gives a command access to everything it may use. Configuration and drivers are loaded when they are first needed. */
export function createContext(wiring: Wiring): Context {
  const { host, globals, watch, secretRegistry, runId, trail } = wiring
  const cwd = workingDirectory(host, globals)
  const request: ConfigRequest = {
    cwd,
    file: globals.file,
    environmentName: globals.environmentName,
    flags: { ...globals.settings, ...wiring.settings },
    environment: host.environment,
    serversNeeded: wiring.connects,
    storesNeeded: wiring.stores,
  }
  const config = once(async () => {
    const read = await readConfig(request, secretRegistry)
    wiring.onLogFile?.(read.logFile)
    await wiring.onRoot?.(read.root)
    if (wiring.connects && wiring.refusesVtgate === true) refuseVtgate(read, globals.targets, wiring.command)
    return isOfMany(read, globals) ? chooseTargets(read, wiring, readers) : read
  })
  const announce = announceOnce(wiring.emit)
  const { targets } = globals
  const listing = async () => (await import('./listing-program.ts')).listingIn(host.environment)
  const outside: Outside = { wiring, config, announce }
  const door = once(() => openDoor({ host, announce, runId, trail, config, targets }))
  const port: Context['port'] = giveParts(door, {
    given: [
      give(archives, async () => openArchive(await config(), host, door)),
      give(shardMaps, async () => (url) => openShardMap(url ?? host.environment['WWDB_REDIS'] ?? '', outside)),
      give(storeReader, async () => (store, restored) => readStore(store, restored ?? null, outside)),
      give(storeImporter, async () => (store, only) => readImport(store, only, outside)),
      give(migrationDriver, async () => (store) => openCodeMigrations(store, outside)),
      give(migrationHooks, async () => (await wiring.hooks?.())?.migration ?? null),
      give(rotationHooks, async () => (await wiring.hooks?.())?.rotation ?? null),
      give(targetListing, listing),
      give(targetLog, async () => wiring.onTargetEvent ?? (() => undefined)),
      give(targetRecord, async () => trail && ((target, end) => trail.leave(target, end))),
    ],
  })
  const readers: ListReaders = { servers: () => port(targetServers), listing }
  return {
    targets,
    port,
    config: async (environment) =>
      environment === undefined ? config() : readEnvironment(request, await config(), environment, secretRegistry),
    configReport: async () =>
      (await loader()).loadConfigWithReport({ ...request, serversNeeded: false }).then(({ report }) => report()),
    emit: wiring.emit,
    stop: watch.stop,
    confirm: (question) =>
      confirm(question, {
        yes: globals.yes,
        confirm: globals.confirm,
        allowProtected: globals.allowProtected,
        ask: canAsk(host, globals) ? (text) => ask(text, wiring) : null,
        protectedEnvironment: async () => nameIfProtected(await config()),
      }),
    process: describeProcess(wiring, cwd),
    now: host.now,
  }
}

/** The process that the command runs in, as far as it may use it. */
function describeProcess(wiring: Wiring, cwd: string): Context['process'] {
  const { host, globals, secretRegistry } = wiring
  return {
    cwd,
    toolVersion,
    nodeVersion: process.versions.node,
    program: host.program,
    variables: host.environment,
    person: `${host.user}@${host.hostname}`,
    runProgram: async (command, environment) =>
      (await import('./run-program.ts')).runProgram(host, cwd, command, environment),
    ask: async (question) => (canAsk(host, globals) && !globals.yes ? ask(question, wiring) : null),
    askTool: async (words, signal) => (await import('./ask-tool.ts')).askTool(host, globals, words, signal),
    protocol: () => ({ input: host.input, output: host.out }),
    readSecret: once(() => readSecret(host, secretRegistry)),
    publishMetrics: (file, text) => publishMetrics(cwd, file, text),
  }
}

/** Throws ToolError `USAGE` where --cwd names no directory. */
export function workingDirectory(host: ProcessEnvironment, { cwd }: GlobalOptions): string {
  if (cwd === null) return host.cwd
  const path = resolve(host.cwd, cwd)
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return path
  throw usageError(`\`--cwd\` is not a directory: \`${path}\`.`, 'wwdb')
}

const loader = () => import('../config/load.ts')

/** Most projects have no database with many targets. */
function isOfMany({ databases }: Config, { picks }: GlobalOptions): boolean {
  return picks.length > 0 || databases.some(({ targets }) => targets !== undefined)
}

/** Puts the target that `--target` asks for in place of its database, and refuses a command that cannot work on many. */
async function chooseTargets(
  read: Config,
  { globals, manyTargets, command, secretRegistry }: Wiring,
  readers: ListReaders,
): Promise<Config> {
  const { pickTargets, refuseMany } = await import('../migrations/many/choose-many.ts')
  const config = globals.picks.length === 0 ? read : await pickTargets(read, globals.named, readers)
  const { name, label } = config.databases.find((one) => one.label !== undefined) ?? {}
  if (name !== undefined && label !== undefined) secretRegistry.picked = { name, label }
  if (!manyTargets) refuseMany(config, globals.targets, command)
  return config
}

async function readConfig(request: ConfigRequest, secretRegistry: SecretRegistry): Promise<Config> {
  const { loadConfig } = await loader()
  const config = await loadConfig(request)
  secretRegistry.secrets = [
    ...secretRegistry.secrets,
    ...collectSecrets(config),
    ...readListed(config, request.environment),
  ]
  return config
}

/** A shorter value is hardly a secret, and names of schemas and servers may have it. */
const shortestListed = 8

/** What the variables hold that a command for targets is given: such a program may print its token in an error. */
function readListed({ databases }: Config, variables: ConfigRequest['environment']): readonly string[] {
  return databases.flatMap(({ targets }) => {
    const named = targets?.source.type === 'command' ? targets.source.environment : []
    return named.map((name) => variables[name] ?? '').filter(({ length }) => length >= shortestListed)
  })
}

async function readEnvironment(
  request: ConfigRequest,
  present: Config,
  name: string,
  secretRegistry: SecretRegistry,
): Promise<Config> {
  return readConfig(requestEnvironment(request, present, name), secretRegistry)
}

/** More than any password; prevents a file that was piped by mistake from being read to its end. */
const longestSecret = 64 * 1024

async function readSecret({ input }: ProcessEnvironment, secretRegistry: SecretRegistry): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk)
    chunks.push(bytes)
    length += bytes.length
    if (length > longestSecret) throw usageError('The input on stdin is too long for a password.', 'wwdb')
  }
  const secret = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
  if (secret === '') throw usageError('Nothing is piped to stdin.', 'wwdb')
  secretRegistry.secrets = [...secretRegistry.secrets, secret]
  return secret
}

async function openShardMap(url: string, { wiring, announce }: Outside): Promise<ShardMapStore> {
  const { secretRegistry } = wiring
  secretRegistry.secrets = [...secretRegistry.secrets, ...secretsOf('url', url)]
  const { openShardMapStore } = await import('../stores/redis/driver-shard-map.ts')
  const store = openShardMapStore(url)
  const warning = warnOfReadableUrl(url)
  if (warning !== null) announce([warning])
  return store
}

/** Throws ToolError `NO_ARCHIVE` (78) where no folder is configured. */
async function openArchive(
  { rotation, file }: Config,
  host: ProcessEnvironment,
  door: () => Promise<Door>,
): Promise<ArchivePort> {
  const { archive: directory } = rotation
  if (directory !== null) {
    const { createArchivePort } = await import('../shards/archive/archive-port.ts')
    return createArchivePort({ door: await door(), directory, toolVersion, now: host.now })
  }
  const fault = {
    what: 'No folder for archives is configured.',
    ...(file === null ? {} : { where: { file } }),
    next: 'Set `rotation.archive` (or WWDB_ROTATION_ARCHIVE) to a folder on a disk that survives the loss of the servers.',
  }
  throw new ToolError('NO_ARCHIVE', fault)
}

function nameIfProtected(config: Config): string | null {
  return config.protected ? (config.environment ?? 'of this configuration') : null
}

/** A person can be asked where both ends are terminals and no program reads stdout. */
function canAsk(host: ProcessEnvironment, globals: GlobalOptions): boolean {
  return !globals.noInput && globals.format === 'human' && host.input.isTTY === true && host.err.isTTY === true
}

async function ask(question: string, { host, watch, display }: Wiring): Promise<string | null> {
  const abandoned = new AbortController()
  const forget = watch.stop.onStop(() => abandoned.abort())
  display.pause()
  try {
    const answer = await askLine(breakLines(question, host.err.columns), {
      input: host.input,
      output: host.err,
      signal: abandoned.signal,
    })
    if (watch.stop.requested) throw stoppedError(watch.exitCode() ?? exitCodes.interrupted)
    return answer
  } finally {
    forget()
    display.resume()
  }
}
