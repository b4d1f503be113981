import { asSentence, type Fault } from '../../core/tool-error.ts'
import type { Step } from '../plan.ts'
import { scriptOf } from '../plan-document.ts'

/** The shards of a keyspace by name, as they are seen at one moment. */
export interface SeenShards {
  /** When this session began. */
  readonly known: readonly string[]
  readonly serving: readonly string[]
  /** Those that have a tablet. */
  readonly present: readonly string[]
}

const list = (shards: readonly string[]): string =>
  `${shards.length === 1 ? 'shard' : 'the shards'} ${shards.join(', ')}`

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.toSorted().join() === other.toSorted().join()

/**
 * Why nothing may be done to the tables of a keyspace: what changes a table reaches the shards that serve alone, and others are about to take their place. Half a sentence; null where all is well. Pure.
 */
export function describeChanging({ known, serving, present }: SeenShards): string | null {
  const idle = present.filter((shard) => !serving.includes(shard))
  if (idle.length > 0)
    return (
      `a Reshard of the keyspace is in progress, or has left shards behind: ${list(idle)} ${idle.length === 1 ? 'has' : 'have'} tablets and ${idle.length === 1 ? 'serves' : 'serve'} nothing. ` +
      `What changes a table reaches ${list(serving)} alone, and is lost when others take their place`
    )
  if (!isSame(known, serving))
    return `the shards of the keyspace are not those with which this command began: ${known.join(', ')} then, ${serving.join(', ')} now`
  return null
}

export const adviseChanging = (keyspace: string): string =>
  `Complete the Reshard (\`vtctldclient Reshard --target-keyspace ${keyspace} --workflow NAME complete\`): that removes the shards that serve nothing then, unless it is told to keep them (\`--keep-data\`). \`cancel\` in its place leaves the new shards. What is left, also where no Reshard is in progress, goes with \`vtctldclient DeleteShards --recursive ${keyspace}/SHARD\`. vtgate may show their tablets for up to a minute longer. Then run the command again.`

/** The same for a plan, at its first definition of a table. */
export function findChangingFault(steps: readonly Step[], keyspace: string, why: string): readonly Fault[] {
  for (const step of steps) {
    const script = scriptOf(step)
    if (script?.type !== 'statements') continue
    const found = script.statements.find(
      ({ index, class: kind, objects }) =>
        index >= step.from &&
        kind === 'definition' &&
        !objects.every(({ type }) => type === 'vschema' || type === 'vindex'),
    )
    if (found === undefined) continue
    const { file, line, column, verb, index } = found
    return [
      {
        what: `Statement ${index + 1} of \`${file}\` (${verb}) must not run now.`,
        where: { file, line, column, database: step.migration.database },
        why: asSentence(why),
        next: adviseChanging(keyspace),
      },
    ]
  }
  return []
}
