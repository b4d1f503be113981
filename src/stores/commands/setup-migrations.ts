import { defineCommand } from '../../command/define-command.ts'
import { exitCode } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { withMigrations } from '../migrations/open-driver.ts'
import { readStatus } from '../migrations/read-status.ts'

/** `wwdb setup migrations`: which migrations of MongoDB are applied. */
export const command = defineCommand({
  name: 'setup migrations',
  group: 'Stores and environments',
  summary: 'which migrations of MongoDB are applied, and what ran',
  purpose:
    'Lists every version that a file under migrations/NAME.mongodb or the journal of the database NAME has: applied, ' +
    'pending, begun and not finished, changed since, or without its file. With `--history` also what ran, in the ' +
    'order of time. Takes no lock and writes nothing.',
  examples: [
    { command: 'wwdb setup migrations', purpose: 'all databases' },
    { command: 'wwdb setup migrations --history', purpose: 'also what ran when, and by whom' },
    { command: 'wwdb setup migrations --exit-code', purpose: 'a check for CI: 1 where something is pending or wrong' },
  ],
  flags: {
    'What to show': { history: { description: 'also what ran, in the order of time' } },
    Outcome: { exitCode },
  },
  exitCodes: [...exitCodesOf.servers, exitCodes.findings],
  interruption: 'at-once',
  writes: false,
  connects: false,
  stores: true,
  run: (options, context) =>
    withMigrations(context, async ({ store, folders, driver }) => {
      const databases = await readStatus(driver, { folders, prefix: store.prefix, history: options.history === true })
      const open = databases.some(
        ({ migrations, unknown }) => unknown.length > 0 || migrations.some(({ state }) => state !== 'applied'),
      )
      return {
        result: { kind: 'code-migrations', databases },
        exitCode: options.exitCode === true && open ? exitCodes.findings : exitCodes.done,
      }
    }),
})
