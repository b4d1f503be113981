import { runLedgers } from '../../audit/ports.ts'
import type { RunRecord } from '../../audit/run.ts'
import type { Context } from '../../command/context.ts'
import { type Config, type DatabaseConfig, selectDatabases } from '../../config/config.ts'
import { groupBy } from '../../core/group-by.ts'
import type { ReportRun } from '../report.ts'
import { attemptPart, type PartReading } from './attempt.ts'

/** The runs of the databases, each once, newest first. A database that is down does not hide the runs of the others. */
export async function gatherRuns(
  context: Context,
  config: Config,
  limit: number,
): Promise<PartReading<readonly ReportRun[]>> {
  const ledgers = await context.port(runLedgers)
  const read = ({ name, ...database }: DatabaseConfig): Promise<PartReading<readonly PlacedRun[]>> =>
    attemptPart('runs', [], async () => {
      const question = { limit, since: null, run: null, shard: null }
      const { runs } = await ledgers.read({ name, ...database }, config.timeouts, question)
      return { value: runs.map((run) => ({ database: name, run })), gaps: [] }
    })
  const chosen = selectDatabases(config, context.targets)
  const readings = await Promise.all(chosen.map(read))
  return {
    value: joinRuns(readings.flatMap(({ value }) => value)),
    gaps: readings.flatMap(({ gaps }, index) =>
      gaps.map((gap) => ({ ...gap, place: chosen[index]?.name ?? gap.place })),
    ),
  }
}

interface PlacedRun {
  readonly database: string
  readonly run: RunRecord
}

const worst: readonly RunRecord['outcome'][] = ['failed', 'stopped', 'running', 'done']

/**
 * A run has a row in each database that it wrote to: the first row shows its start, the last its end, and the worst its
 * outcome.
 */
function joinRuns(placed: readonly PlacedRun[]): readonly ReportRun[] {
  const byId = groupBy(placed, ({ run }) => run.id)
  const joined = [...byId].map(([id, rows]): ReportRun => {
    const runs = rows.map(({ run }) => run)
    const starts = runs.map(({ startedAt }) => instantOf(startedAt))
    const ends = runs.map(({ endedAt }) => (endedAt === null ? null : instantOf(endedAt)))
    const startedAt = Math.min(...starts)
    const hasEnded = ends.every((end) => end !== null)
    const [first] = runs
    return {
      id,
      databases: rows.map(({ database }) => database),
      command: [first?.command ?? '', first?.flags ?? ''].join(' ').trim(),
      by: first?.actor ?? `${first?.person}@${first?.host}`,
      startedAt: new Date(startedAt).toISOString(),
      milliseconds: hasEnded ? Math.max(...ends.map((end) => end ?? 0)) - startedAt : null,
      outcome: worst.find((outcome) => runs.some((run) => run.outcome === outcome)) ?? 'done',
      error: runs.find(({ error }) => error !== null)?.error ?? null,
    }
  })
  return joined.toSorted((one, other) => compare(other.startedAt, one.startedAt) || compare(one.id, other.id))
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

const instantOf = (time: string): number => Date.parse(`${time.replace(' ', 'T')}Z`)
