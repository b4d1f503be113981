import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { ToolError } from '../core/tool-error.ts'

/**
 * Writes numbers for a collector that may read at any moment: it finds the old file or the new one, never half of one.
 * The temporary name does not end in `.prom`, so that no collector reads it. Throws ToolError `METRICS_FILE`.
 */
export async function publishMetrics(cwd: string, file: string, text: string): Promise<void> {
  const path = resolve(cwd, file)
  const fresh = join(dirname(path), `.wwdb-metrics-${randomUUID()}.new`)
  try {
    // Collectors run under their own account.
    await writeFile(fresh, text, { mode: 0o644, flag: 'wx' })
    await rename(fresh, path)
  } catch (cause) {
    await rm(fresh, { force: true })
    throw new ToolError(
      'METRICS_FILE',
      {
        what: `Cannot write the metrics file \`${path}\`.`,
        why: cause instanceof Error ? cause.message : String(cause),
        next: 'Give a file in a folder that exists and is writable.',
      },
      { cause },
    )
  }
}
