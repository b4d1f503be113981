import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { exitCodeWith, listUnreached } from '../../migrations/unreached.ts'
import { withTargets } from '../../migrations/with-targets.ts'
import { judgeAll } from '../judge-all.ts'
import { showRetired } from '../retired-thing.ts'

/** `wwdb retire list`: what is retired, and who has used it. */
export const command = defineCommand({
  name: 'retire list',
  group: 'Migrations',
  summary: 'show what is retired, until when, and who has used it since',
  purpose:
    'Shows each table, column and index that a statement with `-- wwdb:retire` has hidden and that waits for its drop: how it is kept, until when at least, which statements, counters or stored code have used it since, ' +
    'on the primary, on every replica of `throttle.replicas` and every member of their groups, and which servers prove nothing. Writes nothing.',
  examples: [
    { command: 'wwdb retire list', purpose: 'see what waits, and what holds it on' },
    { command: 'wwdb retire list --json', purpose: 'for a program' },
  ],
  flags: {},
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: false,
  connects: true,
  run(_options, context) {
    const access = { writable: false, unreached: 'skip', missing: 'list' } as const
    return withTargets(context, access, async (config, open) => {
      const judged = await judgeAll({ context, config }, open, false)
      const things = judged.map(({ target, record, verdict }) => showRetired(target, record, verdict))
      const unreached = listUnreached(open.unreached)
      const exitCode = exitCodeWith(exitCodes.done, unreached.length > 0)
      return { result: { kind: 'retired', things, unreached, dryRun: true }, exitCode }
    })
  },
})
