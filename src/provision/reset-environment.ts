import type { Config } from '../config/config.ts'
import { ToolError } from '../core/tool-error.ts'
import { parseRecipes } from './clone-source.ts'
import type { ProvisionRegistry, ProvisionServers, ResetOutcome, ResetRequest, Resetter } from './ports.ts'
import { findEnvironment } from './remove-environment.ts'
import { databaseOn } from './variables.ts'

/** A test environment that can be reset to its seeded state any number of times. */
export interface EnvironmentReset {
  /** The prefix of the test environment's schemas. */
  readonly prefix: string
  readonly reset: () => Promise<ResetOutcome>
  readonly close: () => Promise<void>
}

export interface ResetOptions {
  readonly config: Config
  readonly servers: ProvisionServers
  readonly registry: ProvisionRegistry
  readonly name: string
}

/**
 * Finds a test environment and its template. Connections that compare the two are opened by the first reset: whoever wants to know the variables alone, as a set-up
 * file that runs for each test file, leaves none open.
 * Throws ToolError `TEST_ENVIRONMENT_UNKNOWN`, `TEST_ENVIRONMENT_WITHOUT_TEMPLATE`; resets also `TEST_ENVIRONMENT_REPLACED`.
 */
export async function openReset({ config, servers, registry, name }: ResetOptions): Promise<EnvironmentReset> {
  const record = await findEnvironment(registry, name)
  const template = record.template === null ? null : await registry.find(record.template)
  const text = template === null ? null : await registry.readRecipe(template.name)
  if (template === null || text === null) throw hasNoTemplate(name)
  const prefixes = { from: template.prefix, to: record.prefix }
  let resetters: Promise<Resetters> | null = null
  const reset = async (): Promise<ResetOutcome> => {
    resetters ??= openResetters({ config, servers }, text, prefixes)
    const opened = await resetters.catch((error: unknown) => {
      // The next reset tries again.
      resetters = null
      throw error
    })
    return resetAll(opened, async () => {
      // What was made again from other files since must not become what it was.
      if ((await opened.get('')?.findRegistered(name))?.template !== template.name) throw isReplaced(name)
    })
  }
  const close = async (): Promise<void> => {
    const opened = await resetters?.catch(() => null)
    resetters = null
    await closeAll(opened ?? new Map())
  }
  return { prefix: record.prefix, reset: () => againWhereLost(reset, close), close }
}

/**
 * Does it once more where a connection was lost: those that stay open between tests may be lost meanwhile, as the server was started again or ended them. What was put back before
 * that is found as it was.
 * @param close closes the connections, so that others are opened
 */
export async function againWhereLost<T>(work: () => Promise<T>, close: () => Promise<void>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ToolError && error.code === 'CONNECTION_LOST')) throw error
    await close()
    return work()
  }
}

/** By server; the registry is on that of the empty name. */
export type Resetters = ReadonlyMap<string, Resetter>

export async function openResetters(
  { config, servers }: Pick<ResetOptions, 'config' | 'servers'>,
  text: string,
  prefixes: Pick<ResetRequest, 'from' | 'to'>,
): Promise<Resetters> {
  const resetters = new Map<string, Resetter>()
  try {
    for (const [server, recipe] of parseRecipes(text)) {
      const database = databaseOn(config.databases, server)
      resetters.set(server, await servers.openResetter(database, config.timeouts, { recipe, ...prefixes }))
    }
  } catch (error) {
    await closeAll(resetters)
    throw error
  }
  return resetters
}

export async function closeAll(resetters: Resetters): Promise<void> {
  await Promise.all([...resetters.values()].map((one) => one.close()))
}

/** @param confirm throws where nothing may be changed */
export async function resetAll(resetters: Resetters, confirm: () => Promise<void>): Promise<ResetOutcome> {
  const outcomes = await Promise.all([...resetters.values()].map((one) => one.reset(confirm)))
  return {
    restored: outcomes.flatMap(({ restored }) => restored),
    dropped: outcomes.flatMap(({ dropped }) => dropped),
  }
}

function isReplaced(name: string): ToolError {
  return new ToolError('TEST_ENVIRONMENT_REPLACED', {
    what: `The test environment \`${name}\` was dropped, or created again from other files, since this process attached to it.`,
    why: 'A reset would take new migrations back.',
    next: 'Close it, and call `attach()` again.',
  })
}

function hasNoTemplate(name: string): ToolError {
  return new ToolError('TEST_ENVIRONMENT_WITHOUT_TEMPLATE', {
    what: `The test environment \`${name}\` cannot be reset to its seeded state: it has no template.`,
    why: 'It was created with `--fresh`, or its template was dropped.',
    next: 'Create it without `--fresh`.',
  })
}
