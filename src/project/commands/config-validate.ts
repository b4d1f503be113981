import { longestInterval, readCron } from '../../calendar/cron.ts'
import { findShortHorizons } from '../../calendar/horizon.ts'
import type { CommandResult } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import type { Config } from '../../config/config.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { type FamilyReport, inspectFamilies } from '../../shards/templates/read-families.ts'

/**
 * Lists every fault of the configuration, and of the shard templates whose headers it may replace; exit code 78 where there is
 * one. It also checks that shards are made further ahead than a failed run can stay unnoticed.
 */
export const command = defineCommand({
  name: 'config validate',
  group: 'Databases and projects',
  summary: 'check the configuration',
  purpose:
    'Reads the configuration and lists every error, with its path and the key that was probably meant; then those ' +
    'of the shard templates. If rotation has a schedule, it lists the families whose shards would run out before ' +
    'a failed run is noticed and fixed.',
  examples: [
    { command: 'wwdb config validate', purpose: 'the file found from here' },
    { command: 'wwdb config validate -c deploy/wwdb.config.json', purpose: 'another one' },
  ],
  exitCodes: exitCodesOf.project,
  interruption: 'at-once',
  writes: false,
  connects: true,
  vtgate: true,
  manyTargets: true,
  async run(_options, context) {
    try {
      const config = await context.config()
      const report = await inspectFamilies(config)
      const faults = [...report.faults, ...judgeHorizons(config, report)]
      return answer(faults, report.files + (config.file === null ? 0 : 1), report.families.length)
    } catch (error) {
      if (!(error instanceof ToolError) || error.code !== 'CONFIG_INVALID') throw error
      const files = new Set(error.faults.flatMap((fault) => fault.where?.file ?? []))
      return answer(error.faults, files.size, 0)
    }
  },
})

function judgeHorizons({ rotation }: Config, { families }: FamilyReport): readonly Fault[] {
  const cron = rotation.schedule === null ? null : readCron(rotation.schedule)
  if (cron?.type !== 'cron') return []
  return findShortHorizons(families, longestInterval(cron.fields), rotation.alertDelay)
}

function answer(faults: readonly Fault[], files: number, statements: number): CommandResult {
  return {
    result: { kind: 'validation', faults, hazards: [], stopping: null, files, statements },
    exitCode: faults.length === 0 ? exitCodes.done : exitCodes.configuration,
  }
}
