import { quoteQualified } from '../../sql/quote-name.ts'
import type { AlterChange } from './alter-change.ts'
import type { ChangeRequest } from './change-request.ts'
import { findTool } from './find-tool.ts'
import { type LiveCopy, startLive, watchSwap } from './live-copy.ts'
import type { OnlineRecord } from './record.ts'
import {
  isWaitingForSentinel,
  readSpiritProgress,
  spirit,
  spiritArguments,
  spiritConfiguration,
  spiritSentinel,
} from './spirit.ts'
import { privateFolder, type RunningTool, type ToolEnd } from './start-tool.ts'
import { toolFailed } from './watch-tool.ts'

/** Milliseconds of its cut-over at most: spirit gives up by itself before, after some tries. */
const ofCutOver = 300_000

/** Has spirit copy the table. Returns when the copy is complete and spirit waits for its sentinel to be dropped, which the comparison that follows proves. */
export async function copyBySpirit(
  request: ChangeRequest,
  { changes }: AlterChange,
  record: OnlineRecord,
): Promise<LiveCopy> {
  const { server, connection, target, table, variables } = request
  const program = await findTool(spirit, variables)
  const folder = await privateFolder()
  let isWaiting = false
  return startLive(request, record, {
    name: spirit.program,
    program,
    words: spiritArguments({ schema: target.schema, table: table.name, changes, folder: folder.path }, connection),
    variables,
    folder,
    files: spiritConfiguration(connection),
    pauseFile: null,
    onLine: (line) => {
      isWaiting ||= isWaitingForSentinel(line)
    },
    readProgress: readSpiritProgress,
    isReady: async () => isWaiting && (await server.findTables([spiritSentinel])).length > 0,
    swap: (tool) => swap(request, record, tool),
    failed: (end) => failed(request, end),
  })
}

/** Once its sentinel is gone, spirit cannot be held up again: it tries until it has swapped the tables or ends. What the server shows decides. */
async function swap(request: ChangeRequest, record: OnlineRecord, tool: RunningTool): Promise<'swapped' | 'blocked'> {
  const { server, target } = request
  const { isSwapped, end, until, farewell } = watchSwap(request, record, tool)
  const sentinel = quoteQualified(target.schema, spiritSentinel)
  if (!(await server.define(`DROP TABLE IF EXISTS ${sentinel}`))) return 'blocked'
  if ((await until(ofCutOver, isSwapped)) || (await isSwapped())) {
    await farewell()
    return 'swapped'
  }
  throw failed(request, end() ?? { code: null, output: [] })
}

/** `2026/11/29 12:00:00 ERROR cutover failed ...`, `spirit: error: ...` */
function failed(request: ChangeRequest, { code, output }: ToolEnd): Error {
  const said = output.filter((line) => line.trim() !== '' && readSpiritProgress(line) === null)
  const errors = said
    .filter((line) => /^\S+ \S+ ERROR |^spirit: error: /.test(line))
    .map((line) => line.replace(/^\S+ \S+ ERROR |^spirit: error: /, ''))
  return toolFailed(request, spirit.program, code, (errors.length > 0 ? [...new Set(errors)] : said).slice(-2))
}
