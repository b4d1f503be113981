import type { CommandResult, Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { exitCode } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { needsAttention } from '../journal/status.ts'
import { chooseMany } from '../many/choose-many.ts'
import { isUnfinished, judgeDatabases } from '../overview/judge-databases.ts'
import { exitCodeWith } from '../unreached.ts'

/** `wwdb status`: shows what is applied, pending, partial or changed, and what prevents a run. Writes nothing. */
export const command = defineCommand({
  name: 'status',
  group: 'Migrations',
  summary: 'what is applied, pending, partial or changed',
  purpose:
    'Compares the migration files with the journal of every database. Shows what is pending, what was interrupted ' +
    'and at which statement, which applied files were edited afterwards, and which are gone. Writes nothing.',
  examples: [
    { command: 'wwdb status', purpose: 'every database at a glance' },
    { command: 'wwdb status --exit-code --quiet', purpose: 'in a deployment: 1 when something is pending' },
    { command: 'wwdb status --all-environments', purpose: 'every environment of the configuration side by side' },
  ],
  flags: {
    'What to show': {
      pending: { description: 'only migrations that are not applied', conflicts: ['allEnvironments'] },
      allEnvironments: {
        description: 'every environment of the configuration side by side, including those that cannot be reached',
      },
      exitCode,
    },
  },
  exitCodes: [...exitCodesOf.servers, exitCodes.findings],
  interruption: 'at-once',
  writes: false,
  connects: true,
  manyTargets: true,
  vtgate: true,
  async run(options, context) {
    if (options.allEnvironments !== true) {
      const many = chooseMany(await context.config(), context.targets, 'status')
      if (many === null) return answerStatus(context, options)
      const { surveyTargets } = await import('../many/survey.ts')
      return surveyTargets(context, many, { command: 'status', exitCode: options.exitCode })
    }
    const { answerEnvironments } = await import('../overview/read-environments.ts')
    return answerEnvironments(context, options.exitCode === true)
  },
})

async function answerStatus(
  context: Context,
  options: { readonly pending?: boolean | undefined; readonly exitCode?: boolean | undefined },
): Promise<CommandResult> {
  const { databases, unreached } = await judgeDatabases(context)
  const all = databases.map(({ status }) => status)
  const targets =
    options.pending === true
      ? all.map((target) => ({ ...target, migrations: target.migrations.filter(needsAttention) }))
      : all
  const pending = databases.reduce((sum, one) => sum + one.pending, 0)
  const running = databases.reduce((sum, one) => sum + one.running, 0)
  const own = options.exitCode === true && databases.some(isUnfinished) ? exitCodes.findings : exitCodes.done
  return {
    result: { kind: 'status', targets, unreached, pending, running },
    exitCode: exitCodeWith(own, unreached.length > 0),
  }
}
