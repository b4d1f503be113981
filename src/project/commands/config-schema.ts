import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'

/** The JSON Schema of the configuration file. Its generator is imported only here: no other command needs it. */
export const command = defineCommand({
  name: 'config schema',
  group: 'Databases and projects',
  summary: 'print the JSON Schema of the configuration file',
  purpose: 'Prints the JSON Schema that editors use to complete and check wwdb.config.json.',
  examples: [
    { command: 'wwdb config schema > wwdb.schema.json', purpose: 'keep it beside the configuration' },
    { command: 'wwdb config schema | less', purpose: 'look up a setting' },
  ],
  exitCodes: [...exitCodesOf.tool, exitCodes.failed],
  interruption: 'at-once',
  writes: false,
  connects: false,
  async run() {
    const { configJsonSchema } = await import('../../config/json-schema.ts')
    const content = `${JSON.stringify(configJsonSchema(), null, 2)}\n`
    return { result: { kind: 'document', format: 'json', content }, exitCode: exitCodes.done }
  },
})
