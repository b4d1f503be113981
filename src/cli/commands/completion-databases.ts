import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'

/** The names that `--target` accepts: the completion scripts ask for them. */
export const command = defineCommand({
  name: 'completion databases',
  group: 'About wwdb',
  summary: 'the names of the logical databases, one a line',
  purpose:
    'Prints the names of the logical databases of the configuration, one a line. The completion scripts call it ' +
    'to complete `--target`; your own scripts can do the same. It opens no connection.',
  examples: [
    { command: 'wwdb completion databases', purpose: 'the names that `--target` takes' },
    { command: 'wwdb completion databases --config other/wwdb.config.json', purpose: 'those of another project' },
  ],
  exitCodes: exitCodesOf.project,
  interruption: 'at-once',
  writes: false,
  connects: false,
  async run(_, context) {
    const { databases } = await context.config()
    const content = databases.map(({ name }) => `${name}\n`).join('')
    return { result: { kind: 'document', format: 'text', content }, exitCode: exitCodes.done }
  },
})
