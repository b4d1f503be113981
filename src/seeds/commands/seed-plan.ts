import { defineCommand } from '../../command/define-command.ts'
import { exitCode } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { exitCodeOfSeeds, seedEverything, seedTargets } from '../run-seeds.ts'

/** `wwdb seed plan`: what a seed run would change, row by row. Writes nothing, takes no lock. */
export const command = defineCommand({
  name: 'seed plan',
  group: 'Databases and projects',
  summary: 'show what a seed run would change, row by row',
  purpose:
    'Compares the rows of seeds/ with those of the databases and shows each that would be inserted, updated or ' +
    'removed, column by column, before and after, and those that were changed by hand. Takes no lock and writes ' +
    'nothing; the values are read in temporary tables of its own connection.',
  examples: [
    { command: 'wwdb seed plan', purpose: 'what `wwdb seed` would do now' },
    { command: 'wwdb seed plan --exit-code --quiet', purpose: 'in a deployment: 1 when something differs' },
    { command: 'wwdb seed plan --prune --json', purpose: 'with what would be removed, for a program' },
  ],
  flags: {
    'What to look at': {
      only: {
        value: 'NAME',
        description: 'only this file, without its extension, or this table; may be repeated',
        otherwise: 'all',
        repeatable: true,
      },
      prune: { description: 'also show what would be removed, and the rows that depend on it' },
      exitCode: { ...exitCode, description: 'exit with 1 if the databases differ from the files' },
    },
  },
  exitCodes: [...exitCodesOf.servers, exitCodes.findings],
  interruption: 'at-once',
  writes: false,
  connects: true,
  vtgate: true,
  async run({ only, prune, exitCode = false }, context) {
    const started = performance.now()
    const config = await context.config()
    const report = await seedTargets(context, config, {
      ...seedEverything,
      only: only ?? [],
      prune: prune ?? false,
      write: false,
    })
    const { outcomes } = report
    const differs = outcomes.some(({ state, rows }) => state === 'planned' || rows.length > 0)
    return {
      result: { kind: 'seed', command: 'seed plan', outcomes, milliseconds: performance.now() - started, dryRun: true },
      exitCode: report.error === null && differs && exitCode ? exitCodes.findings : exitCodeOfSeeds(report),
    }
  },
})
