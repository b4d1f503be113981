import type { Config } from '../config/config.ts'
import { ToolError } from '../core/tool-error.ts'
import type { ProvisionRegistry, ProvisionServers, ResetOutcome, Resetter } from './ports.ts'
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

/** Opens connections that compare a test environment with its template. Throws ToolError `TEST_ENVIRONMENT_UNKNOWN`, `TEST_ENVIRONMENT_WITHOUT_TEMPLATE`. */
export async function openReset({ config, servers, registry, name }: ResetOptions): Promise<EnvironmentReset> {
  const record = await registry.find(name)
  if (record === null || record.kind !== 'environment' || record.state !== 'ready') throw isUnknown(name)
  const template = record.template === null ? null : await registry.find(record.template)
  const text = template === null ? null : await registry.readRecipe(template.name)
  if (template === null || text === null) throw hasNoTemplate(name)
  const resetters: Resetter[] = []
  const close = async (): Promise<void> => {
    await Promise.all(resetters.map((one) => one.close()))
  }
  try {
    for (const [server, recipe] of parseRecipes(text)) {
      const request = { recipe, from: template.prefix, to: record.prefix }
      resetters.push(await servers.openResetter(databaseOn(config.databases, server), config.timeouts, request))
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    prefix: record.prefix,
    reset: async () => {
      const outcomes = await Promise.all(resetters.map((one) => one.reset()))
      return {
        restored: outcomes.flatMap(({ restored }) => restored),
        dropped: outcomes.flatMap(({ dropped }) => dropped),
      }
    },
    close,
  }
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
