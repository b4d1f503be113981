import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { connect } from 'node:net'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { formatDuration } from '../../core/duration.ts'
import { asSentence, ToolError } from '../../core/tool-error.ts'
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

/**
 * Whether anything listens there, asked before the client, which itself says so only after minutes. An address that is not host and port, such as a path of gRPC, is
 * left to the client. @param timeout milliseconds. Throws ToolError `VTCTLD_FAILED`.
 */
export async function requireListening({ server, from }: VtctldAddress, timeout: number): Promise<void> {
  const [, inBrackets, plain, port] = /^(?:\[([^\]]+)\]|([\w.-]+)):(\d{1,5})$/.exec(server) ?? []
  const host = inBrackets ?? plain
  if (host === undefined || Number(port) > 65535) return
  const why = await new Promise<string | null>((resolve) => {
    const socket = connect({ host, port: Number(port), timeout })
    const end = (reason: string | null): void => {
      socket.destroy()
      resolve(reason)
    }
    socket.once('connect', () => end(null))
    socket.once('timeout', () => end(`It did not answer within ${formatDuration(timeout)}.`))
    socket.once('error', (error: NodeJS.ErrnoException) => end(refusals[error.code ?? ''] ?? asSentence(error.message)))
  })
  if (why === null) return
  throw new ToolError('VTCTLD_FAILED', {
    what: 'vtctld cannot be reached.',
    where: { server },
    why,
    next: `Correct ${from}, or start vtctld. With \`--vtctld none\`, the command goes on without it and prints what to call elsewhere.`,
  })
}

const refusals: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing is listening there.',
  ENOTFOUND: 'The host name does not exist.',
  EAI_AGAIN: 'The host name could not be resolved.',
  ETIMEDOUT: 'It did not answer in time.',
}

/** What it prints of many workflows, in bytes. */
const longestAnswer = 64 * 1024 * 1024
/** A call of vtctld ends by itself after an hour, if it is not told otherwise. Milliseconds. */
const longestCall = 10 * 60_000

export const askingVtctld =
  (program: string, at: VtctldAddress, variables: Variables): AskVtctld =>
  async (words) => {
    try {
      const { stdout } = await promisify(execFile)(program, ['--server', at.server, ...words], {
        env: { ...variables },
        maxBuffer: longestAnswer,
        timeout: longestCall,
      })
      return stdout
    } catch (error) {
      throw failed(at, words, error)
    }
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
