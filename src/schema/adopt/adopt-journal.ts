import type { CommandResult, Context } from '../../command/context.ts'
import type { Config, DatabaseConfig } from '../../config/config.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { migrationLabel } from '../../core/migration-label.ts'
import { ToolError } from '../../core/tool-error.ts'
import { noRecordChange } from '../../ddl/recorded-schema.ts'
import { readList } from '../../migrations/files/adopted-list.ts'
import { displayPath } from '../../migrations/files/folder.ts'
import { readStates } from '../../migrations/journal/journal.ts'
import { noChange } from '../../migrations/journal/rows.ts'
import { runJournalCommand } from '../../migrations/journal-commands.ts'
import { type Journal, targetServers } from '../../migrations/ports.ts'
import { recordingOf } from '../../migrations/run-targets.ts'
import type { OpenTarget, OpenTargets } from '../../migrations/targets.ts'
import { withTargets } from '../../migrations/with-targets.ts'
import { readScope } from '../../shards/schema-scope.ts'
import { checkAdopted, removeAdopted } from './adopt-files.ts'
import { findAdopted, findOther, hasRows } from './journal-rows.ts'
import type { PreparedAdoption } from './prepare-adoption.ts'

/**
 * Writes the passes of an adoption, all in one transaction. Returns whether there was anything to write. Throws ToolError `ADOPT_REFUSED` where wwdb
 * has run something in the database already, and what taking the lock throws.
 */
export async function recordAdoption(
  context: Context,
  database: DatabaseConfig,
  { rows }: Pick<PreparedAdoption, 'rows'>,
): Promise<boolean> {
  let isNew = false
  const own: Context = { ...context, targets: [database.name] }
  await withTargets(own, { writable: true }, (config, open) =>
    runJournalCommand(own, config, open, {
      command: 'adopt',
      dryRun: false,
      recording: recordingOf(config, context, () => readScope(config)),
      said: () => ({ everything: true, objects: [] }),
      decide: (target) => {
        const adopt = rows(target.state.nextPass)
        if (hasRows(target.state, adopt)) return []
        refuseUsed(target)
        isNew = true
        return [{ what: 'adopted', apply: ({ session }) => session.writeJournal({ ...noChange, adopt }) }]
      },
    }),
  )
  return isNew
}

/** Checks the journal before anything is written. Throws like `recordAdoption`. */
export async function checkJournal(
  context: Context,
  database: DatabaseConfig,
  { rows }: Pick<PreparedAdoption, 'rows'>,
): Promise<void> {
  const servers = await context.port(targetServers)
  const session = await servers.open(database, (await context.config()).timeouts, false)
  try {
    const snapshot = await session.readJournal()
    const state = readStates(snapshot)
    if (!hasRows(state, rows(state.nextPass))) refuseUsed({ database, snapshot })
  } finally {
    await session.close()
  }
}

/** Throws ToolError `ADOPT_REFUSED` where the journal already has passes. */
function refuseUsed({ database, snapshot }: Pick<OpenTarget, 'database' | 'snapshot'>): void {
  const pass = snapshot.passes.find(({ kind }) => kind !== 'seed')
  if (pass === undefined) return
  throw new ToolError('ADOPT_REFUSED', {
    what: `\`${database.name}\` already has a journal: it contains \`${migrationLabel(pass)}\`.`,
    where: { database: database.name },
    why: 'A history can only be taken over before wwdb runs anything.',
    next: 'Undo an adoption with `wwdb adopt --undo`, or record single migrations with `wwdb mark VERSION --applied`.',
  })
}

/**
 * Reverts what an adoption wrote: the journal's passes, then the files. Throws ToolError `ADOPT_REFUSED` where wwdb has run something since, or
 * where a file was edited.
 */
export async function undoAdoption(
  context: Context,
  database: DatabaseConfig,
  dryRun: boolean,
): Promise<CommandResult> {
  const list = await readList(database)
  const names = list === null ? [] : await checkAdopted(database, list)
  const own: Context = { ...context, targets: [database.name] }
  const { root } = await context.config()
  const folder = displayPath(root, database.migrations)
  let tool = list?.tool ?? null
  await withTargets(own, { writable: true }, async (config, open) => {
    const [target] = open.targets
    if (target === undefined) return
    refuseLater(target)
    const adopted = findAdopted(target.snapshot)
    if (list === null && adopted.length === 0) {
      throw new ToolError('ADOPT_REFUSED', {
        what: `Nothing was adopted into \`${database.name}\`.`,
        where: { database: database.name },
        next: 'Choose another database with `--target`.',
      })
    }
    tool ??= 'another tool'
    if (dryRun) return
    await context.confirm({
      what: `${adopted.length} journal entries and ${names.length} files that were adopted into \`${database.name}\` will be removed.`,
      level: 'moderate',
      name: database.name,
    })
    await forgetAdopted(own, config, open)
  })
  if (!dryRun) await removeAdopted(database, Object.keys(list?.files ?? {}))
  return {
    result: {
      kind: 'adoption',
      tool: tool ?? 'another tool',
      database: database.name,
      state: dryRun ? 'undo-planned' : 'undone',
      migrations: names.map((name) => ({ file: `${folder}/${name}`, from: null, state: 'applied' })),
      history: [],
      edited: [],
      diff: null,
      notes: [],
    },
    exitCode: exitCodes.done,
  }
}

/** Removes the passes of an adoption from the journal, under the lock. */
async function forgetAdopted(context: Context, config: Config, open: OpenTargets): Promise<void> {
  await runJournalCommand(context, config, open, {
    command: 'adopt',
    dryRun: false,
    decide: (target) => {
      refuseLater(target)
      const forget = findAdopted(target.snapshot).map(({ pass }) => pass)
      if (forget.length === 0) return []
      return [{ what: 'undone', apply: ({ session }) => forgetPasses(session, forget) }]
    },
  })
}

/** The record of the schema has copies of them. */
async function forgetPasses(session: Journal, forget: readonly number[]): Promise<void> {
  const recorded = (await session.record?.read()) ?? null
  const record = recorded === null ? {} : { record: { ...noRecordChange, forgotten: forget } }
  await session.writeJournal({ ...noChange, forget, ...record })
}

/** What ran since the adoption depends on what was adopted. */
function refuseLater({ database, snapshot }: OpenTarget): void {
  const later = findOther(snapshot)
  if (later === undefined) return
  throw new ToolError('ADOPT_REFUSED', {
    what: `wwdb ran \`${migrationLabel(later)}\` in \`${database.name}\` after the adoption.`,
    where: { database: database.name },
    why: 'Without the journal it would run again.',
    next: 'Continue with wwdb: the table of the other tool is unchanged, and does not contain what ran later.',
  })
}
