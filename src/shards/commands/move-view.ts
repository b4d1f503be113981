import { countOf } from '../../core/plural.ts'
import type { Target } from '../../core/target.ts'
import { nextLines, type Page, symbol, targetHeading } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import { type ComparedShard, isEqual } from '../move/compare-sides.ts'
import type { MoveRequest } from '../move/move-request.ts'
import type { MovePlan } from '../move/plan-move.ts'
import type { PrintedStep } from '../move/print-commands.ts'
import { workflowOf } from '../move/workflow-commands.ts'

/** The answer of `shards move`. */
export interface MoveResult {
  readonly kind: 'move'
  readonly dryRun: boolean
  readonly target: Target
  /** The keyspace. */
  readonly destination: Target
  readonly family: string
  readonly table: string
  readonly column: string
  /** What this run did. `copied`: the shards are copied, and each further write follows. */
  readonly state: 'planned' | 'copied' | 'compared' | 'switched' | 'undone'
  readonly shards: readonly {
    readonly key: string
    readonly table: string
    readonly workflow: string
    /** Rows of the shard, and of the keyspace for it; null where this run did not count them. */
    readonly rows: number | null
    readonly movedRows: number | null
    /** Whether counts and checksums are equal; null where this run did not compare them. */
    readonly equal: boolean | null
    /** Rows that VDiff compared without a difference; null where it did not run. */
    readonly vdiffRows: number | null
  }[]
  /** InnoDB's estimate. */
  readonly rows: number
  /** For how long the shards had refused writes when both sides were equal, in milliseconds; null where this run did not switch them. */
  readonly refusedFor: number | null
  /** Statements that brought rows of the keyspace back; null where none had to come. */
  readonly carried: number | null
  /** Rows of the keyspace that belong to no shard, and stay there. */
  readonly homeless: number
  /** What a person does; none where the run called vtctldclient itself. */
  readonly commands: readonly PrintedStep[]
  /** Sentences. */
  readonly notes: readonly string[]
}

interface Ended {
  readonly request: MoveRequest
  readonly dryRun: boolean
  readonly state: MoveResult['state']
  readonly plan: Pick<MovePlan, 'shards' | 'rows' | 'notes'>
  readonly shards?: readonly ComparedShard[]
  readonly compared?: ReadonlyMap<string, number>
  readonly milliseconds?: number | null
  readonly carried?: number | null
  readonly homeless?: number
  readonly commands?: readonly PrintedStep[]
}

export function toMoveResult(ended: Ended): MoveResult {
  const { request, dryRun, state, plan, shards = [], compared, milliseconds, carried, homeless, commands } = ended
  return {
    kind: 'move',
    dryRun,
    target: request.store.target,
    destination: request.destination,
    family: request.family.name,
    table: request.table,
    column: request.column,
    state,
    shards: plan.shards.map((shard) => {
      const seen = shards.find(({ table }) => table === shard.table)
      return {
        ...shard,
        workflow: workflowOf(shard),
        rows: seen?.here.rows ?? null,
        movedRows: seen?.there.rows ?? null,
        equal: seen === undefined ? null : isEqual(seen),
        vdiffRows: compared?.get(shard.table) ?? null,
      }
    }),
    rows: plan.rows,
    refusedFor: milliseconds === undefined || milliseconds === null ? null : Math.round(milliseconds),
    carried: carried ?? null,
    homeless: homeless ?? 0,
    commands: commands ?? [],
    notes: state === 'planned' || state === 'copied' ? plan.notes : [],
  }
}

export const moveView: View<MoveResult> = { render: renderMove }

const states: Readonly<Record<MoveResult['state'], string>> = {
  planned: 'would be copied to',
  copied: 'is copied, and each further write follows, to',
  compared: 'was compared with',
  switched: 'takes no writes, and has the same rows as',
  undone: 'was taken back from',
}

