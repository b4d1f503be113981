import type { ColorLevel } from './text/paint.ts'

/** What the process knows about one of its output streams. */
interface StreamFacts {
  readonly isTTY: boolean
  /** 0 or undefined where it is unknown: in `script`, in some containers and CI systems. */
  readonly columns: number | undefined
}

export interface TerminalFacts {
  readonly out: StreamFacts
  readonly err: StreamFacts
  readonly env: Readonly<Record<string, string | undefined>>
  readonly flags: {
    /** True for --color, false for --no-color, undefined when neither was given. */
    readonly color?: boolean | undefined
    readonly json?: boolean | undefined
    readonly quiet?: boolean | undefined
  }
}

/** How to write to the two streams. */
export interface TerminalDecision {
  readonly color: { readonly out: ColorLevel; readonly err: ColorLevel }
  /** Infinity for a stream that is not a terminal, or whose width is unknown: nothing is cut or wrapped there. */
  readonly columns: { readonly out: number; readonly err: number }
  /** True where lines may be repainted in place. */
  readonly animated: boolean
}

/**
 * Decides color, width and animation from facts alone. The first of these that is given decides on color: --color or --no-color, NO_COLOR
 * (not empty; no-color.org), FORCE_COLOR, TERM=dumb, whether the stream is a terminal. Animation needs a terminal on stderr that knows its
 * width, and no CI, --json or --quiet: at 0 columns in-place drawing never ends.
 */
export function decideTerminal(facts: TerminalFacts): TerminalDecision {
  const { out, err, env, flags } = facts
  const plainTalk = flags.json === true || flags.quiet === true
  return {
    color: { out: decideColor(out, facts), err: decideColor(err, facts) },
    columns: { out: knownColumns(out), err: knownColumns(err) },
    animated: err.isTTY && (err.columns ?? 0) > 0 && !isSet(env['CI']) && env['TERM'] !== 'dumb' && !plainTalk,
  }
}

function decideColor(stream: StreamFacts, { env, flags }: TerminalFacts): ColorLevel {
  if (flags.color === false) return 0
  if (flags.color === true) return atLeastSixteen(terminalLevel(env))
  if (isSet(env['NO_COLOR'])) return 0
  const forced = env['FORCE_COLOR']
  if (forced !== undefined) return forcedLevel(forced, env)
  if (env['TERM'] === 'dumb') return 0
  return stream.isTTY ? terminalLevel(env) : 0
}

/** FORCE_COLOR=0|false, 1, 2, 3; empty or any other word means yes. */
function forcedLevel(forced: string, env: TerminalFacts['env']): ColorLevel {
  switch (forced) {
    case '0':
    case 'false':
      return 0
    case '1':
      return 1
    case '2':
      return 2
    case '3':
      return 3
    default:
      return atLeastSixteen(terminalLevel(env))
  }
}

function terminalLevel(env: TerminalFacts['env']): ColorLevel {
  if (env['TERM'] === 'dumb') return 0
  if (env['COLORTERM'] === 'truecolor' || env['COLORTERM'] === '24bit') return 3
  return env['TERM']?.includes('256') === true ? 2 : 1
}

function atLeastSixteen(level: ColorLevel): ColorLevel {
  return level === 0 ? 1 : level
}

function knownColumns(stream: StreamFacts): number {
  return stream.isTTY && stream.columns !== undefined && stream.columns > 0 ? stream.columns : Number.POSITIVE_INFINITY
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false'
}
