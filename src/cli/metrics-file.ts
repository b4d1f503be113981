import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { SeenDrift } from '../core/context.ts'
import { ToolError } from '../core/tool-error.ts'
import type { SeenTargets } from '../shards/inspection.ts'

/**
 * Writes a check's numbers for a collector that may read at any moment: it finds the old file or the new one, never half
 * of one. The other name does not end in `.prom`, so that no collector takes it for one.
 * Throws ToolError `METRICS_FILE`.
 * @param at milliseconds since the epoch
 */
export async function publishMetrics(
  cwd: string,
  file: string,
  seen: SeenTargets | SeenDrift,
  at: number,
): Promise<void> {
  const { renderDriftMetrics, renderShardMetrics } = await import('../terminal/prometheus/shard-metrics.ts')
  const path = resolve(cwd, file)
  const fresh = join(dirname(path), `.wwdb-metrics-${randomUUID()}.new`)
  try {
    // Collectors run under an account of their own.
    await writeFile(fresh, 'drift' in seen ? renderDriftMetrics(seen, at) : renderShardMetrics(seen, at), {
      mode: 0o644,
      flag: 'wx',
    })
    await rename(fresh, path)
  } catch (cause) {
    await rm(fresh, { force: true })
    throw new ToolError(
      'METRICS_FILE',
      {
        what: `Cannot write the metrics file \`${path}\`.`,
        why: cause instanceof Error ? cause.message : String(cause),
        next: 'Give a file in a folder that exists and may be written to.',
      },
      { cause },
    )
  }
}
