import { countOf } from '../../core/plural.ts'
import { formatSize } from '../../core/size.ts'
import type { Target } from '../../core/target.ts'
import { nextLines, type Page, symbol, targetHeading } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { SplitPlan } from '../split/plan-split.ts'
import type { SplitRecord, SplitState } from '../split/record.ts'
import type { UndoneSplit } from '../split/undo-split.ts'

/** The answer of `shards split`. */
export interface SplitResult {
  readonly kind: 'split'
  readonly dryRun: boolean
  readonly target: Target
  readonly table: string
  readonly family: string
  /** How far the split is; null before it is begun. */
  readonly state: SplitState | null
  readonly column: string | null
  /** The shards that the table becomes, or became. */
  readonly pieces: readonly { readonly table: string; readonly key: string }[]
  /** InnoDB's estimates of the table; null where it was not planned. */
  readonly rows: number | null
  readonly bytes: number | null
  /** Rows that were copied, and rows that were compared before names were changed. */
  readonly copied: number
  readonly compared: number | null
  /** For how long others waited for the table at the cut-over or at its reverse, at most: milliseconds. */
  readonly waited: number | null
  /** The name under which the table as it was is kept; null where it is not. */
  readonly hold: string | null
  readonly keptUntil: string | null
  /** Rows that were carried back by `--undo`. */
  readonly carried: number | null
  /** Shards that `--undo` left rows in, because the table does not have them. */
  readonly left: readonly string[]
  /** Sentences. */
  readonly notes: readonly string[]
}

interface Ended {
  readonly target: Target
  readonly table: string
  readonly family: string
  readonly dryRun: boolean
  readonly record: SplitRecord | null
  readonly plan: SplitPlan | null
  readonly compared?: number | null
  readonly milliseconds?: number | null
  readonly undone?: UndoneSplit
}

const heldStates: readonly SplitState[] = ['held', 'undoing', 'confirmed']

export function toSplitResult({
  target,
  table,
  family,
  dryRun,
  record,
  plan,
  compared,
  milliseconds,
  undone,
}: Ended): SplitResult {
  const shown = plan ?? record
  const isHeld = record !== null && heldStates.includes(record.state)
  return {
    kind: 'split',
    dryRun,
    target,
    table,
    family,
    state: record?.state ?? null,
    column: shown?.column ?? null,
    pieces: (shown?.pieces ?? []).map((piece) => ({ table: piece.table, key: piece.key })),
    rows: plan?.rows ?? null,
    bytes: plan?.bytes ?? null,
    copied: record?.copiedRows ?? 0,
    compared: compared ?? null,
    waited: milliseconds === undefined || milliseconds === null ? null : Math.round(milliseconds),
    hold: isHeld ? record.hold : null,
    keptUntil: record === null || record.keptUntil === null ? null : new Date(record.keptUntil).toISOString(),
    carried: undone?.carried ?? null,
    left: undone?.left ?? [],
    notes: plan?.notes ?? [],
  }
}

export const splitView: View<SplitResult> = { render: renderSplit }

const states: Readonly<Record<SplitState, string>> = {
  copying: 'is being copied',
  copied: 'is copied, and waits for its cut-over',
  held: 'is split, and can be taken back',
  undoing: 'is being taken back',
  emptying: 'has its name again, and its shards are being emptied',
  undone: 'is as it was, and its shards are empty',
  confirmed: 'is split',
}

function renderSplit(result: SplitResult, page: Page): readonly Line[] {
  const { dryRun, target, table, family, state, pieces, notes, left } = result
  const planned = dryRun && (state === null || state === 'undone')
  const head: Line = [
    '  ',
    symbol(planned ? 'idle' : state === 'undoing' || left.length > 0 ? 'warning' : 'good'),
    ' ',
    toned('strong', table),
    planned || state === null
      ? ` would become ${countOf(pieces.length, 'shard')} of `
      : ` ${states[state]}: ${countOf(pieces.length, 'shard')} of `,
    toned('strong', family),
    describeSize(result),
  ]
  const [first, last] = [pieces[0], pieces.at(-1)]
  const names = first === undefined ? [] : [pieces.length === 1 ? first.table : `${first.table} to ${last?.table}`]
  return [
    ...wrapLine(targetHeading(target), page.columns, 2),
    ...wrapLine(head, page.columns, 4),
    ...[...names, ...describeDone(result), ...notes].flatMap((line) => wrapLine([`      ${line}`], page.columns, 8)),
    ...nextLines(describeNext(result, planned), page),
  ]
}

const describeSize = ({ rows, bytes }: SplitResult): string =>
  rows === null || bytes === null ? '' : ` (about ${countOf(rows, 'row')}, ${formatSize(bytes)})`

function describeDone({ compared, waited, hold, carried, left, keptUntil, state }: SplitResult): readonly string[] {
  return [
    ...(carried === null || carried === 0
      ? []
      : [
          `${countOf(carried, 'row')} written to the shards since the cut-over ${carried === 1 ? 'was' : 'were'} carried back.`,
        ]),
    ...(compared === null
      ? []
      : [`${countOf(compared, 'row')} ${compared === 1 ? 'was' : 'were'} compared by checksums: no difference.`]),
    ...(waited === null ? [] : [`Others waited for the table at most ${(waited / 1000).toFixed(2)} s.`]),
    ...(hold === null
      ? []
      : [
          `The table as it was is kept as ${hold}${state === 'confirmed' && keptUntil !== null ? ` until ${keptUntil.slice(0, 16).replace('T', ' ')} UTC` : ''}.`,
        ]),
    ...left.map((name) => `\`${name}\` has rows that the table does not have: they stay there.`),
  ]
}

function describeNext({ table, family, state }: SplitResult, planned: boolean): readonly string[] {
  const command = `wwdb shards split ${table} --into ${family}`
  if (planned) return [`\`${command}\` carries it out.`]
  if (state === 'held') return [`\`${command} --undo\` takes it back, \`${command} --final\` ends that.`]
  return state === 'copying' || state === 'copied'
    ? [`\`${command}\` continues, \`${command} --undo\` gives it up.`]
    : []
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly split: SplitResult
  }
}
