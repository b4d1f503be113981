import { resolve } from 'node:path'
import { endOfError, endOfResult } from '../audit/ending.ts'
import { type RunLedgers, runLedgers } from '../audit/ports.ts'
import type { CommandResult, Context } from '../command/context.ts'
import type { Emit } from '../command/event.ts'
import type { Config } from '../config/config.ts'
import { redactText } from '../config/redact.ts'
import type { ConfigRequest } from '../config/request.ts'
import type { ExitCode } from '../core/exit-code.ts'
import { fromRepositoryRoot } from '../core/repository-path.ts'
import { openHooks } from '../hooks/open-hooks.ts'
import type { Reporter } from '../terminal/reporter.ts'
import { openTracingIfAsked } from '../tracing/if-asked.ts'
import type { Ended } from '../tracing/span-attributes.ts'
import { type CommandEntry, camelCase, type FlagEntry, flagsOf } from './command-entry.ts'
import { createContext, openSecretRegistry, type SecretRegistry, workingDirectory } from './context.ts'
import type { GlobalOptions } from './globals.ts'
import { LogFile } from './log-file.ts'
import { commandModules } from './modules.generated.ts'
import type { ProcessEnvironment } from './process-environment.ts'
import type { GivenValues, RunInvocation } from './program.ts'
import { exitCodeOfError, openReporter } from './reporting.ts'
import { identityOf, newRunId, openTrail } from './run-trail.ts'
import { endedError, exitCodeOf, rejectOnStop, type SignalWatch, watchSignals, withSignalCode } from './signals.ts'
import { loadView } from './views.generated.ts'

/**
 * Runs one command and reports its answer or its error; returns the exit code: its own, or that of the program that it ran.
 */
export async function runInvocation(
  host: ProcessEnvironment,
  invocation: RunInvocation,
  globals: GlobalOptions,
): Promise<number> {
  const { entry } = invocation
  const output = await openOutput(host, entry, globals)
  const { log, reporter, watch, runId } = output
  const { input, settings } = divide(flagsOf(entry), invocation.input)
  const connects = entry.connects || (entry.connectsWith !== undefined && input[entry.connectsWith] === true)
  let context: Context | undefined
  const present = (): Context => {
    if (context === undefined) throw new Error('something of the context is asked for before there is one')
    return context
  }
  const record = await openRecord(host, invocation, globals, {
    output,
    connects,
    config: async () => present().config(),
    ledgers: async () => present().port(runLedgers),
  })
  try {
    log.write({ type: 'run-begun', ...record.identity })
    if (globals.logFile !== null) log.attach(resolve(workingDirectory(host, globals), globals.logFile))
    context = createContext({
      host,
      globals,
      settings,
      connects,
      stores: entry.stores,
      command: entry.name,
      manyTargets: !connects || entry.manyTargets === true,
      ...(entry.vtgate !== true && { refusesVtgate: true }),
      emit: record.emit,
      watch,
      display: reporter,
      secretRegistry: output.secretRegistry,
      runId,
      trail: record.trail,
      hooks: record.hooks,
      onLogFile: (path) => log.attach(path),
      onTargetEvent: (event) => log.event(event),
      onRoot: output.setRoot,
    })
    const { result, exitCode } = await answer(entry, input, context, watch)
    const code = exitCodeOf(result, exitCode, watch)
    await record.end({ result }, code)
    const view = globals.format === 'json' ? null : await loadView(result)
    // The work is done: a signal ends a command that only waits for the reader of its answer.
    watch.close()
    await reporter.result(result, code, view)
    return result.kind === 'program' ? result.code : code
  } catch (thrown) {
    const error = withSignalCode(thrown, watch)
    const code = exitCodeOfError(error)
    await record.end({ error }, code)
    reporter.error(error)
    return code
  } finally {
    reporter.close()
    watch.close()
  }
}

/** The output of a run, its recipients, and what the run learns from the terminal meanwhile. */
interface Output {
  readonly runId: string
  readonly secretRegistry: SecretRegistry
  readonly redact: (text: string) => string
  readonly log: LogFile
  readonly reporter: Reporter
  readonly watch: SignalWatch
  /** Called with the project's folder once the configuration is read. */
  readonly setRoot: (root: string) => Promise<void>
}

