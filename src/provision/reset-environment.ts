import type { Config } from '../config/config.ts'
import { ToolError } from '../core/tool-error.ts'
import type { ProvisionRegistry, ProvisionServers, ResetOutcome, ResetRequest, Resetter } from './ports.ts'
import { parseRecipes } from './template.ts'
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
  const record = await registry.find(name)
  if (record === null || record.kind !== 'environment' || record.state !== 'ready') throw isUnknown(name)
  const template = record.template === null ? null : await registry.find(record.template)
  const text = template === null ? null : await registry.readRecipe(template.name)
  if (template === null || text === null) throw hasNoTemplate(name)
  const prefixes = { from: template.prefix, to: record.prefix }
  let resetters: Promise<Resetters> | null = null
  return {
    prefix: record.prefix,
    reset: async () => {
      resetters ??= openResetters({ config, servers }, text, prefixes)
      const opened = await resetters.catch((error: unknown) => {
        // The next reset tries again.
        resetters = null
        throw error
      })
      return resetAll(opened, { name, template: template.name })
    },
    close: async () => {
      const opened = await resetters?.catch(() => null)
      resetters = null
      await closeAll(opened ?? new Map())
    },
  }
}

/** By server. */
type Resetters = ReadonlyMap<string, Resetter>

async function openResetters(
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

async function closeAll(resetters: Resetters): Promise<void> {
  await Promise.all([...resetters.values()].map((one) => one.close()))
}

/** What was made again from other files since must not become what it was. */
async function resetAll(
  resetters: Resetters,
  { name, template }: { readonly name: string; readonly template: string },
): Promise<ResetOutcome> {
  const confirm = async (): Promise<void> => {
    if ((await resetters.get('')?.findTemplate(name)) !== template) throw isReplaced(name)
  }
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

function isUnknown(name: string): ToolError {
  return new ToolError('TEST_ENVIRONMENT_UNKNOWN', {
    what: `There is no complete test environment \`${name}\`.`,
    next: '`wwdb provision list` lists the existing ones.',
  })
}

function hasNoTemplate(name: string): ToolError {
  return new ToolError('TEST_ENVIRONMENT_WITHOUT_TEMPLATE', {
    what: `The test environment \`${name}\` cannot be reset to its seeded state: it has no template.`,
    why: 'It was created with `--fresh`, or its template was dropped.',
    next: 'Create it without `--fresh`.',
  })
}
