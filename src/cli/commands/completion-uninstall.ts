import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { type Installation, isOurScript, planFor, shellFlag, withoutLines } from '../install-completion.ts'

/** `wwdb completion uninstall`: removes what `completion install` wrote, and nothing else. */
export const command = defineCommand({
  name: 'completion uninstall',
  group: 'About wwdb',
  summary: 'remove the completion script',
  purpose:
    'Removes what `wwdb completion install` wrote: the script, and after a question the lines in .zshrc. A script ' +
    'that wwdb did not write, and lines that were changed later, are reported and not removed.',
  examples: [
    { command: 'wwdb completion uninstall', purpose: 'for the shell of your login' },
    { command: 'wwdb completion uninstall --shell zsh --dry-run', purpose: 'what it would take away' },
  ],
  flags: {
    'What to remove': {
      shell: shellFlag,
      dryRun: { description: 'show what it would remove, without changing anything' },
    },
  },
  exitCodes: exitCodesOf.tool,
  interruption: 'at-once',
  writes: true,
  connects: false,
  async run({ shell, dryRun }, context) {
    const plan = planFor(shell, context.process.variables, 'wwdb completion uninstall')
    const script = stateOfScript(plan)
    const rest = plan.startup === null ? null : withoutLines(readText(plan.startup.file), plan)
    if (dryRun)
      return {
        result: { kind: 'document', format: 'text', content: describe(plan, script, rest !== null) },
        exitCode: exitCodes.done,
      }
    // The lines are removed first: a shell that starts in between still finds the script.
    const startup = rest === null ? 'absent' : await restore(plan, rest, context)
    if (script === 'ours') rmSync(plan.file)
    return {
      result: {
        kind: 'files',
        created: [],
        changed: startup === 'restored' ? [plan.startup?.file ?? ''] : [],
        removed: script === 'ours' ? [plan.file] : [],
        next: [...notesOnScript(plan, script), ...notesOnStartup(plan, startup)],
      },
      exitCode: exitCodes.done,
    }
  },
})

function readText(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

type ScriptState = 'ours' | 'absent' | 'foreign'

function stateOfScript({ file }: Installation): ScriptState {
  if (!existsSync(file)) return 'absent'
  return isOurScript(readText(file)) ? 'ours' : 'foreign'
}

/** The startup file belongs to a person: it is changed only after a yes. */
async function restore(
  { startup }: Installation,
  rest: string,
  { confirm }: Context,
): Promise<'restored' | 'left' | 'absent'> {
  if (startup === null) return 'absent'
  const what = `These lines will be removed from ${startup.file}:\n${startup.lines.trimEnd()}`
  try {
    await confirm({ what, level: 'moderate', name: 'completion' })
  } catch (error) {
    if (error instanceof ToolError && error.code === 'NOT_CONFIRMED') return 'left'
    throw error
  }
  writeFileSync(startup.file, rest)
  return 'restored'
}

function notesOnScript({ file, shell }: Installation, script: ScriptState): readonly string[] {
  if (script === 'absent') return [`There is no completion script for ${shell}: \`${file}\`.`]
  return script === 'foreign' ? [`\`${file}\` was not written by wwdb, and was not removed.`] : []
}

function notesOnStartup(plan: Installation, state: 'restored' | 'left' | 'absent'): readonly string[] {
  const { startup } = plan
  if (startup === null || state === 'restored') return []
  if (state === 'left') return [`The lines under "Completion of wwdb" are still in \`${startup.file}\`.`]
  const mark = startup.lines.split('\n')[0] ?? ''
  return readText(startup.file).includes(mark)
    ? [`The lines under "Completion of wwdb" in \`${startup.file}\` were changed, and were not removed.`]
    : []
}

function describe(plan: Installation, script: ScriptState, hasLines: boolean): string {
  const lines = [
    script === 'ours' ? `For ${plan.shell}: ${plan.file}` : `For ${plan.shell}: nothing at ${plan.file}`,
    ...(hasLines && plan.startup !== null
      ? [`After a question, out of ${plan.startup.file}:\n\n${plan.startup.lines}`]
      : []),
  ]
  return `${lines.join('\n')}\n`
}
