import * as z from 'zod/mini'
import { periodAt } from '../../calendar/period.ts'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { ToolError } from '../../core/tool-error.ts'
import { demandKeys, selectFamilies } from '../project.ts'
import { type RenderSurroundings, renderShard, withSiblings } from '../render-shard.ts'
import { readFamilies } from '../templates/read-families.ts'

export const input = z.strictObject({
  family: z.optional(z.string()),
  period: z.optional(z.string()),
  key: z.optional(z.string()),
  withSiblings: z.optional(z.boolean()),
})

type Input = z.infer<typeof input>

/** `wwdb template render`: the SQL that makes one shard, ready for the mysql client. Opens no connection. */
export async function run(wish: Input, context: Context): Promise<CommandResult> {
  const config = await context.config()
  const families = await readFamilies(config)
  const family = chooseFamily(families, wish.family)
  const key = chooseKey(family, wish, context.now())
  demandKeys(family, [key])
  const schemas = new Map(config.databases.map((database) => [database.name, database.schema]))
  const members = wish.withSiblings === true ? withSiblings(family, families) : [family]
  const statements = members.map((member) => renderMember(member, key, { schemas, families }))
  // The client's character set may be another, and comments in it would be stored as other letters.
  const content = ['SET NAMES utf8mb4;', ...statements].join('\n\n')
  return { result: { kind: 'document', format: 'text', content: `${content}\n` }, exitCode: exitCodes.done }
}

function chooseFamily(families: readonly ShardFamily[], name: string | undefined): ShardFamily {
  const chosen = selectFamilies(families, name === undefined ? [] : [name])
  const [family] = chosen
  if (family !== undefined && chosen.length === 1) return family
  throw usage(
    'Which family to render is not said.',
    `Give --family, one of ${families.map((each) => each.name).join(', ')}.`,
  )
}

/** What `--period` or `--key` says; for a family of periods the present one where nothing is said. */
function chooseKey(family: ShardFamily, { period, key }: Input, now: number): string {
  const { division } = family
  if (division.type === 'key') {
    if (period !== undefined) throw usage(`${family.name} is cut by keys, not by periods.`, 'Give --key.')
    if (key === undefined)
      throw usage(`Which shard of ${family.name} to render is not said.`, 'Give --key, e.g. --key 42.')
    return key
  }
  if (key !== undefined) throw usage(`${family.name} is cut by the ${division.kind}, not by keys.`, 'Give --period.')
  return period ?? periodAt(now, division.kind, division.zone).key
}

function renderMember(family: ShardFamily, key: string, surroundings: RenderSurroundings): string {
  const { text } = renderShard(family, { key }, surroundings)
  return `-- ${family.name} ${key}, of ${family.template.file}\n${text};`
}

function usage(what: string, next: string): ToolError {
  return new ToolError('USAGE', { what, next })
}
