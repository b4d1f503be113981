import { setTimeout } from 'node:timers/promises'
import type { ChangeRequest } from './change-request.ts'
import type { OnlineRecord } from './record.ts'
import { lookAtChange } from './settle.ts'
import { type PrivateFolder, type RunningTool, startTool, type ToolEnd } from './start-tool.ts'
import { toolCanceled, watchTool } from './watch-tool.ts'

/** A copy that is complete, and a tool that keeps it current until it is told to swap the tables. */
export interface LiveCopy {
  /** Lets the tool try to swap the tables. Throws ToolError `ONLINE_FAILED` where the tool has ended without. */
  readonly swap: () => Promise<'swapped' | 'blocked'>
  /** What ended the tool, where it has ended; null while it runs. */
  readonly failure: () => Error | null
  /** Ends the tool where it still runs; what it left stays. */
  readonly close: () => Promise<void>
}

/** How a tool is started that keeps a copy current, and what it is told. */
export interface LiveTool {
  readonly name: string
  readonly program: string
  readonly words: readonly string[]
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly folder: PrivateFolder
  readonly files: ReadonlyMap<string, string>
  /** Pauses the tool while it is there; null for a tool that cannot be paused. */
  readonly pauseFile: string | null
  readonly onLine: (line: string) => void
  readonly readProgress: (line: string) => { readonly rows: number; readonly of: number } | null
  /** Whether its copy is complete and its cut-over postponed. */
  readonly isReady: () => Promise<boolean>
  readonly swap: (tool: RunningTool) => Promise<'swapped' | 'blocked'>
  readonly failed: (end: ToolEnd) => Error
}

/** Has such a tool copy the table. Returns when the copy is complete and only its cut-over is postponed. */
export async function startLive(request: ChangeRequest, record: OnlineRecord, live: LiveTool): Promise<LiveCopy> {
  const { server, stop } = request
  const { folder } = live
  const began = performance.now()
  const onLine = (line: string): void => {
    live.onLine(line)
    const seen = live.readProgress(line)
    if (seen === null) return
    const progress = {
      type: 'known',
      stage: `copying rows (${live.name})`,
      completed: seen.rows,
      estimated: Math.max(seen.rows, seen.of),
    } as const
    request.progressed(progress, performance.now() - began)
  }
  const tool = startTool({ ...live, folder: folder.path, onLine })
  let ended: ToolEnd | null = null
  void tool.ended.then((end) => {
    ended = end
  })
  let isKilled = false
  const unsubscribe = stop.onKill(() => {
    isKilled = true
    tool.end()
  })
  const close = async (): Promise<void> => {
    unsubscribe()
    tool.end()
    await tool.ended
    await server.endSessions(record).catch(() => undefined)
    await folder.remove()
  }
  try {
    await folder.write(live.files)
    tool.begin()
    const end = await watchTool(request, tool, live.pauseFile, live.isReady)
    if (isKilled) throw toolCanceled(request)
    if (end !== 'ready') throw live.failed(end)
    return {
      swap: () => live.swap(tool),
      failure: () => (ended === null ? null : live.failed(ended)),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const betweenLooks = 200
/** Milliseconds in which a tool removes what it kept for itself, and ends. */
const ofFarewell = 10_000

/** Looks at the server while a tool swaps the tables. */
export interface SwapWatch {
  readonly isSwapped: () => Promise<boolean>
  /** What ended the tool; null while it runs. */
  readonly end: () => ToolEnd | null
  /** Looks until it is so; false where the time is over, or the tool has ended before. */
  readonly until: (milliseconds: number, isDone: () => Promise<boolean>) => Promise<boolean>
  /** Waits a moment for the tool to end by itself. */
  readonly farewell: () => Promise<void>
}

export function watchSwap({ server }: ChangeRequest, record: OnlineRecord, tool: RunningTool): SwapWatch {
  let end: ToolEnd | null = null
  void tool.ended.then((ended) => {
    end = ended
  })
  return {
    isSwapped: async () => (await lookAtChange(server, record)) === 'swapped',
    end: () => end,
    until: async (milliseconds, isDone) => {
      const last = performance.now() + milliseconds
      for (;;) {
        if (await isDone()) return true
        if (end !== null || performance.now() >= last) return false
        await setTimeout(betweenLooks)
      }
    },
    farewell: async () => {
      await Promise.race([tool.ended, setTimeout(ofFarewell, undefined, { ref: false })])
    },
  }
}
