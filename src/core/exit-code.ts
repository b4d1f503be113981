/** The exit codes of the process. Frozen: scripts depend on these numbers (design.md, "Conventions at the edge"). */
export const exitCodes = {
  done: 0,
  findings: 1,
  failed: 2,
  usage: 64,
  unreachable: 69,
  busy: 75,
  configuration: 78,
  hangup: 129,
  interrupted: 130,
  terminated: 143,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** The exit codes of commands, by what they do: the base of a command's `exitCodes`. */
export const exitCodesOf = {
  /** Uses neither project nor server. */
  tool: [exitCodes.done, exitCodes.usage],
  /** Reads or writes files of the project. */
  project: [exitCodes.done, exitCodes.failed, exitCodes.usage, exitCodes.configuration],
  /** Connects to servers. */
  servers: [exitCodes.done, exitCodes.failed, exitCodes.usage, exitCodes.unreachable, exitCodes.configuration],
  /** Takes the lock of a database. */
  locks: [
    exitCodes.done,
    exitCodes.failed,
    exitCodes.usage,
    exitCodes.unreachable,
    exitCodes.busy,
    exitCodes.configuration,
  ],
} as const satisfies Readonly<Record<string, readonly ExitCode[]>>

/**
 * What an error code stands for: the exit code of its errors, and its meaning in one sentence. Where a code has several exit codes, the first one is
 * the default.
 */
export type ErrorCodeEntry = readonly [exit: ExitCode | readonly [ExitCode, ...ExitCode[]], meaning: string]

/** What each exit code means, for help and documentation. Frozen, as the numbers are. */
export const exitMeanings: Readonly<Record<ExitCode, string>> = {
  [exitCodes.done]: 'done, or nothing to do',
  [exitCodes.findings]: 'findings: pending with --exit-code, or problems found by a check',
  [exitCodes.failed]: 'failed while running, or not confirmed',
  [exitCodes.usage]: 'wrong usage: unknown command or flag, bad value',
  [exitCodes.unreachable]: 'cannot connect to a server',
  [exitCodes.busy]: 'another run holds the lock, or heavy work waits; retry later',
  [exitCodes.configuration]: 'the configuration is wrong',
  [exitCodes.hangup]: 'stopped by SIGHUP',
  [exitCodes.interrupted]: 'stopped by Ctrl-C (SIGINT)',
  [exitCodes.terminated]: 'stopped by SIGTERM',
}

/** Every exit code, lowest first. */
export const allExitCodes: readonly ExitCode[] = Object.values(exitCodes)
