import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { connect } from 'node:net'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { formatDuration } from '../../core/duration.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { VtctldWords } from './workflow-commands.ts'

type Variables = Readonly<Record<string, string | undefined>>

/** Asks vtctld. Throws ToolError `VTCTLD_FAILED` with its own words. */
export type AskVtctld = (words: VtctldWords) => Promise<string>

/** Where vtctld is. */
export interface VtctldAddress {
  /** Host and port. */
  readonly server: string
  /** The flag or the key of the configuration that says so. */
  readonly from: string
}

/** The client, by its path or on PATH; null where it is not there. */
export async function findVtctldclient(path: string | null, { PATH = '' }: Variables): Promise<string | null> {
  const folders = PATH.split(delimiter).filter((folder) => folder !== '')
  const candidates = path === null ? folders.map((folder) => join(folder, 'vtctldclient')) : [path]
  for (const program of candidates) {
    const isThere = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return program
  }
  return null
}

/** What it prints of many workflows, in bytes. */
const longestAnswer = 64 * 1024 * 1024
/** A call of vtctld ends by itself after an hour, if it is not told otherwise. Milliseconds. */
const longestCall = 10 * 60_000

/**
 * The first call is a short question, and ends much sooner: where nothing listens, the client itself says so only after minutes. Whether something does is not asked
 * before it: the client may be a script that asks in another network. @param first milliseconds
 */
export function askingVtctld(program: string, at: VtctldAddress, variables: Variables, first: number): AskVtctld {
  let hasAnswered = false
  return async (words) => {
    try {
      const { stdout } = await promisify(execFile)(program, ['--server', at.server, ...words], {
        env: { ...variables },
        maxBuffer: longestAnswer,
        timeout: hasAnswered ? longestCall : first,
      })
      hasAnswered = true
      return stdout
    } catch (error) {
      const isEnded = error instanceof Error && 'killed' in error && error.killed === true
      throw isEnded && !hasAnswered ? await unanswered(at, first) : failed(at, words, error)
    }
  }
}

async function unanswered(at: VtctldAddress, first: number): Promise<ToolError> {
  const why = (await findRefusal(at)) ?? 'vtctldclient was still waiting for it then.'
  return new ToolError('VTCTLD_FAILED', {
    what: `vtctld did not answer within ${formatDuration(first)}.`,
    where: { server: at.server },
    why,
    next: `Correct ${at.from}, or start vtctld. If it is only slow, increase \`timeouts.connect\`: the first call may take three times as long. With \`--vtctld none\`, the command goes on without it and prints what to call elsewhere.`,
  })
}

/** What speaks against a connection to a host and port, as this process sees it; null where one can be made, or it is another kind of address. */
function findRefusal({ server }: VtctldAddress): Promise<string | null> {
  const [, inBrackets, plain, port] = /^(?:\[([^\]]+)\]|([\w.-]+)):(\d{1,5})$/.exec(server) ?? []
  const host = inBrackets ?? plain
  if (host === undefined || Number(port) > 65535) return Promise.resolve(null)
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), timeout: longestLook })
    const end = (reason: string | null): void => {
      socket.destroy()
      resolve(reason)
    }
    socket.once('connect', () => end(null))
    socket.once('timeout', () => end(null))
    socket.once('error', (error: NodeJS.ErrnoException) => end(refusals[error.code ?? ''] ?? null))
  })
}

/** Milliseconds. */
const longestLook = 2000

const refusals: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Seen from here, nothing is listening there.',
  ENOTFOUND: 'Seen from here, the host name does not exist.',
}

function failed({ server, from }: VtctldAddress, words: VtctldWords, error: unknown): ToolError {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
  const why = said === '' ? (error instanceof Error ? error.message : String(error)) : lastWords(said)
  const [command = '', ...rest] = words
  const action = rest.find((word) => /^(?:create|update|show|stop|delete)$/.test(word))
  return new ToolError(
    'VTCTLD_FAILED',
    {
      what: `\`vtctldclient ${command}${action === undefined ? '' : ` ${action}`}\` failed.`,
      where: { server },
      why,
      next: `Look at what it says and at ${from}, and run the command again: it looks at the workflows that exist, and continues. With \`--vtctld none\`, \`--check\`, \`--switch\` and \`--undo\` go on without vtctld, and print which workflows to delete.`,
    },
    { cause: error },
  )
}

/** Its last line is the error, in a line of its log. */
function lastWords(text: string): string {
  const line =
    text
      .split('\n')
      .filter((one) => one.trim() !== '')
      .at(-1) ?? text
  const words = messageOf(line)
    .replace(/^.*?\brpc error: code = \w+ desc = /s, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return /[.!?]$/.test(words) ? words : `${words}.`
}

/** Vitess 24 logs JSON, and older ones a prefix before the words. */
function messageOf(line: string): string {
  try {
    const entry: unknown = JSON.parse(line)
    if (typeof entry === 'object' && entry !== null && 'msg' in entry) return String(entry.msg)
  } catch {
    // It is a line of text.
  }
  return line.replace(/^[EWIF]\d{4} \S+ +\d+ \S+\] /, '')
}
