import type { MovePlan } from './plan-move.ts'
import { idleTypeAmong, typesOf } from './plan-tablets.ts'
import {
  addColumn,
  asShell,
  beginVdiff,
  beginWorkflow,
  createWorkflow,
  deleteWorkflow,
  type MovePlace,
  showTablets,
  showVdiff,
  showWorkflows,
  type VtctldShell,
} from './workflow-commands.ts'

/** What a person does, in this order. */
export interface PrintedStep {
  /** What it is for, and what to look at before the next one. */
  readonly what: string
  /** `sql` on the MySQL server of the shards, `shell` where vtctldclient is. */
  readonly where: 'sql' | 'shell'
  readonly lines: readonly string[]
}

/** What is left to do after a switch, or after the way back. */
export const printEnd = (
  place: Pick<MovePlace, 'keyspace'>,
  { shards }: Pick<MovePlan, 'shards'>,
  at: VtctldShell,
): readonly PrintedStep[] => [
  {
    what: 'Delete the workflows. As long as they exist, what is written to a shard reaches the keyspace.',
    where: 'shell',
    lines: shards.map((shard) => asShell(at, deleteWorkflow(place.keyspace, shard))),
  },
]

/** The copy as a person makes it, without vtctldclient at hand. Pure. */
export function printCommands(place: MovePlace, plan: MovePlan, at: VtctldShell): readonly PrintedStep[] {
  const { shards, widened, columnType } = plan
  const shell = (words: readonly string[]): string => asShell(at, words)
  // A kind that a source seldom has, and that is not asked for: the first step says how to look.
  const idleType = idleTypeAmong([], typesOf(place.tabletTypes))
  if (idleType === null) throw new Error('kinds that leave none to wait for are refused')
  return [
    ...(widened.length === 0
      ? []
      : [
          {
            what: 'Give each shard the column of its key. The server does it at once, without a copy.',
            where: 'sql' as const,
            lines: widened.map((shard) => `${addColumn(shard, place.column, columnType)};`),
          },
        ]),
    {
      what: `Look at the tablets of the source: none may be of the kind \`${idleType}\`. Otherwise, take another kind that is not there for the next step.`,
      where: 'shell',
      lines: [shell(showTablets(place.source))],
    },
    {
      what: 'Create all workflows. They wait for such a tablet, as Vitess gives no workflow to a table that has rows.',
      where: 'shell',
      lines: shards.map((shard) => shell(createWorkflow(place, shard, idleType))),
    },
    {
      what: 'Let them begin, when all are created.',
      where: 'shell',
      lines: shards.map((shard) => shell(beginWorkflow(place, shard))),
    },
    {
      what: 'Wait until each stream is `Running` with a position and without copy_states.',
      where: 'shell',
      lines: [shell(showWorkflows(place.keyspace))],
    },
    {
      what: 'Compare each shard. `State` must be `completed`, and `HasMismatch` false.',
      where: 'shell',
      lines: shards.flatMap((shard) => [shell(beginVdiff(place, shard)), shell(showVdiff(place, shard))]),
    },
  ]
}
