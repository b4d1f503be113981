import { defineCommand } from '../../core/command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { exitCodeWith, listUnreached } from '../unreached.ts'
import { withTargets } from '../with-targets.ts'

/** `wwdb history`: what the journals hold, newest first. Writes nothing. */
export const command = defineCommand({
  name: 'history',
  group: 'Migrations',
  summary: 'what ran, when, how long and by whom',
  purpose:
    'Reads the journal of every database, newest first: migrations applied and reverted, baselines and marks, with ' +
    'the time each took and the account that ran it.',
  examples: [
    { command: 'wwdb history --limit 10', purpose: 'the last ten entries of each database' },
    { command: 'wwdb history -t user_db --json', purpose: 'everything of one database, for a program' },
  ],
  flags: {
    'What to show': {
      limit: {
        value: 'NUMBER',
        type: 'integer',
        description: 'at most this many entries per database',
        min: 1,
        otherwise: 'all',
      },
    },
  },
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: false,
  connects: true,
  run(options, context) {
    return withTargets(context, { writable: false, missing: 'skip', unreached: 'skip' }, async (_config, open) => {
      const targets = open.targets.map(({ session, snapshot }) => ({
        target: session.target,
        passes: snapshot.passes.toReversed().slice(0, options.limit ?? snapshot.passes.length),
      }))
      const unreached = listUnreached(open.unreached)
      return {
        result: { kind: 'history', targets, unreached },
        exitCode: exitCodeWith(exitCodes.done, unreached.length > 0),
      }
    })
  },
})