function renderMove(result: MoveResult, page: Page): readonly Line[] {
  const { target, destination, family, table, state, shards, notes, commands, rows } = result
  const differs = shards.some(({ equal }) => equal === false)
  const head: Line = [
    '  ',
    symbol(state === 'planned' ? 'idle' : differs ? 'warning' : 'good'),
    ' ',
    toned('strong', family),
    ` (${countOf(shards.length, 'shard')}, about ${countOf(rows, 'row')}) ${states[state]} `,
    toned('strong', `${destination.schema}.${table}`),
    ` at ${destination.server}`,
  ]
  return [
    ...wrapLine(targetHeading(target), page.columns, 2),
    ...wrapLine(head, page.columns, 4),
    ...[...describeSeen(result), ...notes].flatMap((line) => wrapLine([`      ${line}`], page.columns, 8)),
    // Never wrapped: they are copied to a shell.
    ...commands.flatMap((step, at) => [
      [''],
      ...wrapLine([`  ${at + 1}. ${step.what}`], page.columns, 5),
      ...step.lines.map((line): Line => [`     ${line}`]),
    ]),
    ...nextLines(describeNext(result), page),
  ]
}

function describeSeen(result: MoveResult): readonly string[] {
  const { shards, refusedFor, carried, homeless, table, state } = result
  const other = shards.filter(({ equal }) => equal === false)
  const equal = shards.filter((one) => one.equal === true)
  const vdiff = shards.flatMap(({ vdiffRows }) => vdiffRows ?? [])
  return [
    ...(vdiff.length === 0
      ? []
      : [
          `VDiff compared ${countOf(
            vdiff.reduce((sum, one) => sum + one, 0),
            'row',
          )} of ${countOf(vdiff.length, 'shard')}: no difference.`,
        ]),
    ...(carried === null ? [] : [`${countOf(carried, 'statement')} brought back what the keyspace had of other rows.`]),
    ...(equal.length === 0
      ? []
      : [
          `${countOf(equal.length, 'shard')} with ${countOf(
            equal.reduce((sum, one) => sum + (one.rows ?? 0), 0),
            'row',
          )} ${equal.length === 1 ? 'has' : 'have'} equal counts and checksums on both sides.`,
        ]),
    ...other.map(({ table: name, rows, movedRows }) =>
      rows === movedRows
        ? `\`${name}\` has ${countOf(rows ?? 0, 'row')} on both sides, with other values.`
        : `\`${name}\` has ${countOf(rows ?? 0, 'row')}, and the keyspace ${movedRows ?? 0}.`,
    ),
    ...(other.length > 0 && state === 'compared'
      ? [
          'What is written meanwhile may be on one side alone. Right after the switch, before the application writes to the keyspace, both are equal.',
        ]
      : []),
    ...(refusedFor === null ? [] : [`Writes were refused for ${(refusedFor / 1000).toFixed(1)} s until then.`]),
    ...(state === 'switched' && refusedFor === null
      ? ['An earlier run had switched it: nothing was compared now.']
      : []),
    ...(homeless === 0 ? [] : [`${countOf(homeless, 'row')} of \`${table}\` belong to no shard, and stay there.`]),
  ]
}

function describeNext({ state, commands, family, table, column, destination }: MoveResult): readonly string[] {
  switch (state) {
    case 'planned':
      return commands.length === 0
        ? [`The same command without \`--dry-run\` copies it.`]
        : ['Then compare both sides with `--check`, and switch with `--switch`.']
    case 'copied':
      return [
        'When the application is ready, the same command with `--switch` refuses the writes of the shards. `--undo` gives the copy up.',
      ]
    case 'compared':
      return []
    case 'switched':
      return [
        `${commands.length === 0 ? 'Let' : 'Delete the workflows, and only then let'} the application write to \`${table}\` of \`${destination.schema}\`, with \`${column}\` in each row. \`--undo\` takes it back with the rows of these shards, as long as they are there.`,
      ]
    case 'undone':
      return [
        `${commands.length === 0 ? '' : 'As long as the workflows exist, the shards are still copied: delete them first. '}The rows of \`${family}\` are still in \`${table}\` of the keyspace: delete them before another move.`,
      ]
  }
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly move: MoveResult
  }
}
