import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { families } from '../../command/shared-flags.ts'
import type { Config, DatabaseConfig } from '../../config/config.ts'
import { selectDatabases } from '../../config/config.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { schemasOf } from '../../migrations/plan/placeholders.ts'
import type { TemplateCheck } from '../answers.ts'
import { addPendingFaults } from '../fan-out/check-pending.ts'
import { shardServers } from '../ports.ts'
import { selectFamilies } from '../project.ts'
import type { RenderContext } from '../render-shard.ts'
import { checkTemplate } from '../templates/check-template.ts'
import { readFamilies } from '../templates/read-families.ts'

/** `wwdb template check`: creates each template in a scratch schema and compares. Exit code 1 for faults. */
export const command = defineCommand({
  name: 'template check',
  group: 'Sharded tables',
  summary: 'create each shard template in a scratch schema and compare',
  purpose:
    'Creates two shards of every family in a scratch schema of its server, together with those they refer to, and ' +
    'compares the result with the template: names, columns, their types, indexes and options. Shows what the ' +
    'server changed, and shards of one family that would differ from each other. If shards already exist, it also ' +
    'proves that they and the pending migrations on them match the template. The scratch schema is dropped; ' +
    'nothing is written to your schemas.',
  examples: [
    { command: 'wwdb template check', purpose: 'every family' },
    { command: 'wwdb template check --family messages', purpose: 'one of them' },
  ],
  flags: { 'What to check': { family: families } },
  exitCodes: [...exitCodesOf.servers, exitCodes.findings],
  interruption: 'at-once',
  writes: false,
  connects: true,
  vtgate: true,
  async run({ family = [] }, context) {
    const config = await context.config()
    const families = await readFamilies(config)
    const chosen = selectFamilies(families, family)
    const schemas = schemasOf(config)
    const templates: TemplateCheck[] = []
    for (const database of selectDatabases(config, context.targets)) {
      const local = chosen.filter((each) => each.database === database.name)
      if (local.length === 0 || context.stop.requested) continue
      templates.push(...(await checkDatabase(config, database, local, { schemas, families }, context)))
    }
    const faulty = templates.some(({ faults }) => faults.length > 0)
    return { result: { kind: 'templates', templates }, exitCode: faulty ? exitCodes.findings : exitCodes.done }
  },
})

async function checkDatabase(
  config: Config,
  database: DatabaseConfig,
  families: readonly ShardFamily[],
  rendering: RenderContext,
  context: Context,
): Promise<readonly TemplateCheck[]> {
  const servers = await context.port(shardServers)
  const store = await servers.open(database, config.timeouts, false)
  try {
    const checks: TemplateCheck[] = []
    for (const family of families) checks.push(await checkTemplate(family, store, rendering, context.now()))
    return await addPendingFaults(context, config, { database, families, rendering }, checks)
  } finally {
    await store.close()
  }
}
