import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { openPages } from '../pages.ts'
import { serve } from '../server.ts'
import { commandTools } from '../tools.ts'

/** `wwdb mcp`: the reading commands as tools of the Model Context Protocol, over stdin and stdout. */
export const command = defineCommand({
  name: 'mcp',
  group: 'About wwdb',
  summary: 'serve read-only commands as tools for agents (Model Context Protocol)',
  purpose:
    'Serves the Model Context Protocol on stdin and stdout until stdin ends; an editor or an agent starts it. Its ' +
    'tools are the commands that only read (status, plan, lint, drift, shards check, schema dump, history, doctor, setup verify, check references, grants), with the same JSON, and the ' +
    'documentation. No command that writes is exposed. Each call is a separate run of wwdb, with the `--config`, `--env`, `--target`, `--prefix`, `--cwd` and `--url` given to this one.',
  examples: [
    { command: 'wwdb mcp', purpose: 'as an agent starts it, in the folder of the project' },
    { command: 'wwdb mcp --env staging', purpose: 'for one environment' },
  ],
  exitCodes: exitCodesOf.tool,
  interruption: 'at-once',
  writes: false,
  connects: false,
  async run(_, { process }) {
    await serve(process, { tools: commandTools, openPages })
    return { result: { kind: 'program', command: 'mcp', code: exitCodes.done }, exitCode: exitCodes.done }
  },
})
