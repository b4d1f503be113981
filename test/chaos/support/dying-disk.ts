import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Stage } from '../../helpers/tool/stage.ts'
import type { ToolRun } from '../../helpers/tool/tool.ts'

const preload = pathToFileURL(resolve(import.meta.dirname, '../../helpers/tool/dying-disk.mjs')).href

/** A write of the tool to the project's folder at which it is killed. */
export interface DiskPoint {
  /** Counted from 0. */
  readonly write: number
  /** In front of it, when half of a text is written, or behind it. */
  readonly moment: 'before' | 'half' | 'answered'
  /** What is written: `renameSync migrations/app/0002_b.sql`. */
  readonly what: string
}

/** Runs the built tool, and kills it at a write to the project's folder; returns what it has written. */
export async function runOnDisk(
  stage: Pick<Stage, 'folder' | 'start'>,
  args: readonly string[],
  point: DiskPoint | null,
): Promise<{ readonly run: ToolRun; readonly writes: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-disk-'))
  const log = join(folder, 'log')
  writeFileSync(log, '')
  try {
    const environment = {
      NODE_OPTIONS: `--import=${preload}`,
      DYING_DISK_FOLDER: stage.folder,
      DYING_DISK_LOG: log,
      ...(point === null ? {} : { DYING_DISK_POINT: `${point.moment} ${point.write}` }),
    }
    const run = await stage.start(args, { environment }).ended
    return { run, writes: readFileSync(log, 'utf8').split('\n').slice(0, -1) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Every point of a run: before each write, half way in each text, and behind the last one. */
export function listDiskPoints(writes: readonly string[]): readonly DiskPoint[] {
  return writes.flatMap((line, write): readonly DiskPoint[] => {
    const what = line.slice(line.indexOf(' ') + 1)
    return [
      { write, moment: 'before', what },
      ...(line.startsWith('text ') ? [{ write, moment: 'half', what } as const] : []),
      ...(write === writes.length - 1 ? [{ write, moment: 'answered', what } as const] : []),
    ]
  })
}
