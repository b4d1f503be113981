import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { bashCompletionFiles, type Installation, isLoaded, planFor, shellFlag } from '../install-completion.ts'

/** `wwdb completion install`: puts the script where the shell loads it by itself. */
export const command = defineCommand({
  name: 'completion install',
  group: 'About wwdb',
  summary: 'install the completion script for the shell',
  purpose:
    'Writes the completion script to the folder in your home directory from which the shell loads it: that of ' +
    'bash-completion, that of fish, or ~/.zfunc for zsh; the lines that load it are added to .zshrc after a ' +
    'question. Run it again after an update of wwdb to renew the script. `wwdb completion uninstall` removes it.',
  examples: [
    { command: 'wwdb completion install', purpose: 'for the shell of your login' },
    { command: 'wwdb completion install --shell zsh --dry-run', purpose: 'what it would write' },
  ],
  flags: {
    'What to write': {
      shell: shellFlag,
      dryRun: { description: 'show which files it would write, without writing anything' },
    },
  },
  exitCodes: exitCodesOf.tool,
  interruption: 'at-once',
  writes: true,
  connects: false,
  async run({ shell, dryRun }, context) {
    const plan = planFor(shell, context.process.variables, 'wwdb completion install')
    if (dryRun)
      return { result: { kind: 'document', format: 'text', content: describePlan(plan) }, exitCode: exitCodes.done }
    const script = writeScript(plan)
    const startup = await nameFolder(plan, context)
    return {
      result: {
        kind: 'files',
        created: script === 'created' ? [plan.file] : [],
        changed: [...(script === 'changed' ? [plan.file] : []), ...(startup === 'changed' ? startupFiles(plan) : [])],
        next: nextSteps(plan, script === 'present', startup),
      },
      exitCode: exitCodes.done,
    }
  },
})

function startupFiles({ startup }: Installation): readonly string[] {
  return startup === null ? [] : [startup.file]
}

function writeScript({ file, script }: Installation): 'created' | 'changed' | 'present' {
  const present = existsSync(file) ? readFileSync(file, 'utf8') : null
  if (present === script) return 'present'
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, script)
  return present === null ? 'created' : 'changed'
}

/** The startup file belongs to a person: lines are added only after a yes. */
async function nameFolder(plan: Installation, { confirm }: Context): Promise<'changed' | 'present' | 'left'> {
  const { startup } = plan
  if (startup === null) return 'present'
  const text = existsSync(startup.file) ? readFileSync(startup.file, 'utf8') : ''
  if (isLoaded(text, plan)) return 'present'
  const what = `${startup.file} will get these lines at its end:\n${startup.lines.trimEnd()}`
  try {
    await confirm({ what, level: 'moderate', name: 'completion' })
  } catch (error) {
    if (error instanceof ToolError && error.code === 'NOT_CONFIRMED') return 'left'
    throw error
  }
  const gap = text === '' ? '' : text.endsWith('\n') ? '\n' : '\n\n'
  writeFileSync(startup.file, `${text}${gap}${startup.lines}`)
  return 'changed'
}

function nextSteps(plan: Installation, isPresent: boolean, startup: 'changed' | 'present' | 'left'): readonly string[] {
  const { shell, file } = plan
  const lines = plan.startup?.lines.trimEnd().split('\n').slice(1).join('; ') ?? ''
  return [
    ...(isPresent ? [`The script is already installed and up to date:  \`${file}\`.`] : []),
    ...(startup === 'left' ? [`Add this to ${plan.startup?.file ?? ''}: \`${lines}\`.`] : []),
    ...(shell === 'bash' && !bashCompletionFiles.some((one) => existsSync(one))
      ? [
          `The package bash-completion, which loads it, was not found: install it, or add \`source '${file}'\` to ~/.bashrc.`,
        ]
      : []),
    'Open a new shell to use it.',
    `\`wwdb completion uninstall --shell ${shell}\` removes it.`,
  ]
}

function describePlan({ shell, file, startup }: Installation): string {
  const asks = startup === null ? '' : `After a question, at the end of ${startup.file}:\n\n${startup.lines}`
  return `For ${shell}: ${file}\n${asks}`
}
