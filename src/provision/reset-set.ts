import type { Config } from '../config/config.ts'
import { ToolError } from '../core/tool-error.ts'
import type { ProvisionRegistry, ProvisionServers, ResetOutcome, Resetter } from './ports.ts'
import { parseRecipes } from './template.ts'
import { databaseOn } from './variables.ts'

/** A set that can be taken back to its seeded state again and again. */
export interface SetReset {
  /** What the set's schemas begin with. */
  readonly prefix: string
  readonly reset: () => Promise<ResetOutcome>
  readonly close: () => Promise<void>
}

export interface ResetWish {
  readonly config: Config
  readonly servers: ProvisionServers
  readonly registry: ProvisionRegistry
  readonly name: string
}

/** Opens connections that compare a set with its template. Throws ToolError `SET_UNKNOWN`, `SET_WITHOUT_TEMPLATE`. */
export async function openReset({ config, servers, registry, name }: ResetWish): Promise<SetReset> {
  const record = await registry.find(name)
  if (record === null || record.kind !== 'set' || record.state !== 'ready') throw isUnknown(name)
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
  return new ToolError('SET_UNKNOWN', {
    what: `There is no set "${name}" that is whole`,
    next: '`wwdb provision list` shows those that there are.',
  })
}

function hasNoTemplate(name: string): ToolError {
  return new ToolError('SET_WITHOUT_TEMPLATE', {
    what: `The set "${name}" cannot be taken back to its seeded state: it has no template`,
    why: 'it was made with --fresh, or its template is gone',
    next: 'Make it without --fresh.',
  })
}