async function openOutput(host: ProcessEnvironment, entry: CommandEntry, globals: GlobalOptions): Promise<Output> {
  const secretRegistry = openSecretRegistry(globals)
  const runId = newRunId(host)
  const redact = (text: string): string => redactText(text, secretRegistry.secrets)
  const log = new LogFile({ runId, redact, debug: globals.debug, now: host.now })
  let folder = ''
  const place = (file: string): string => fromRepositoryRoot(folder, file)
  const reporter = log.wrap(await openReporter(host, globals, secretRegistry, runId, place))
  const watch = watchSignals({
    source: host.signals,
    exit: (code) => {
      reporter.error(endedError(code))
      reporter.close()
      host.exit(code)
    },
    emit: (event) => {
      if (entry.interruption === 'after-statement') reporter.event(event)
    },
  })
  host.onDefect((error) => {
    reporter.error(error)
    reporter.close()
  })
  const setRoot = async (root: string): Promise<void> => {
    if (globals.format === 'github') folder = (await import('../files/repository.ts')).folderInRepository(root)
  }
  return { runId, secretRegistry, redact, log, reporter, watch, setRoot }
}

interface RecordNeeds {
  readonly output: Output
  readonly connects: boolean
  readonly config: () => Promise<Config>
  readonly ledgers: () => Promise<RunLedgers>
}

/**
 * What follows a run besides its reporter: the trail in the databases, the hooks of the configuration, the exporter of traces.
 */
interface RunRecord {
  readonly identity: ReturnType<typeof identityOf>
  readonly trail: ReturnType<typeof openTrail>
  readonly hooks: ReturnType<typeof openHooks>['engine']
  readonly emit: Emit
  /** The run has ended: each is notified once. */
  readonly end: (ended: Ended, code: ExitCode) => Promise<void>
}

async function openRecord(
  host: ProcessEnvironment,
  invocation: RunInvocation,
  globals: GlobalOptions,
  { output, connects, config, ledgers }: RecordNeeds,
): Promise<RunRecord> {
  const { runId, secretRegistry, redact, reporter, watch } = output
  const invoked = { host, invocation, runId, secrets: () => secretRegistry.secrets }
  const report: Emit = (event) => reporter.event(event)
  const trail = openTrail({ ...invoked, emit: report, redact, begin: () => hooks.begin(), config, ledgers })
  const hooks = openHooks({
    identity: () => identityOf(invoked),
    config,
    start: async (hook, input, stop) => {
      const { startHook } = await import('./hook-program.ts')
      return startHook(hook, { environment: host.environment, folder: (await config()).root }, input, stop)
    },
    targets: globals.targets,
    planDigests: () => trail.planDigests,
    emit: report,
    redact,
    stop: watch.stop,
  })
  const identity = identityOf(invoked)
  const tracing =
    connects || invocation.entry.stores
      ? await openTracingIfAsked({ environment: host.environment, identity, redact }, report)
      : null
  return {
    identity,
    trail,
    hooks: hooks.engine,
    emit: (event) => {
      trail.observe(event)
      tracing?.observe(event)
      reporter.event(event)
    },
    end: async (ended, code) => {
      await trail.finish('error' in ended ? endOfError(ended.error, code) : endOfResult(ended.result, code))
      await hooks.end(ended, code)
      const message = (await tracing?.end(ended, code)) ?? null
      if (message !== null) report({ type: 'warning', message, target: null })
    },
  }
}

/** Loads the command's module and runs it; a signal ends a read-only command immediately. */
async function answer(
  entry: CommandEntry,
  given: GivenValues,
  context: Context,
  watch: SignalWatch,
): Promise<CommandResult> {
  const load = commandModules[entry.name]
  if (load === undefined) throw new Error(`the command ${entry.name} has no module`)
  const { command } = await load()
  // The values were read by the flags and arguments of this command, which define the type of its options.
  const work = command.run(given as never, context)
  return entry.interruption === 'at-once' ? Promise.race([work, rejectOnStop(watch)]) : work
}

/** Separates the command's options from the configuration's. */
function divide(
  flags: readonly FlagEntry[],
  given: GivenValues,
): { readonly input: GivenValues; readonly settings: ConfigRequest['flags'] } {
  const settings = new Set(flags.filter((flag) => flag.setting === true).map((flag) => camelCase(flag.long)))
  const pick = (wanted: boolean): GivenValues =>
    Object.fromEntries(Object.entries(given).filter(([key]) => settings.has(key) === wanted))
  return { input: pick(false), settings: pick(true) }
}
