import type { Context } from '../../command/context.ts'
import { defineCommand, defineFlags, type Options } from '../../command/define-command.ts'
import { dryRun } from '../../command/shared-flags.ts'
import type { Config } from '../../config/config.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { migrationLabel } from '../../core/migration-label.ts'
import { ToolError } from '../../core/tool-error.ts'
import { isLedgerVersion, type LedgerPlace, settleLedgerRows } from '../../shards/fan-out/recover-ledger.ts'
import { readScope } from '../../shards/schema-scope.ts'
import { listOpenRows } from '../execute/recover.ts'
import type { JournalRow } from '../journal/journal.ts'
import { noChange, type SettledRow } from '../journal/rows.ts'
import type { Pending } from '../journal/settlement.ts'
import { type JournalChangePlan, recordPass, runJournalCommand } from '../journal-commands.ts'
import { checkLogicalReferences, recordLogicalReferences } from '../logical-references.ts'
import type { Session } from '../ports.ts'
import { needsRecord, rebuildJournal, rebuildRecord, takeBackStale } from '../rebuild-journal.ts'
import { snapshotOptions } from '../record-schema.ts'
import { recordingOf } from '../run-targets.ts'
import type { OpenTarget, OpenTargets } from '../targets.ts'
import { withTargets } from '../with-targets.ts'

const flags = defineFlags({
  'What to repair': {
    acceptChecksums: { description: 'accept the current text of applied files that were edited' },
    forgetMissing: { description: 'forget applied migrations whose files are gone' },
    logicalReferences: {
      description: 'foreign keys between databases are logical from now on; no physical one may be left',
    },
    rebuildJournal: {
      description:
        'restore lost rows of the journal from the copies in the record of the schema; what ran after a restored schema counts as pending',
    },
    rebuildRecord: {
      conflicts: ['rebuildJournal'],
      description: 'record the schema and the journal as they are now, replacing everything recorded before',
    },
    ran: { value: 'STATEMENT', description: 'this statement did run; may be repeated', repeatable: true },
    notRun: { value: 'STATEMENT', description: 'this statement did not run; may be repeated', repeatable: true },
  },
  Safety: { dryRun: { ...dryRun, description: 'show the repairs, without writing anything' } },
})

type Given = Options<typeof flags>

/** `wwdb repair`: brings the journal in line with files or facts. Never changes a table of the user. */
export const command = defineCommand({
  name: 'repair',
  group: 'Migrations',
  summary: 'make the journal agree with the files or the database',
  purpose:
    'Accepts the current text of applied files that were edited on purpose, forgets migrations whose files are ' +
    'gone, settles statements where the server does not show whether they ran, and records that there are no more ' +
    'foreign keys between databases. If the journal and the record of the schema contradict each other, because ' +
    'one of them was lost or restored alone, it trusts the one you name. Changes only tables of wwdb, never one ' +
    'of yours. Without a flag it shows what could be repaired and repairs nothing. Not needed ' +
    'after a crash: migrate continues by itself.',
  examples: [
    { command: 'wwdb repair', purpose: 'list what can be repaired' },
    { command: 'wwdb repair --accept-checksums -t user_db', purpose: 'accept the edited files of one database' },
    {
      command: 'wwdb repair --ran user_db/20260301000000:2',
      purpose: 'the second statement did run: continue after it',
    },
    {
      command: 'wwdb repair --rebuild-journal -t user_db',
      purpose: 'the journal was dropped or restored from an earlier backup, and the tables were not',
    },
    {
      command: 'wwdb repair --logical-references',
      purpose: 'before a database moves to its own server',
    },
    {
      command: 'wwdb repair --not-run message_db/20260301000000/2026-03:1',
      purpose: 'the first statement of a migration on shards did not run on the one of this key',
    },
  ],
  flags,
  exitCodes: [...exitCodesOf.locks, exitCodes.findings],
  interruption: 'after-statement',
  writes: true,
  connects: true,
  vtgate: true,
  run(options, context) {
    const dryRun = options.dryRun === true || !isAsked(options)
    const references = options.logicalReferences === true ? { references: 'logical' as const } : {}
    return withTargets(context, { writable: !dryRun, unreached: 'skip', ...references }, async (config, open) => {
      checkPlaces(options, open)
      if (options.logicalReferences === true) await checkLogicalReferences(config, open.targets)
      const answer = await runJournalCommand(context, config, open, {
        command: 'repair',
        dryRun,
        decide: (target) => decide(target, options, context, config),
        recording: recordingOf(config, context, () => readScope(config)),
      })
      const findings =
        answer.result.kind === 'run' && answer.result.outcomes.some((outcome) => outcome.notDone.length > 0)
      return {
        ...answer,
        exitCode: findings && answer.exitCode === exitCodes.done ? exitCodes.findings : answer.exitCode,
      }
    })
  },
})

