import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Config } from '../../config/config.ts'
import { defineCommand } from '../../core/command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { assertNever } from '../../core/tool-error.ts'
import { exitCodeWith } from '../../migrations/unreached.ts'
import { fingerprintSchema } from '../../sql/snapshot.ts'
import { renderDbml, renderMermaid } from '../render-diagram.ts'
import { renderSchema } from '../render-sql.ts'
import type { SourcedSchema } from './read-live.ts'
import { nameSchemas, parseSource, readReachable, refuseHidden, warnOfUnreached } from './sources.ts'

const formats = ['sql', 'json', 'mermaid', 'dbml'] as const

/** `wwdb schema dump`: a schema as SQL that makes it again, as JSON, or as a diagram. Writes nothing to a database. */
export const command = defineCommand({
  name: 'schema dump',
  group: 'Databases and projects',
  summary: 'print a schema as SQL that makes it again, as JSON, or as a diagram',
  purpose:
    'Prints the tables, views, routines, triggers and events of every database in a normal form: the same schema gives ' +
    'the same text, whichever server made it. Tables of wwdb and shards are left out: shards are what their templates ' +
    'make. AUTO_INCREMENT and DEFINER are left out, too.',
  examples: [
    { command: 'wwdb schema dump -t user_db --out user_db.sql', purpose: 'the definitions of one database, in a file' },
    {
      command: 'wwdb schema dump --from files --as mermaid',
      purpose: 'a diagram of what the migration files make',
    },
  ],
  flags: {
    'What to print': {
      as: { value: 'FORMAT', description: 'what to print', choices: formats, default: 'sql' },
      from: {
        value: 'SOURCE',
        description: 'live, files (replayed in scratch schemas), env:NAME or file:PATH',
        default: 'live',
      },
      out: { value: 'FILE', type: 'file', description: 'write it to this file' },
      definers: { description: 'write DEFINER with what has one' },
    },
  },
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: false,
  connects: true,
  async run(options, context) {
    const { schemas, unreached } = await readReachable(context, parseSource('from', options.from))
    refuseHidden(schemas)
    warnOfUnreached(context, unreached)
    const exitCode = exitCodeWith(exitCodes.done, unreached.length > 0)
    const content = print(schemas, await context.config(), options.as, options.definers)
    const format = options.as === 'json' ? 'json' : 'text'
    if (options.out === undefined) return { result: { kind: 'document', format, content }, exitCode }
    await writeFile(resolve(context.process.cwd, options.out), content)
    return { result: { kind: 'files', created: [options.out], changed: [], next: [] }, exitCode }
  },
})

function print(
  schemas: readonly SourcedSchema[],
  config: Config,
  format: (typeof formats)[number],
  definers: boolean,
): string {
  const snapshots = schemas.map(({ snapshot }) => snapshot)
  const heading = (database: string): string => (schemas.length > 1 ? `-- ${database}\n\n` : '')
  switch (format) {
    case 'sql':
      return snapshots
        .map((one) => `${heading(one.database)}${nameSchemas(renderSchema(one, { definers }), config)}`)
        .join('\n')
    case 'json':
      return `${JSON.stringify(
        snapshots.map((one) => ({ ...one, fingerprint: fingerprintSchema(one) })),
        null,
        2,
      )}\n`
    case 'mermaid':
      return renderMermaid(snapshots)
    case 'dbml':
      return renderDbml(snapshots)
    default:
      return assertNever(format)
  }
}
