import { createHash } from 'node:crypto'
import * as z from 'zod/mini'
import type { Fault } from '../../../core/tool-error.ts'
import type { AppliedMigration, HistoryRow, OldFile, OldHistory, OldProject, SqlTool } from '../contract.ts'

/** Drizzle: `0000_name.sql` in the order of `meta/_journal.json`; the table `__drizzle_migrations`. */
export const drizzle: SqlTool = {
  kind: 'sql',
  name: 'drizzle',
  history: { table: '__drizzle_migrations', columns: ['hash', 'created_at'], order: 'created_at, id' },
  readProject,
  readHistory,
}

const journalSchema = z.object({ entries: z.array(z.object({ when: z.number(), tag: z.string() })) })

function readProject(files: readonly OldFile[]): OldProject {
  const journal = files.find(({ path }) => path.endsWith('meta/_journal.json'))
  if (journal === undefined) {
    const fault = {
      what: 'The folder has no `meta/_journal.json`, which contains the order of the files of Drizzle.',
      next: 'Give the folder that has it with `--files`: `out` in the configuration of drizzle-kit.',
    }
    return { migrations: [], notes: [], faults: [fault] }
  }
  const root = journal.path.slice(0, -'meta/_journal.json'.length)
  const entries = readEntries(journal)
  if (entries === null)
    return {
      migrations: [],
      notes: [],
      faults: [{ what: 'It is not a journal of Drizzle.', where: { file: journal.path } }],
    }
  const texts = new Map(files.map(({ path, text }) => [path, text]))
  const sorted = entries.toSorted((one, other) => one.when - other.when)
  const faults: readonly Fault[] = sorted
    .filter(({ tag }) => !texts.has(`${root}${tag}.sql`))
    .map(({ tag }) => ({
      what: `The journal of Drizzle contains \`${tag}\`, but the file does not exist.`,
      where: { file: `${root}${tag}.sql` },
      next: 'Restore the file.',
    }))
  return {
    migrations: sorted.map(({ when, tag }) => ({
      id: String(when),
      file: `${root}${tag}.sql`,
      kind: 'versioned',
      version: String(when),
      name: tag.replace(/^\d+_/, ''),
      up: (texts.get(`${root}${tag}.sql`) ?? '').replaceAll('--> statement-breakpoint', ';'),
      down: null,
    })),
    notes: [],
    faults,
  }
}

function readEntries({ text }: OldFile): z.infer<typeof journalSchema>['entries'] | null {
  try {
    const read = journalSchema.safeParse(JSON.parse(text))
    return read.success ? read.data.entries : null
  } catch {
    return null
  }
}

/** Drizzle itself checks only the last time: files with an earlier one count as applied. */
function readHistory(rows: readonly HistoryRow[], { migrations }: OldProject, files: readonly OldFile[]): OldHistory {
  const texts = new Map(files.map(({ path, text }) => [path, text]))
  const hashes = new Map(rows.map(({ created_at: when, hash }) => [when, hash]))
  const last = rows.reduce((most, { created_at: when }) => Math.max(most, Number(when ?? 0)), 0)
  const applied = migrations.filter(({ id }) => rows.length > 0 && Number(id) <= last)
  const skipped = applied.filter(({ id }) => !hashes.has(id))
  const edited = applied.filter(
    ({ id, file }) =>
      hashes.has(id) &&
      hashes.get(id) !==
        createHash('sha256')
          .update(texts.get(file) ?? '')
          .digest('hex'),
  )
  return {
    applied: applied
      .filter(({ id }) => hashes.has(id))
      .map(({ id }): AppliedMigration => ({ id, at: null, by: null, milliseconds: null })),
    edited: edited.map(({ file }) => ({ file, why: 'its SHA-256 is not the one that Drizzle recorded' })),
    notes: [
      ...(rows.length === 0 ? [] : ['Drizzle records no times of runs: the journal entries have the current time.']),
      ...skipped.map(
        ({ file }) => `Drizzle skipped \`${file}\`, which is older than the last one that it ran: it is pending.`,
      ),
    ],
    faults: [],
  }
}
