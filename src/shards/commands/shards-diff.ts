import { defineCommand } from '../../command/define-command.ts'
import { families } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { inspectAlterations, printAlterations } from '../inspect/inspect-alterations.ts'
import { readReachable, readShardProject } from '../project.ts'

/**
 * `wwdb shards diff`: how shards differ from the template's table in a scratch schema, and with --sql the ALTERs that
 * bring them back. Changes no table; exit code 1 where there is a difference.
 */
export const command = defineCommand({
  name: 'shards diff',
  group: 'Sharded tables',
  summary: 'how shards differ from their template, with the ALTER TABLE statements',
  purpose:
    'Creates each template in a scratch schema, and compares every shard with it. Shards with the same ' +
    'differences are shown together, with the ALTER TABLE statements that match them to the template; statements ' +
    'that may lose data are marked. With `--sql` the statements are printed for every table, as a script for the ' +
    'mysql client. Changes no shard. Exit code 1 if there is a difference.',
  examples: [
    { command: 'wwdb shards diff', purpose: 'all families' },
    { command: 'wwdb shards diff --family messages --sql > repair.sql', purpose: 'a script to review' },
  ],
  flags: {
    'What to compare': {
      family: families,
      sql: { description: 'print the statements for every table, and nothing else' },
    },
  },
  exitCodes: [...exitCodesOf.servers, exitCodes.findings],
  interruption: 'at-once',
  writes: false,
  connects: true,
  vtgate: true,
  async run({ family = [], sql = false }, context) {
    const project = await readShardProject(context, family)
    const altered = await readReachable(project, (store, database) =>
      inspectAlterations(project.request, database, store),
    )
    const { unseen } = altered
    const found = altered.seen.flatMap(({ families }) => families)
    const families = found.map(({ alterations }) => alterations)
    const differs = families.some(({ groups }) => groups.length > 0)
    const exitCode = altered.exitCode ?? (differs ? exitCodes.findings : exitCodes.done)
    if (sql) {
      const missing = unseen.map(
        ({ target, fault }) => `-- NOT CHECKED: ${target.database}. ${fault.what.replaceAll(/\s+/g, ' ')}\n`,
      )
      const scripts = [...missing, ...found.map((one) => printAlterations(one, project.request.families))].filter(
        (text) => text !== '',
      )
      const content = scripts.length === 0 ? '-- Every shard matches its template.\n' : scripts.join('\n')
      return { result: { kind: 'document', format: 'text', content }, exitCode }
    }
    return { result: { kind: 'shard-diff', families, unseen }, exitCode }
  },
})
