import { join } from 'node:path'
import type { AlterChange } from './alter-change.ts'
import type { ChangeRequest } from './change-request.ts'
import { findTool } from './find-tool.ts'
import { connectionFiles, optionFile, ptOsc, ptOscArguments, readPtOscProgress } from './pt-osc.ts'
import type { OnlineRecord } from './record.ts'
import { lookAtChange } from './settle.ts'
import { privateFolder, startTool } from './start-tool.ts'
import { toolCanceled, toolFailed, watchTool } from './watch-tool.ts'

/** Has pt-online-schema-change copy the table. Returns when the copy is complete and every trigger keeps it current, as the server shows it. */
export async function copyTable(request: ChangeRequest, change: AlterChange, record: OnlineRecord): Promise<void> {
  const { server, connection, target, table, variables, stop } = request
  const program = await findTool(ptOsc, variables)
  const folder = await privateFolder()
  const pauseFile = join(folder.path, 'pause')
  const explain = await server.beside((ask) => ask("SHOW VARIABLES LIKE 'explain\\_format'"))
  const words = ptOscArguments({
    schema: target.schema,
    table: table.name,
    changes: change.changes,
    defaultsFile: join(folder.path, optionFile),
    pauseFile,
    token: record.token,
    setsExplain: explain.length > 0,
    renames: change.renamed.size > 0,
    addsUnique: change.uniques.length > 0,
  })
  const began = performance.now()
  const onLine = (line: string): void => {
    const seen = readPtOscProgress(line)
    if (seen === null) return
    const progress = {
      type: 'known',
      stage: `copying rows (${ptOsc.program})`,
      completed: seen.percent,
      estimated: 100,
    } as const
    request.progressed(progress, performance.now() - began)
  }
  const tool = startTool({ program, words, variables, folder: folder.path, onLine })
  let isKilled = false
  const unsubscribe = stop.onKill(() => {
    isKilled = true
    tool.end()
  })
  try {
    await folder.write(connectionFiles(connection, folder.path))
    tool.begin()
    // A look that fails ends the wait as well as the tool does.
    const end = await watchTool(request, tool, pauseFile, async () => false)
    if (isKilled) throw toolCanceled(request)
    // The exit code alone proves nothing: it is 0 where the table was not swapped, and 1 for nearly everything else.
    if (end === 'ready' || end.code !== 0 || (await lookAtChange(server, record)) !== 'kept-current')
      throw toolFailed(request, ptOsc.program, ...reasonOf(end))
  } finally {
    unsubscribe()
    tool.end()
    await tool.ended
    await server.endSessions(record).catch(() => undefined)
    await folder.remove()
  }
}

/** What the tool says at its end of that which wwdb has it leave, and removes itself. */
const farewell = /^(?:Not dropping |To drop |DROP T\w+ IF EXISTS|.* was not altered\.$)/

function reasonOf(end: Awaited<ReturnType<typeof watchTool>>): [number | null, readonly string[]] {
  if (end === 'ready') return [null, []]
  const said = end.output.filter((line) => line.trim() !== '' && !farewell.test(line))
  const faults = said.filter((line) => line.startsWith('  * '))
  return [end.code, faults.length > 0 ? faults : said.slice(-4)]
}
