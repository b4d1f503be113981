import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { existingFlags, refuseUnnamed } from '../environment-flags.ts'
import { withProvision } from '../provision-context.ts'
import { findEnvironment, refuseForeign } from '../remove-environment.ts'
import { openRestores } from '../restore-environment.ts'

/** `wwdb provision restore`: takes a test environment back to a snapshot. */
export const command = defineCommand({
  name: 'provision restore',
  group: 'Stores and environments',
  summary: 'take a test environment back to a snapshot',
  purpose:
    'Takes every table of a test environment that differs from a snapshot of it back: rows, AUTO_INCREMENT, definition and triggers. Tables ' +
    'and views that were created since are dropped, and those that were dropped are created again; routines, events and the definitions of ' +
    'views are not compared. Refuses a test environment of another owner.',
  examples: [
    { command: 'wwdb provision restore with-orders --name pr_123', purpose: 'as it was at the snapshot' },
    { command: 'wwdb provision restore with-orders --name pr_123 --owner ci', purpose: "another's, knowingly" },
  ],
  arguments: { snapshot: { description: 'name of the snapshot', required: true } },
  flags: {
    'The test environment': existingFlags,
  },
  exitCodes: exitCodesOf.servers,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  run({ snapshot, name, owner }, context) {
    const environment = refuseUnnamed(name)
    return withProvision(context, async ({ config, servers, registry }) => {
      const started = performance.now()
      const found = await findEnvironment(registry, environment)
      refuseForeign(found, owner ?? context.process.person, 'restore')
      const restores = openRestores({ config, servers, environment: found, withRegistry: (work) => work(registry) })
      try {
        const outcome = await restores.restore(snapshot)
        const milliseconds = performance.now() - started
        const result = { kind: 'provision-restore', environment, snapshot, ...outcome, milliseconds } as const
        return { result, exitCode: exitCodes.done }
      } finally {
        await restores.close()
      }
    })
  },
})
