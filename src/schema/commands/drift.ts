import { defineCommand } from '../../core/command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { SchemaSnapshot } from '../../sql/snapshot.ts'
import { diffSchemas } from '../diff.ts'
import { printSql } from './schema-diff.ts'
import { findApplied, nameSchemas, readSource } from './sources.ts'

/**
 * Tables of online schema change tools that are under way: gh-ost (`_t_gho`, `_t_ghc`, `_t_del`) and pt-online-schema-change (`_t_new`, `_t_old`).
 */
const ghostTable = /^_.+_(?:gho|ghc|del|new|old)$/

/** `wwdb drift`: what was changed in the databases by other means than their migrations. Writes nothing. */
export const command = defineCommand({
  name: 'drift',
  group: 'Migrations',
  summary: 'find what was changed in the databases by hand',
  purpose:
    'Replays the applied migrations in scratch schemas, and compares what they make with the databases as they are: columns, indexes, keys, views, ' +
    'routines, triggers and events that were added, changed or removed by other means. Shards, tables of wwdb and of online schema change tools are ' +
    'left out. Differences end with 1.',
  examples: [
    { command: 'wwdb drift', purpose: 'from monitoring, or before a deployment' },
    {
      command: 'wwdb drift -t user_db --sql',
      purpose: 'the statements that take the changes back, to be reviewed and run',
    },
  ],
  flags: {
    'What to print': { sql: { description: 'only the statements that take the changes back, for the mysql client' } },
  },
  exitCodes: [...exitCodesOf.servers, exitCodes.findings],
  interruption: 'at-once',
  writes: false,
  connects: true,
  async run(options, context) {
    const steps = await findApplied(context)
    const live = await readSource(context, { type: 'live' })
    const applied = await readSource(context, { type: 'applied', steps })
    const databases = live.flatMap(({ database, snapshot, hidden }) => {
      const label = steps.unfinished.get(database.name)
      if (label !== undefined) {
        const message = `${database.name} is left out: \`${label}\` is under way, or stopped half way.`
        context.emit({ type: 'warning', message, target: null })
        return []
      }
      const made = applied.find((one) => one.database.name === database.name)
      return made === undefined ? [] : [diffSchemas(made.snapshot, withoutGhosts(snapshot), [], hidden)]
    })
    const differences = databases.reduce((sum, one) => sum + one.differences.length, 0)
    const exitCode = differences > 0 ? exitCodes.findings : exitCodes.done
    if (options.sql) {
      const content = nameSchemas(
        printSql(databases, new Map(live.map(({ database }) => [database.name, database.schema]))),
        await context.config(),
      )
      return { result: { kind: 'document', format: 'text', content }, exitCode }
    }
    return { result: { kind: 'schema-diff', from: 'live', to: 'applied', databases, differences }, exitCode }
  },
})

function withoutGhosts(snapshot: SchemaSnapshot): SchemaSnapshot {
  return {
    ...snapshot,
    objects: snapshot.objects.filter(({ type, name }) => type !== 'table' || !ghostTable.test(name)),
  }
}
