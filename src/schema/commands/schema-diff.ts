import { defineCommand } from '../../command/define-command.ts'
import { exitCode, fresh } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { withSameChecks } from '../../ddl/vitess-checks.ts'
import { exitCodeWith } from '../../migrations/unreached.ts'
import { warnOfHandWork } from '../by-hand.ts'
import { diffDatabases, type SchemaPair } from '../diff.ts'
import { renameFlags } from '../drift/rename-flags.ts'
import { checkRenameFlags, readRenames, settleRenames, withOpenRenames } from '../drift/settle-renames.ts'
import { nameSchemas, showSchemas } from '../drift/show-schemas.ts'
import { orderSaved } from '../order-saved.ts'
import { printSql } from '../print-sql.ts'
import { knowSides } from '../sources/know-sides.ts'
import type { SourcedSchema } from '../sources/read-live.ts'
import { databasesOf, parseSource, readReachable, warnOfUnreached } from '../sources/sources.ts'
import { listUncompared } from '../uncompared.ts'
import { listUneven, refuseUneven } from '../uneven-schema.ts'
import { finishSaved, planSaved, writeSavedMigration } from '../write/save-migration.ts'

const sourceWords = 'live, files or applied (replayed in scratch schemas), env:NAME or file:PATH'

/** `wwdb schema diff`: how two schemas differ, and the SQL from one to the other. Writes nothing. */
export const command = defineCommand({
  name: 'schema diff',
  group: 'Databases and projects',
  summary: 'show how two schemas differ, and the SQL from one to the other',
  purpose:
    'Compares each database on two sides by object, and prints the statements that turn the first side into the ' +
    'second, in an executable order, with their hazards. A renamed column looks like one that is dropped and one that ' +
    'is added: `--rename` states that they are the same, `--not-renamed` that they are not. Without an answer no statements are printed.',
  examples: [
    { command: 'wwdb schema diff --from live --to files', purpose: 'what the migration files would still change' },
    { command: 'wwdb schema diff --to env:staging --sql', purpose: 'the SQL that makes this environment like another' },
  ],
  flags: {
    'What to compare': {
      from: { value: 'SOURCE', description: sourceWords, default: 'live' },
      to: { value: 'SOURCE', description: 'the same: the target of the change', default: 'files' },
      ...renameFlags,
      fresh,
    },
    'What to print': {
      sql: { description: 'only the statements from --from to --to, for the mysql client' },
      save: {
        value: 'NAME',
        description: 'write the difference as a migration of each database, up from --from to --to, with a down part',
        conflicts: ['sql'],
      },
      exitCode: { ...exitCode, description: 'exit with 1 if anything differs' },
    },
  },
  exitCodes: [...exitCodesOf.servers, exitCodes.findings],
  interruption: 'at-once',
  writes: true,
  connects: true,
  vtgate: true,
  async run(options, context) {
    checkRenameFlags(options)
    for (const name of namesOf(options.save)) await finishSaved(context, name)
    const sources = {
      from: parseSource('from', options.from, options.fresh),
      to: parseSource('to', options.to, options.fresh),
    }
    const { schemas: found, unreached: lost } = await readReachable(context, sources.from)
    const { schemas: wanted, unreached: absent } = await readReachable(context, sources.to)
    const known = new Set(lost.map(({ target }) => target.database))
    const unreached = [...lost, ...absent.filter(({ target }) => !known.has(target.database))]
    const pairs = found.flatMap(({ database, snapshot, hidden }): readonly SchemaPair[] => {
      const other = wanted.find((one) => one.database.name === database.name)
      if (other === undefined) return []
      const sides = { wanted: other.snapshot, found: snapshot, hidden: [...new Set([...hidden, ...other.hidden])] }
      return [withSameChecks(sides)]
    })
    const sides = pairs.map((pair) => ({ before: pair.found, after: pair.wanted }))
    const isWritten = options.sql || options.save !== undefined
    const { renames, open } = isWritten
      ? { renames: await settleRenames(context, sides, options), open: [] }
      : readRenames(sides, options)
    const databases = diffDatabases(isWritten ? await knowSides(context, pairs, sources) : pairs, renames)
    const differences = databases.reduce((sum, one) => sum + one.differences.length, 0)
    const uneven = listUneven([...found, ...wanted])
    const own = options.exitCode && differences + uneven.length > 0 ? exitCodes.findings : exitCodes.done
    const code = exitCodeWith(own, unreached.length > 0)
    if (isWritten) warnOfUnreached(context, unreached)
    if (isWritten) refuseUneven(uneven)
    if (isWritten) warnOfHandWork(context, databases)
    if (options.save !== undefined) {
      const config = await context.config()
      const saved = planSaved(config, orderSaved(databases, pairs, options.save), [], context.now())
      const changed = saved.flatMap((one) => writeSavedMigration(config, one))
      const next =
        saved.length === 0
          ? []
          : ['Review it, then apply it with `wwdb migrate`, or record it with `wwdb mark VERSION --applied`.']
      const created = saved.map(({ file }) => file)
      return { result: { kind: 'files', created, changed, next }, exitCode: code }
    }
    const held = await databasesOf(context, sources.from)
    if (options.sql) {
      const isThere = ['live', 'environment'].includes(sources.from.type)
      const schemas = isThere ? found.map(({ database: { name, schema } }) => [name, schema] as const) : []
      const content = nameSchemas(printSql(databases, pairs, new Map(schemas), databases.length > 1), held)
      return { result: { kind: 'document', format: 'text', content }, exitCode: code }
    }
    const { from, to } = options
    const shown = withOpenRenames(showSchemas(databases, held), open)
    const uncompared = listUncompared(compareVschemas(found, wanted))
    const compared = {
      ...{ from, to, databases: shown, differences, ...(uneven.length > 0 && { uneven }) },
      ...(uncompared.length > 0 && { uncompared }),
      unreached,
    }
    return { result: { kind: 'schema-diff', ...compared }, exitCode: code }
  },
})

/** The keyspaces of either side. */
const compareVschemas = (found: readonly SourcedSchema[], wanted: readonly SourcedSchema[]) =>
  found.flatMap((one) => {
    const other = wanted.find(({ database: { name } }) => name === one.database.name)
    if (other === undefined) return []
    const [own] = [one, other].filter(({ snapshot }) => snapshot.vschema !== undefined)
    const isCompared = [one, other].every(({ snapshot }) => snapshot.vschema !== undefined)
    const vschema = isCompared ? ('compared' as const) : ('one-sided' as const)
    const unseen = one.vschemaUnseen ?? other.vschemaUnseen
    return [{ database: (own ?? one).database, vschema, fault: one.vschemaFault ?? other.vschemaFault, unseen }]
  })

/** The allowed names of the files of a difference. */
function namesOf(name: string | undefined): readonly string[] {
  return name === undefined ? [] : [`${name}_before`, name, `${name}_after`]
}
