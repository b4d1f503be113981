import { exitCodes } from '../core/exit-code.ts'
import { ToolError } from '../core/tool-error.ts'
import type { Installation } from './installation.ts'
import { lastErrors } from './server-log.ts'

/** A server that could not do something, with what it wrote into its log after `offset`. */
export async function serverFailure(
  doing: string,
  installation: Installation,
  log: string,
  offset: number,
): Promise<ToolError> {
  const said = await lastErrors(log, offset)
  return new ToolError('SANDBOX_FAILED', {
    what: `MySQL ${installation.version} (${installation.mysqld}) could not ${doing}.`,
    where: { file: log },
    why: said === '' ? 'It ended without a word in its log.' : said,
    next: 'Read the log; `wwdb sandbox down --remove` and `wwdb sandbox up` start afresh.',
  })
}

/** Somebody else listens there. */
export function portInUse(port: number): ToolError {
  return new ToolError('PORT_IN_USE', {
    what: `Port ${port} of 127.0.0.1 is taken by another program.`,
    where: { server: `127.0.0.1:${port}` },
    next: 'Choose another with --port, WWDB_SANDBOX_PORT or sandbox.port in the configuration.',
  })
}

/** Ctrl-C came while a server was being started. */
export function interruption(): ToolError {
  return new ToolError(
    'STOPPED',
    { what: 'Stopped while the server was starting; nothing was left running.', next: 'Run `wwdb sandbox up` again.' },
    { exitCode: exitCodes.interrupted },
  )
}
