import type { CommandResult, Context } from '../../command/context.ts'
import type { Answers } from '../../command/result.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { withMigrations } from './open-driver.ts'
import type { MigrationRequest } from './plan-migrations.ts'
import { type CodeRunStep, runMigrations } from './run-migrations.ts'

interface CommandRequest extends Omit<MigrationRequest, 'outOfOrder'> {
  readonly command: 'setup migrate' | 'setup rollback'
  readonly dryRun: boolean
}

/** What `setup migrate` and `setup rollback` share. */
export function carryOutRequest(
  context: Context,
  asked: CommandRequest,
): Promise<CommandResult<Answers['code-migration-run']>> {
  const { command, dryRun } = asked
  return withMigrations(context, async ({ config, store, folders, driver }) => {
    const started = performance.now()
    if (!dryRun) context.emit({ type: 'run-started', command, targets: [] })
    const { databases, error } = await runMigrations(driver, {
      ...asked,
      folders,
      prefix: store.prefix,
      outOfOrder: config.outOfOrder,
      server: store.label,
      lockWait: config.timeouts.lock,
      emit: context.emit,
      stop: context.stop,
      confirm: async (steps) => {
        if (asked.direction === 'up') return
        const level = config.protected ? 'severe' : 'moderate'
        await context.confirm({ what: describeLoss(steps), level, name: 'rollback' })
      },
    })
    const milliseconds = performance.now() - started
    return {
      result: { kind: 'code-migration-run', command, dryRun, databases, milliseconds },
      exitCode: error?.exitCode ?? exitCodes.done,
    }
  })
}

function describeLoss(steps: readonly CodeRunStep[]): string {
  const names = steps.map(({ version, name }) => `\`${version}_${name}\``)
  const list = names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
  return `This rolls back ${list}. The changes that code makes are not known before it runs.`
}
