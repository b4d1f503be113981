import { rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { AlterChange } from './alter-change.ts'
import type { ChangeRequest } from './change-request.ts'
import { findTool } from './find-tool.ts'
import {
  ghOst,
  ghOstArguments,
  ghOstConfiguration,
  ghOstFiles,
  ghOstVariables,
  postponing,
  readGhOstProgress,
} from './gh-ost.ts'
import type { OnlineRecord } from './record.ts'
import { lookAtChange } from './settle.ts'
import { privateFolder, type RunningTool, startTool, type ToolEnd } from './start-tool.ts'
import { toolCanceled, toolFailed, touch, watchTool } from './watch-tool.ts'

/** A copy that is complete, and a tool that keeps it current until it is told to swap the tables. */
export interface LiveCopy {
  /** Lets the tool try to swap the tables. Throws ToolError `ONLINE_FAILED` where the tool has ended without. */
  readonly swap: () => Promise<'swapped' | 'blocked'>
  /** What ended the tool, where it has ended; null while it runs. */
  readonly failure: () => Error | null
  /** Ends the tool where it still runs; what it left stays. */
  readonly close: () => Promise<void>
}

const betweenLooks = 200
/** Milliseconds of one try at most: gh-ost looks for its file each second, and waits two for the lock of the table. */
const ofOneTry = 15_000
/** Milliseconds in which its RENAME is carried out or has given up. */
const ofRename = 1500
/** Milliseconds in which gh-ost drops its changelog and ends by itself. */
const ofFarewell = 10_000

/** Has gh-ost copy the table. Returns when the copy is complete and only its cut-over is postponed, as its changelog on the server says. */
export async function copyByLog(request: ChangeRequest, change: AlterChange, record: OnlineRecord): Promise<LiveCopy> {
  const { server, connection, target, table, variables, stop } = request
  const program = await findTool(ghOst, variables)
  const folder = await privateFolder()
  const file = (name: keyof typeof ghOstFiles): string => join(folder.path, ghOstFiles[name])
  const words = ghOstArguments(
    {
      schema: target.schema,
      table: table.name,
      changes: change.changes,
      folder: folder.path,
      token: record.token,
      renames: change.renamed.size > 0,
      budget: request.guard.budget,
    },
    connection,
  )
  const began = performance.now()
  const onLine = (line: string): void => {
    const seen = readGhOstProgress(line)
    if (seen === null) return
    const progress = {
      type: 'known',
      stage: `copying rows (${ghOst.program})`,
      completed: seen.rows,
      estimated: Math.max(seen.rows, seen.of),
    } as const
    request.progressed(progress, performance.now() - began)
  }
  const environment = { ...variables, ...ghOstVariables(connection) }
  const tool = startTool({ program, words, variables: environment, folder: folder.path, onLine })
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
    await folder.write(ghOstConfiguration(connection))
    tool.begin()
    const [log = ''] = record.logs
    const isReady = async (): Promise<boolean> => {
      // Who removes old files of the folder for temporary ones would let gh-ost swap before anything was compared.
      await touch(file('postpone'))
      await askStatus(file('socket'))
      return (await server.readLogState(log)) === postponing
    }
    const end = await watchTool(request, tool, file('pause'), isReady)
    if (isKilled) throw toolCanceled(request)
    if (end !== 'ready') throw failed(request, end)
    return {
      swap: () => swap(request, record, tool, file('postpone')),
      failure: () => (ended === null ? null : failed(request, ended)),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** gh-ost prints and records its state each second of its first minute, and then more rarely, unless it is asked. */
async function askStatus(socket: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const asking = createConnection(socket)
    asking.setTimeout(1000, () => asking.destroy())
    asking.once('error', () => undefined)
    asking.once('close', () => resolve())
    asking.end('sup\n')
    asking.resume()
  })
}

/** What the server shows decides: gh-ost ends with 1 for everything but a complete change. */
async function swap(
  request: ChangeRequest,
  record: OnlineRecord,
  tool: RunningTool,
  postpone: string,
): Promise<'swapped' | 'blocked'> {
  const { server } = request
  const { old } = record
  const isSwapped = async (): Promise<boolean> => (await lookAtChange(server, record)) === 'swapped'
  let end: ToolEnd | null = null
  void tool.ended.then((ended) => {
    end = ended
  })
  const until = async (milliseconds: number, isDone: () => Promise<boolean>): Promise<boolean> => {
    const last = performance.now() + milliseconds
    for (;;) {
      if (await isDone()) return true
      if (end !== null || performance.now() >= last) return false
      await setTimeout(betweenLooks)
    }
  }
  const stands = async (): Promise<boolean> => old !== null && (await server.findTables([old])).length > 0
  let hasBegun = false
  await rm(postpone, { force: true })
  await until(ofOneTry, async () => {
    if (await isSwapped()) return true
    const isThere = await stands()
    hasBegun ||= isThere
    return hasBegun && !isThere
  })
  await touch(postpone)
  // A try that has begun ends by itself: its empty table goes just before the tables are renamed, or because they cannot be.
  await until(ofOneTry, async () => (await isSwapped()) || !(await stands()))
  const isDone = await until(ofRename, isSwapped)
  if (isDone) {
    await Promise.race([tool.ended, setTimeout(ofFarewell, undefined, { ref: false })])
    return 'swapped'
  }
  if (end !== null) throw failed(request, end)
  return 'blocked'
}

function failed(request: ChangeRequest, { code, output }: ToolEnd): Error {
  const said = output.filter((line) => line.trim() !== '' && !line.startsWith('#') && readGhOstProgress(line) === null)
  const fatal = said
    .filter((line) => /\b(?:FATAL|ERROR)\b/.test(line))
    .map((line) => line.replace(/^\S+ \S+ (?:FATAL|ERROR) /, ''))
  return toolFailed(request, ghOst.program, code, (fatal.length > 0 ? [...new Set(fatal)] : said).slice(-2))
}
