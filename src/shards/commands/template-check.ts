import * as z from 'zod/mini'
import type { Config, DatabaseConfig } from '../../config/config.ts'
import { selectDatabases } from '../../config/selected-databases.ts'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { addPendingFaults } from '../fan-out/check-pending.ts'
import { selectFamilies } from '../project.ts'
import type { RenderSurroundings } from '../render-shard.ts'
import type { TemplateCheck } from '../template-check.ts'
import { checkTemplate } from '../templates/check-template.ts'
import { readFamilies } from '../templates/read-families.ts'

export const input = z.strictObject({ family: z.optional(z.array(z.string())) })

/** `wwdb template check`: makes each template in a scratch schema and compares. Exit code 1 for faults. */
export async function run({ family = [] }: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const config = await context.config()
  const families = await readFamilies(config)
  const chosen = selectFamilies(families, family)
  const schemas = new Map(config.databases.map((database) => [database.name, database.schema]))
  const templates: TemplateCheck[] = []
  for (const database of selectDatabases(config, context.targets)) {
    const local = chosen.filter((each) => each.database === database.name)
    if (local.length === 0 || context.stop.requested) continue
    templates.push(...(await checkDatabase(config, database, local, { schemas, families }, context)))
  }
  const faulty = templates.some(({ faults }) => faults.length > 0)
  return { result: { kind: 'templates', templates }, exitCode: faulty ? exitCodes.findings : exitCodes.done }
}

async function checkDatabase(
  config: Config,
  database: DatabaseConfig,
  families: readonly ShardFamily[],
  surroundings: RenderSurroundings,
  context: Context,
): Promise<readonly TemplateCheck[]> {
  const servers = await context.shardServers()
  const store = await servers.open(database, config.timeouts, false)
  try {
    const checks: TemplateCheck[] = []
    for (const family of families) checks.push(await checkTemplate(family, store, surroundings, context.now()))
    return await addPendingFaults(context, config, { database, families, surroundings }, checks)
  } finally {
    await store.close()
  }
}
