import type { Config } from '../config/config.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import { noChange } from './journal/rows.ts'
import type { JournalChangePlan } from './journal-commands.ts'
import type { OpenTarget } from './targets.ts'

/**
 * Refuses the change from physical to logical foreign keys between databases while it would be wrong: a key still exists, or the configuration requires
 * physical ones. Throws ToolError `REFERENCES_CHANGED` with a fault for each key.
 */
export async function checkLogicalReferences(config: Config, targets: readonly OpenTarget[]): Promise<void> {
  if (config.references === 'physical') {
    throw new ToolError('REFERENCES_CHANGED', {
      what: 'The configuration asks for physical foreign keys between databases.',
      ...(config.file === null ? {} : { where: { file: config.file } }),
      next: 'Set `references` to `logical`, then run `wwdb repair --logical-references` again.',
    })
  }
  const faults = (await Promise.all(targets.map(findCrossingKeys))).flat()
  if (faults.length > 0) throw new ToolError('REFERENCES_CHANGED', faults)
}

/** The keys of a target that reference another schema, including those of shards. */
async function findCrossingKeys({ session, database }: OpenTarget): Promise<readonly Fault[]> {
  const reading = await session.record?.readLive({ databases: new Map(), isLeftOut: () => false })
  return (reading?.snapshot.objects ?? []).flatMap((object) =>
    object.type !== 'table'
      ? []
      : object.foreignKeys
          .filter(({ parentDatabase }) => parentDatabase !== null)
          .map(({ name, parent, parentDatabase }) => ({
            what: `\`${object.name}\` has the foreign key \`${name}\` to \`${parentDatabase}.${parent}\`.`,
            where: { database: database.name, server: session.target.server },
            why: 'With logical references no foreign key may reference another database.',
            next: 'Drop it in a migration with `-- wwdb:when references=physical`, run `wwdb migrate`, then run this command again.',
          })),
  )
}

/** The change to logical references, where the journal has physical ones. */
export function recordLogicalReferences({ snapshot }: OpenTarget): readonly JournalChangePlan[] {
  if (snapshot.settings.get('references') !== 'physical') return []
  return [
    {
      what: 'foreign keys between databases are logical from now on',
      apply: ({ session }) => session.writeJournal({ ...noChange, references: 'logical' }),
    },
  ]
}