function acceptChecksums(target: OpenTarget): readonly JournalChangePlan[] {
  return target.all.flatMap((migration) => {
    const state = target.state.states.get(migration.version)
    if (migration.squashes !== undefined && state?.type === 'applied' && state.pass.kind !== 'squash') return []
    if (state?.type !== 'applied' || migration.kind === 'repeatable' || state.pass.checksum === migration.checksum)
      return []
    const { pass, total } = state.pass
    return [
      {
        what: `current text of ${migrationLabel(migration)} accepted`,
        apply: ({ session }) =>
          session.writeJournal({ ...noChange, amend: { pass, total, checksum: migration.checksum } }),
      },
    ]
  })
}

function forgetMissing(target: OpenTarget): readonly JournalChangePlan[] {
  const present = new Set(target.all.map((migration) => migration.version))
  let { nextPass } = target.state
  const changes: JournalChangePlan[] = []
  for (const [version, state] of target.state.states) {
    if (present.has(version) || state.type === 'pending') continue
    const { name, checksum } = state.pass
    const pass = nextPass
    nextPass += 1
    changes.push({
      what: `${migrationLabel({ version, name })} forgotten: its file is gone`,
      apply: ({ session }) => recordPass(session, { pass, version, name, kind: 'mark', direction: 'down', checksum }),
    })
  }
  return changes
}

/** `user_db/20260101000000:2`: a statement as the UNSETTLED error names it. */
function parsePlace(text: string): { readonly database: string; readonly version: string; readonly statement: number } {
  const match = /^([^/]+)\/(.+):(\d+)$/.exec(text)
  if (match?.[1] === undefined || match[2] === undefined) {
    const fault = {
      what: `"${text}" is not a statement.`,
      next: 'Write it as the error did: `DATABASE/VERSION:STATEMENT`, for example `user_db/20260101000000:2`.',
    }
    throw new ToolError('USAGE', fault)
  }
  return { database: match[1], version: match[2], statement: Number(match[3]) - 1 }
}

async function settle(
  target: OpenTarget,
  places: readonly string[],
  ran: boolean,
): Promise<readonly JournalChangePlan[]> {
  const changes: JournalChangePlan[] = []
  for (const text of places) {
    const place = parsePlace(text)
    if (place.database !== target.database.name || isLedgerVersion(place.version)) continue
    const row = listOpenRows(target).find((one) => {
      const pass = target.snapshot.passes.find((candidate) => candidate.pass === one.pass)
      return one.statement === place.statement && pass?.version === place.version
    })
    if (row === undefined) throw notOpen(target, text)
    const pending = (await target.session.findPending?.(row)) ?? null
    if (pending !== null) throw goesOn(target, text, pending)
    const at = { pass: row.pass, statement: row.statement }
    changes.push({
      what: `statement ${place.statement + 1} of ${place.version} ${ran ? 'counts as run' : 'counts as not run'}`,
      apply: ({ session }) =>
        session.writeJournal({
          ...noChange,
          settle: [ran ? { ...at, ran } : { ...at, ran, ...mayBeOnShards(session, row) }],
        }),
    })
  }
  return changes
}

function goesOn({ database, session }: OpenTarget, text: string, { why, next }: Pending): ToolError {
  return new ToolError('UNSETTLED', {
    what: `${text} cannot be settled yet.`,
    where: { database: database.name, server: session.target.server },
    why,
    next,
  })
}

/** Some shards of a keyspace may have a definition that others do not have: there its row stays. */
const mayBeOnShards = ({ keyspace }: Pick<Session, 'keyspace'>, row: JournalRow): Pick<SettledRow, 'failed'> =>
  keyspace !== undefined && row.class === 'definition' ? { failed: 'a person said that it did not run' } : {}

