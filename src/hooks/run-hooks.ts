import type { RunIdentity } from '../audit/run-identity.ts'
import type { Emit } from '../command/event.ts'
import type { Result } from '../command/result.ts'
import { type Config, selectDatabases } from '../config/config.ts'
import type { HookConfig } from '../config/hooks.ts'
import type { ExitCode } from '../core/exit-code.ts'
import type { StopRequest } from '../core/stop-request.ts'
import type { Location } from '../core/tool-error.ts'
import type { MigrationHooks } from '../migrations/ports.ts'
import type { RotationHooks } from '../shards/rotation-hooks.ts'
import { judgeAfter, judgeBefore, printDocument, type StartProgram } from './call-hook.ts'
import {
  describeError,
  describeMigration,
  describeOutcome,
  describePlan,
  endOfCommand,
  endOfFamily,
  type HookDocument,
  type HookTarget,
} from './documents.ts'

/** The hooks of the configuration, as the engine sees them; null where there are none. */
export interface EngineHooks {
  readonly migration: MigrationHooks | null
  readonly rotation: RotationHooks | null
}

/** What the hooks of one invocation need. */
export interface HooksRequest {
  readonly identity: () => RunIdentity
  readonly config: () => Promise<Config>
  /** `--target`. */
  readonly targets: readonly string[]
  /** The digest of the plan that is carried out, by the name of the database. */
  readonly planDigests: () => ReadonlyMap<string, string>
  readonly start: StartProgram
  readonly emit: Emit
  readonly redact: (text: string) => string
  readonly stop: StopRequest
}

type Keys<Document> = Document extends HookDocument ? Omit<Document, keyof HookRun> : never
type HookRun = Omit<Extract<HookDocument, { readonly event: 'before.run' }>, 'event'>
type Event = Keys<HookDocument>

/**
 * The hooks of one command: around the whole of it once it changes something, around each migration, and around each family of a rotation. A hook that
 * runs before can forbid it by its exit code; a hook that runs after is waited for, but changes nothing.
 */
export class RunHooks {
  readonly #request: HooksRequest
  #asked: Promise<void> | null = null
  /** When the run was allowed; null where it was not allowed, or where no hook was asked. */
  #begun: number | null = null

  constructor(request: HooksRequest) {
    this.#request = request
  }

  /** Asks the hook before the run's first change; later calls do nothing. Throws where the hook forbids it. */
  beforeRun(): Promise<void> {
    this.#asked ??= this.#askForRun()
    return this.#asked
  }

  /** Reports how a permitted run ended. Never throws. */
  async afterRun(ended: { readonly result: Result } | { readonly error: unknown }, exitCode: ExitCode): Promise<void> {
    if (this.#begun === null) return
    const { hooks } = await this.#request.config()
    const milliseconds = Math.round(performance.now() - this.#begun)
    this.#begun = null
    const end = { ...endOfCommand(ended, exitCode), milliseconds, exitCode }
    await this.#notify(hooks.after.run, { event: 'after.run', end })
  }

  async engineHooks(): Promise<EngineHooks> {
    const { before, after } = (await this.#request.config()).hooks
    const isOn = (one: HookConfig | null, other: HookConfig | null): boolean => one !== null || other !== null
    return {
      migration: isOn(before.migration, after.migration) ? this.#aroundMigrations() : null,
      rotation: isOn(before.rotation, after.rotation) ? this.#aroundRotation() : null,
    }
  }

  async #askForRun(): Promise<void> {
    const { hooks } = await this.#request.config()
    await this.#ask(hooks.before.run, 'run', { event: 'before.run' })
    this.#begun = performance.now()
  }

  #aroundMigrations(): MigrationHooks {
    return {
      before: async (target, step) => {
        const { hooks } = await this.#request.config()
        const migration = describeMigration(target, step)
        const where = { file: migration.file, database: target.database, server: target.server }
        await this.#ask(hooks.before.migration, 'migration', { event: 'before.migration', migration }, where)
      },
      after: async (target, step, { outcome, milliseconds, error }) => {
        const { hooks } = await this.#request.config()
        const migration = describeMigration(target, step)
        const end = { outcome, milliseconds: Math.round(milliseconds), error: describeError(error) }
        await this.#notify(hooks.after.migration, { event: 'after.migration', migration, end })
      },
    }
  }

  #aroundRotation(): RotationHooks {
    return {
      before: async (target, plan) => {
        const { hooks } = await this.#request.config()
        const rotation = describePlan(target, plan)
        const where = { database: target.database, server: target.server }
        await this.#ask(hooks.before.rotation, 'rotation', { event: 'before.rotation', rotation }, where)
      },
      after: async (_target, _plan, outcome) => {
        const { hooks } = await this.#request.config()
        const end = endOfFamily(outcome)
        await this.#notify(hooks.after.rotation, {
          event: 'after.rotation',
          rotation: describeOutcome(outcome),
          end: { ...end, milliseconds: Math.round(end.milliseconds) },
        })
      },
    }
  }

  async #ask(
    hook: HookConfig | null,
    matter: 'run' | 'migration' | 'rotation',
    event: Event,
    where?: Location,
  ): Promise<void> {
    if (hook === null) return
    const { start, stop, redact } = this.#request
    const abandoned = new AbortController()
    const forget = stop.onStop(() => abandoned.abort())
    const input = printDocument({ ...(await this.#describeRun()), ...event } as HookDocument, redact)
    const end = await start(hook, input, abandoned.signal).finally(forget)
    judgeBefore(hook, matter, end, where)
  }

  /** The first Ctrl-C does not end this program: its task is to report the end. */
  async #notify(hook: HookConfig | null, event: Event): Promise<void> {
    if (hook === null) return
    const { start, stop, redact, emit } = this.#request
    const abandoned = new AbortController()
    const forget = stop.onKill(() => abandoned.abort())
    const input = printDocument({ ...(await this.#describeRun()), ...event } as HookDocument, redact)
    const message = judgeAfter(hook, await start(hook, input, abandoned.signal).finally(forget))
    if (message !== null) emit({ type: 'warning', message, target: null })
  }

  async #describeRun(): Promise<HookRun> {
    const { id, command, flags, person, host, toolVersion, ci } = this.#request.identity()
    const config = await this.#request.config()
    return {
      version: 1,
      run: id,
      command,
      flags,
      environment: config.environment,
      protected: config.protected,
      person,
      host,
      actor: ci.actor,
      job: ci.job,
      toolVersion,
      targets: this.#targetsOf(config),
    }
  }

  /** The targets of the plan where the command made one, else those that `--target` selects. Of a database with many targets none is known before the work on it begins. */
  #targetsOf(config: Config): readonly HookTarget[] {
    const { planDigests, targets } = this.#request
    const digests = planDigests()
    return selectDatabases(config, targets)
      .filter(({ name, targets: many }) => many === undefined && (digests.size === 0 || digests.has(name)))
      .map(({ name, schema, server }) => ({
        database: name,
        schema,
        server: server.label,
        planDigest: digests.get(name) ?? null,
      }))
  }
}
