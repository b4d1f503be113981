import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { existingFlags, refuseUnnamed } from '../environment-flags.ts'
import { takeSnapshot } from '../named-snapshot.ts'
import { withProvision } from '../provision-context.ts'
import { findEnvironment, refuseForeign } from '../remove-environment.ts'

/** `wwdb provision snapshot`: copies a test environment as it is, to be restored by a name. */
export const command = defineCommand({
  name: 'provision snapshot',
  group: 'Stores and environments',
  summary: 'keep the present state of a test environment under a name',
  purpose:
    'Copies a test environment as it is now: tables with their rows and counters, triggers, views and routines. `wwdb provision ' +
    'restore` takes tables and triggers back to that any number of times, and creates views again that were dropped; a view that was ' +
    'redefined and routines stay as they are then. An earlier snapshot of the name is replaced. Nobody may write to the test environment ' +
    'meanwhile. Refuses a test environment of another owner. A snapshot is dropped with its test environment; what is in stores is not part of it.',
  examples: [
    { command: 'wwdb provision snapshot with-orders --name pr_123', purpose: 'after the data was loaded' },
    { command: 'wwdb provision snapshot with-orders --name pr_123 --owner ci', purpose: "another's, knowingly" },
  ],
  arguments: { snapshot: { description: 'name of the snapshot: a-z, 0-9, _ and -', required: true } },
  flags: {
    'The test environment': existingFlags,
  },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  run({ snapshot, name, owner }, context) {
    const environment = refuseUnnamed(name)
    return withProvision(context, async (provision) => {
      const started = performance.now()
      const asker = owner ?? context.process.person
      refuseForeign(await findEnvironment(provision.registry, environment), asker, 'copy')
      const { schemas } = await takeSnapshot({
        ...provision,
        environment,
        snapshot,
        owner: asker,
        stop: context.stop,
      })
      const milliseconds = performance.now() - started
      const result = {
        kind: 'provision-snapshot',
        environment,
        snapshot,
        databases: schemas.map(({ database }) => database),
        milliseconds,
      } as const
      return { result, exitCode: exitCodes.done }
    })
  },
})
