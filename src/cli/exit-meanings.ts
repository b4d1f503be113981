import { type ExitCode, exitCodes } from '../core/exit-code.ts'

/** What each exit code means, for help and documentation. Frozen, as the numbers are. */
export const exitMeanings: Readonly<Record<ExitCode, string>> = {
  [exitCodes.done]: 'done, or nothing to do',
  [exitCodes.findings]: 'findings: pending with --exit-code, or faults found by a check',
  [exitCodes.failed]: 'failed while running, or not confirmed',
  [exitCodes.usage]: 'wrong usage: unknown command or flag, bad value',
  [exitCodes.unreachable]: 'cannot connect to a server',
  [exitCodes.busy]: 'the lock is held by another run; try again later',
  [exitCodes.configuration]: 'the configuration is wrong',
  [exitCodes.hangup]: 'stopped by SIGHUP',
  [exitCodes.interrupted]: 'stopped by Ctrl-C (SIGINT)',
  [exitCodes.terminated]: 'stopped by SIGTERM',
}

/** Every exit code, lowest first. */
export const allExitCodes: readonly ExitCode[] = Object.values(exitCodes)
