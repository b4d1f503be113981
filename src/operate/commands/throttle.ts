import { defineCommand } from '../../command/define-command.ts'
import { throttling } from '../../command/shared-flags.ts'
import { selectDatabases } from '../../config/config.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { groupBy } from '../../core/group-by.ts'
import { isThrottled } from '../governor.ts'
import { throttleReaders } from '../ports.ts'
import { isOver } from '../reading.ts'

/** `wwdb throttle`: shows the governor's current readings. */
export const command = defineCommand({
  name: 'throttle',
  group: 'Migrations',
  summary: 'show what heavy work would wait for now',
  purpose:
    'Reads the values that govern heavy work, and shows each beside its bound: the lag of each replica, the queues of ' +
    'group members, Threads_running, the history list, the redo log, the undo tablespaces, free disk space, and the ' +
    'queries and the time window of `throttle` in the configuration. What cannot be read counts as over its bound. Writes nothing. ' +
    'Exit code 1 if a reading is over its bound: heavy work would wait.',
  examples: [
    { command: 'wwdb throttle', purpose: 'before a large change' },
    { command: 'wwdb throttle --json', purpose: 'for a program' },
  ],
  flags: { 'Bounds for this time': throttling },
  exitCodes: [exitCodes.done, exitCodes.findings, ...exitCodesOf.servers.slice(1)],
  interruption: 'at-once',
  writes: false,
  connects: true,
  async run(_options, context) {
    const config = await context.config()
    const readers = await context.port(throttleReaders)
    const servers = groupBy(selectDatabases(config, context.targets), ({ server }) => server.label)
    const read = await Promise.all(
      [...servers].map(async ([server, [first, ...others]]) => {
        if (first === undefined) return []
        const reader = readers.open(first, config.throttle, config.timeouts)
        const readings = await reader.read(true).finally(() => reader.close())
        return [{ server, databases: [first, ...others].map(({ name }) => name), readings }]
      }),
    )
    const waits = read.flat().some(({ readings }) => readings.some(isOver))
    return {
      result: {
        kind: 'throttle' as const,
        mode: config.throttle.mode,
        bounded: isThrottled(config.throttle),
        servers: read.flat(),
      },
      exitCode: waits && config.throttle.mode === 'on' ? exitCodes.findings : exitCodes.done,
    }
  },
})
