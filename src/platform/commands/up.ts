import type { CommandResult, Context } from '../../command/context.ts'
import { defineCommand, defineFlags, type Options } from '../../command/define-command.ts'
import type { Result } from '../../command/result.ts'
import { allow } from '../../command/shared-flags.ts'
import { selectDatabases } from '../../config/config.ts'
import { type ExitCode, exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { StoreKind } from '../../core/store.ts'
import { ToolError } from '../../core/tool-error.ts'
import { createSchemas } from '../../databases/create-schemas.ts'
import { explainUnknownCode } from '../../lint/allowances.ts'
import { migrate } from '../../migrations/migrate.ts'
import { readSeeds } from '../../seeds/files/read-seeds.ts'
import { seed } from '../../seeds/seed-databases.ts'
import { shardSteps } from '../../shards/fan-out/shard-steps.ts'
import { rotate } from '../../shards/rotation/rotate.ts'
import { readFamilies } from '../../shards/templates/read-families.ts'
import { readAllowedLosses, splitAllowed } from '../../stores/allowed-losses.ts'
import { applyDeclarations } from '../../stores/apply-declarations.ts'
import { chooseStores } from '../../stores/open-stores.ts'
import type { StoreOutcome } from '../../stores/outcome.ts'
import {
  describePlaces,
  faultsOf,
  findingsOf,
  isIdle,
  listUnreached,
  type PlatformStep,
  type PlatformStepOutcome,
  platformSteps,
  summarize,
} from '../platform.ts'

const flags = defineFlags({
  'What to do': {
    skip: {
      value: 'STEP',
      description: 'skip this step; may be repeated',
      choices: platformSteps,
      repeatable: true,
    },
  },
  Safety: {
    allow: {
      ...allow,
      description:
        'allow this hazard of a migration, or this loss of a store, as `wwdb setup apply` does; may be repeated',
    },
  },
})

type Given = Options<typeof flags>

/**
 * `wwdb up`: the whole platform, step by step. A step that fails stops only the steps that depend on it; where it failed
 * only for databases whose servers were not reached, those steps continue with the other databases.
 */
export const command = defineCommand({
  name: 'up',
  group: 'Stores and environments',
  summary: 'set up everything: schemas, migrations, shards, seeds, stores',
  purpose:
    'Does in one run what `wwdb db create`, `wwdb migrate`, `wwdb rotate run`, `wwdb seed` and `wwdb setup apply` ' +
    'do, in that order, and shows on one screen the result of each and where everything is. A failed step stops ' +
    'only the steps that depend on it. When run again, it does what is left, or reports that there was nothing to ' +
    'do.',
  examples: [
    { command: 'wwdb up', purpose: 'on empty servers, or to bring all to the state of the files' },
    { command: 'wwdb up --skip setup', purpose: 'MySQL alone' },
  ],
  flags,
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  stores: true,
  async run(options, context) {
    const started = performance.now()
    // An unknown `--allow` code is refused before anything is written, even where no store is set up.
    readAllowedLosses(splitAllowed(options.allow ?? []).filter((word) => !isHazard(word)))
    const wanted = new Map<PlatformStep, boolean>()
    for (const { step, wanted: isWanted } of stages) {
      wanted.set(step, options.skip?.includes(step) !== true && (await isWanted(context)))
    }
    // Faults of files are reported before anything is written anywhere.
    if (wanted.get('setup') === true) await chooseStores(context, await storesWithUrl(context))
    const outcomes: PlatformStepOutcome[] = []
    let stores: readonly StoreOutcome[] = []
    const reach = new Reach(selectDatabases(await context.config(), context.targets).map(({ name }) => name))
    for (const stage of stages) {
      const { outcome, result } = await take(stage, wanted, outcomes, { context, options, reach })
      outcomes.push(outcome)
      if (result?.kind === 'store-run') stores = result.stores
    }
    const places = await describePlaces(context, wanted, stores)
    return {
      result: { kind: 'platform', steps: outcomes, places, milliseconds: performance.now() - started },
      exitCode: outcomes.map(({ exitCode }) => exitCode).find((code) => code !== exitCodes.done) ?? exitCodes.done,
    }
  },
})

/** One step: the steps it depends on, whether the project has anything for it, and the function that does it. */
interface Stage {
  readonly step: PlatformStep
  readonly after: readonly PlatformStep[]
  readonly wanted: (context: Context) => Promise<boolean>
  readonly run: (context: Context, options: Given) => Promise<CommandResult>
}

/** A store that is declared without a URL is not configured here: it is skipped, and the summary says so. */
async function storesWithUrl(context: Context): Promise<readonly StoreKind[]> {
  return (await context.config()).stores.filter(({ hasUrl }) => hasUrl).map(({ store }) => store)
}

/** Hazards of migrations have their own codes; every other code belongs to a store. */
const isHazard = (code: string): boolean => explainUnknownCode(code) === null

const always = async (): Promise<boolean> => true

const stages: readonly Stage[] = [
  { step: 'create', after: [], wanted: always, run: createSchemas },
  {
    step: 'migrate',
    after: ['create'],
    wanted: always,
    run: (context, { allow = [] }) => migrate(context, { allow: splitAllowed(allow).filter(isHazard) }, shardSteps),
  },
  {
    step: 'rotate',
    after: ['create', 'migrate'],
    wanted: async (context) => (await readFamilies(await context.config())).length > 0,
    run: (context) => rotate(context),
  },
  {
    step: 'seed',
    after: ['create', 'migrate'],
    wanted: async (context) => readSeeds(await context.config()).length > 0,
    run: (context) => seed(context, { only: [], prune: false }),
  },
  {
    step: 'setup',
    after: [],
    wanted: async (context) => (await storesWithUrl(context)).length > 0,
    run: async (context, { allow = [] }) =>
      applyDeclarations(
        context,
        await storesWithUrl(context),
        splitAllowed(allow).filter((word) => !isHazard(word)),
      ),
  },
]

/** How a step went, with its own answer where there is one. */
interface Taken {
  readonly outcome: PlatformStepOutcome
  readonly result: Result | null
}

async function take(
  stage: Stage,
  wanted: ReadonlyMap<PlatformStep, boolean>,
  before: readonly PlatformStepOutcome[],
  { context, options, reach }: { readonly context: Context; readonly options: Given; readonly reach: Reach },
): Promise<Taken> {
  const { step, after } = stage
  const none = { step, summary: '', milliseconds: 0, exitCode: exitCodes.done, faults: [], findings: [] }
  if (wanted.get(step) !== true) return { outcome: { ...none, state: 'left-out' }, result: null }
  const missing = before.find((one) => after.includes(one.step) && isBad(one.state) && !reach.canContinue(one))
  if (missing !== undefined) {
    return { outcome: { ...none, state: 'not-started', summary: `${missing.step} comes first` }, result: null }
  }
  if (context.stop.requested) return { outcome: { ...none, state: 'stopped' }, result: null }
  const started = performance.now()
  try {
    const { result, exitCode } = await stage.run(reach.narrow(context), options)
    reach.learn(step, result)
    const faults = faultsOf(result)
    const state =
      exitCode !== exitCodes.done || faults.length > 0 ? 'failed' : isIdle(result) ? 'nothing-to-do' : 'done'
    const milliseconds = performance.now() - started
    const findings = findingsOf(result)
    return { outcome: { step, state, summary: summarize(result), milliseconds, exitCode, faults, findings }, result }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    const exitCode: ExitCode = error.exitCode
    const milliseconds = performance.now() - started
    return { outcome: { ...none, state: 'failed', milliseconds, exitCode, faults: error.faults }, result: null }
  }
}

/** The databases with which later steps continue, after one that did not reach all of them. */
class Reach {
  #names: readonly string[]
  #isWhole = true
  /** Steps that reached some of their databases, and failed for no other reason. */
  readonly #partial = new Set<PlatformStep>()

  constructor(names: readonly string[]) {
    this.#names = names
  }

  learn(step: PlatformStep, result: Result): void {
    const lacking = listUnreached(result)
    if (lacking.length === 0) return
    this.#names = this.#names.filter((name) => !lacking.includes(name))
    this.#isWhole = false
    this.#partial.add(step)
  }

  canContinue({ step, exitCode }: PlatformStepOutcome): boolean {
    return exitCode === exitCodes.unreachable && this.#partial.has(step) && this.#names.length > 0
  }

  narrow(context: Context): Context {
    return this.#isWhole ? context : { ...context, targets: this.#names }
  }
}

function isBad(state: PlatformStepOutcome['state']): boolean {
  return state === 'failed' || state === 'not-started' || state === 'stopped'
}
