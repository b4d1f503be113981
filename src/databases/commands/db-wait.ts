import { defineCommand } from '../../command/define-command.ts'
import { readDurationFlag } from '../../core/duration.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { administerEach } from '../administer.ts'
import { pingServer } from './db-ping.ts'

/** `wwdb db wait`: tries until every server answers. Throws the last refusal when the time is up. */
export const command = defineCommand({
  name: 'db wait',
  group: 'Databases and projects',
  summary: 'wait until every server answers',
  purpose:
    'Tries to connect until every server answers a query, or until the timeout. For scripts that start a server.',
  examples: [
    { command: 'wwdb db wait', purpose: 'at most a minute' },
    { command: 'wwdb db wait --timeout 5m && wwdb migrate', purpose: 'in a start-up script' },
  ],
  flags: {
    'How long': {
      timeout: {
        value: 'DURATION',
        type: 'duration',
        description: 'maximum time to wait, for example 30s or 5m',
        default: '60s',
      },
    },
  },
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: false,
  connects: true,
  vtgate: true,
  async run(options, context) {
    const deadline = performance.now() + (readDurationFlag('--timeout', options.timeout) ?? Number.POSITIVE_INFINITY)
    for (;;) {
      try {
        const databases = await administerEach(context, pingServer)
        return { result: { kind: 'databases', command: 'db wait', databases }, exitCode: exitCodes.done }
      } catch (error) {
        if (!mayStillCome(error) || performance.now() + interval > deadline) throw error
        await pause(interval)
      }
    }
  },
})

const interval = 500

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** A server that is starting refuses connections for a while; a wrong password stays wrong. */
function mayStillCome(error: unknown): boolean {
  return error instanceof ToolError && error.code === 'UNREACHABLE'
}
