import { rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
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
import { type LiveCopy, startLive, watchSwap } from './live-copy.ts'
import type { OnlineRecord } from './record.ts'
import { privateFolder, type RunningTool, type ToolEnd } from './start-tool.ts'
import { toolFailed, touch } from './watch-tool.ts'

/** Milliseconds of one try at most: gh-ost looks for its file each second, and waits two for the lock of the table. */
const ofOneTry = 15_000
/** Milliseconds in which its RENAME is carried out or has given up. */
const ofRename = 1500

/** Has gh-ost copy the table. Returns when the copy is complete and only its cut-over is postponed, as its changelog on the server says. */
export async function copyByLog(request: ChangeRequest, change: AlterChange, record: OnlineRecord): Promise<LiveCopy> {
  const { server, connection, target, table, variables } = request
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
  const [log = ''] = record.logs
  return startLive(request, record, {
    name: ghOst.program,
    program,
    words,
    variables: { ...variables, ...ghOstVariables(connection) },
    folder,
    files: ghOstConfiguration(connection),
    pauseFile: file('pause'),
    onLine: () => undefined,
    readProgress: readGhOstProgress,
    isReady: async () => {
      // Who removes old files of the folder for temporary ones would let gh-ost swap before anything was compared.
      await touch(file('postpone'))
      await askStatus(file('socket'))
      return (await server.readLogState(log)) === postponing
    },
    swap: (tool) => swap(request, record, tool, file('postpone')),
    failed: (end) => failed(request, end),
  })
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
  const { isSwapped, end, until, farewell } = watchSwap(request, record, tool)
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
    await farewell()
    return 'swapped'
  }
  const ended = end()
  if (ended !== null) throw failed(request, ended)
  return 'blocked'
}

function failed(request: ChangeRequest, { code, output }: ToolEnd): Error {
  const said = output.filter((line) => line.trim() !== '' && !line.startsWith('#') && readGhOstProgress(line) === null)
  const fatal = said
    .filter((line) => /\b(?:FATAL|ERROR)\b/.test(line))
    .map((line) => line.replace(/^\S+ \S+ (?:FATAL|ERROR) /, ''))
  return toolFailed(request, ghOst.program, code, (fatal.length > 0 ? [...new Set(fatal)] : said).slice(-2))
}