function notOpen({ database, session }: OpenTarget, text: string): ToolError {
  return new ToolError('UNKNOWN_STATEMENT', {
    what: `The journal has no open statement ${text}.`,
    where: { database: database.name, server: session.target.server },
    why: 'Only a statement that a run started, and that may have run, can be settled.',
    next: 'Give the statement as the error `UNSETTLED` names it; if `wwdb migrate` does not report one, there is none.',
  })
}

/** A statement of a database that is not part of this repair is also a mistake. */
function checkPlaces(options: Given, open: OpenTargets): void {
  const names = [...open.targets, ...open.unreached].map(({ database }) => database.name)
  const stray = [...(options.ran ?? []), ...(options.notRun ?? [])].find(
    (text) => !names.includes(parsePlace(text).database),
  )
  if (stray === undefined) return
  const fault = {
    what: `${stray} is not in a database of this repair.`,
    next: `The databases are \`${names.join('`, `')}\` (see also \`--target\`).`,
  }
  throw new ToolError('USAGE', fault)
}

/** Statements of fan-outs: they are in their own ledger. */
function ledgerPlaces(target: OpenTarget, places: readonly string[]): readonly LedgerPlace[] {
  return places
    .map((text) => ({ text, ...parsePlace(text) }))
    .filter(({ database, version }) => database === target.database.name && isLedgerVersion(version))
}

/** Without a flag, everything that could be repaired is shown, and nothing is changed. */
async function decide(
  target: OpenTarget,
  options: Given,
  context: Context,
  config: Config,
): Promise<readonly JournalChangePlan[]> {
  const asked = isAsked(options)
  const name = (changes: readonly JournalChangePlan[], flag: string): readonly JournalChangePlan[] =>
    asked ? changes : changes.map((change) => ({ ...change, what: `${change.what} (with ${flag})` }))
  const { ran = [], notRun = [] } = options
  return [
    ...(options.acceptChecksums === true || !asked ? name(acceptChecksums(target), '--accept-checksums') : []),
    ...(options.forgetMissing === true || !asked ? name(forgetMissing(target), '--forget-missing') : []),
    ...(options.logicalReferences === true ? recordLogicalReferences(target) : []),
    ...(await rebuild(target, options, context, config)),
    ...(await settle(target, ran, true)),
    ...(await settle(target, notRun, false)),
    ...(await settleLedgerRows(context, config, target, ledgerPlaces(target, ran), true)),
    ...(await settleLedgerRows(context, config, target, ledgerPlaces(target, notRun), false)),
  ]
}

/** One of the two: they trust different records. */
async function rebuild(
  target: OpenTarget,
  { rebuildJournal: journal = false, rebuildRecord: record = false, ...others }: Given,
  context: Context,
  config: Config,
): Promise<readonly JournalChangePlan[]> {
  const isShown = !isAsked({ ...others, rebuildJournal: journal, rebuildRecord: record })
  const { changes, impossible } = journal || isShown ? await rebuildJournal(target) : { changes: [], impossible: [] }
  for (const why of impossible)
    context.emit({ type: 'warning', message: `Not rebuilt: ${why}`, target: target.session.target })
  const scoped = snapshotOptions(
    config.databases,
    target.database,
    await recordingOf(config, context, () => readScope(config)).scope(),
  )
  const taken = journal || isShown ? await takeBackStale(target, scoped) : []
  const anew = record || (isShown && (await needsRecord(target))) ? [rebuildRecord(scoped)] : []
  const named = (list: readonly JournalChangePlan[], flag: string): readonly JournalChangePlan[] =>
    isShown ? list.map((one) => ({ ...one, what: `${one.what} (with ${flag})` })) : list
  return [...named([...changes, ...taken], '--rebuild-journal'), ...named(anew, '--rebuild-record')]
}

function isAsked(options: Given): boolean {
  return (
    options.rebuildJournal === true ||
    options.rebuildRecord === true ||
    options.acceptChecksums === true ||
    options.forgetMissing === true ||
    options.logicalReferences === true ||
    (options.ran ?? []).length > 0 ||
    (options.notRun ?? []).length > 0
  )
}
