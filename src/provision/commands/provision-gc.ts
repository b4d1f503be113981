import { defineCommand } from '../../command/define-command.ts'
import type { Result } from '../../command/result.ts'
import { dryRun } from '../../command/shared-flags.ts'
import { readDurationFlag } from '../../core/duration.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { collectGarbage, findGarbage, toRemoved } from '../collect-garbage.ts'
import type { RemovedEnvironment, UnremovedEnvironment } from '../provision.ts'
import { withProvision } from '../provision-context.ts'

/** `wwdb provision gc`: drops test environments that are not needed any more. */
export const command = defineCommand({
  name: 'provision gc',
  group: 'Stores and environments',
  summary: 'drop test environments that are no longer needed',
  purpose:
    'Drops expired test environments, those that a killed run left behind, and templates that were not used for a ' +
    'day. With an age, also every test environment and template older than that. Anything that a running process ' +
    'creates or uses stays.',
  examples: [
    { command: 'wwdb provision gc', purpose: 'from cron' },
    { command: 'wwdb provision gc --older-than 2h --dry-run', purpose: 'what would go' },
  ],
  flags: {
    'What to drop': {
      olderThan: {
        value: 'DURATION',
        type: 'duration',
        description: 'also everything older than this, even if not expired; 0 means everything that is not in use',
      },
      dryRun: { ...dryRun, description: 'show what would be dropped, without dropping anything' },
    },
  },
  exitCodes: exitCodesOf.servers,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  stores: true,
  run(options, context) {
    const age = options.olderThan === undefined ? null : readDurationFlag('--older-than', options.olderThan)
    const dryRun = options.dryRun ?? false
    return withProvision(context, async (provision) => {
      if (dryRun) return { result: removal(await look(), []), exitCode: exitCodes.done }
      const { removed, failed, exitCode } = await collectGarbage(provision, age)
      return { result: removal(removed, failed), exitCode: exitCode ?? exitCodes.done }

      function removal(removed: readonly RemovedEnvironment[], failed: readonly UnremovedEnvironment[]): Result {
        return { kind: 'provision-removal', dryRun, removed, failed }
      }

      async function look() {
        const { now, records } = await provision.registry.read()
        return findGarbage(records, now, age).map(toRemoved)
      }
    })
  },
})
