import { periodAt } from '../../calendar/period.ts'
import { defineCommand, defineFlags, type Options } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { ToolError } from '../../core/tool-error.ts'
import { schemasOf } from '../../migrations/plan/placeholders.ts'
import { renderFirst } from '../partitions/render-partitioned.ts'
import { noFamilies, requireKeys, selectFamilies } from '../project.ts'
import { type RenderContext, withSiblings } from '../render-shard.ts'
import { readFamilies } from '../templates/read-families.ts'

const flags = defineFlags({
  'What to render': {
    family: { value: 'FAMILY', description: 'the family', otherwise: 'the only one, if there is just one' },
    key: {
      value: 'KEY',
      description: 'the shard: an instance id, or a period such as 2026-12, 2026-W49 or 2026-12-01',
      otherwise: 'the current period',
    },
    withSiblings: { description: 'also print the shards that it refers to, before it' },
  },
})

type Input = Options<typeof flags>

/** `wwdb template render`: the SQL that creates one shard, ready for the mysql client. Opens no connection. */
export const command = defineCommand({
  name: 'template render',
  group: 'Sharded tables',
  summary: 'the SQL of one shard',
  purpose:
    'Prints the CREATE TABLE statement of one shard of a family, as rotation would send it, for the mysql client ' +
    'or for review. Needs no server.',
  examples: [
    { command: 'wwdb template render --family messages --key 2026-12', purpose: 'the messages of December' },
    {
      command: 'wwdb template render --family group_members --key 42 --with-siblings | mysql contact_db',
      purpose: 'the shards of instance 42, in the order in which they must be made',
    },
  ],
  flags,
  exitCodes: exitCodesOf.project,
  interruption: 'at-once',
  writes: false,
  connects: false,
  async run(options, context) {
    const config = await context.config()
    const families = await readFamilies(config)
    if (families.length === 0) throw noFamilies(config)
    const family = chooseFamily(families, options.family)
    const key = chooseKey(family, options, context.now())
    requireKeys(family, [key])
    const schemas = schemasOf(config)
    const members = options.withSiblings === true ? withSiblings(family, families) : [family]
    const statements = members.map((member) => renderMember(member, key, { schemas, families }))
    // The client's character set may differ, and comments would be stored with wrong characters.
    const content = ['SET NAMES utf8mb4;', ...statements].join('\n\n')
    return { result: { kind: 'document', format: 'text', content: `${content}\n` }, exitCode: exitCodes.done }
  },
})

function chooseFamily(families: readonly ShardFamily[], name: string | undefined): ShardFamily {
  const chosen = selectFamilies(families, name === undefined ? [] : [name])
  const [family] = chosen
  if (family !== undefined && chosen.length === 1) return family
  throw usage('No family is given.', `Give \`--family\`, one of \`${families.map((each) => each.name).join('`, `')}\`.`)
}

/** The value of `--key`; for a family of periods, the current one by default. */
function chooseKey({ name, division }: ShardFamily, { key }: Input, now: number): string {
  if (key !== undefined) return key
  if (division.type === 'key') throw usage(`No shard of \`${name}\` is given.`, 'Give `--key`, for example `--key 42`.')
  return periodAt(now, division.kind, division.zone).key
}

function renderMember(family: ShardFamily, key: string, rendering: RenderContext): string {
  const { text } = renderFirst(family, key, rendering)
  return `-- ${family.name} ${key}, of ${family.template.file}\n${text};`
}

function usage(what: string, next: string): ToolError {
  return new ToolError('USAGE', { what, next })
}
