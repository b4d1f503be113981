import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { environmentFlags } from '../environment-flags.ts'
import { describeEnvironment } from '../provision.ts'
import { withProvision } from '../provision-context.ts'
import { provisionEnvironment } from '../provision-environment.ts'
import { variablesOf, writeEnvironment } from '../variables.ts'

/** `wwdb provision up`: creates a complete test environment, and prints the environment variables that make programs use it. */
export const command = defineCommand({
  name: 'provision up',
  group: 'Stores and environments',
  summary: 'create a complete test environment',
  purpose:
    'Creates a schema for every database under its own prefix, migrated, seeded and with the current shards, and ' +
    'prints the variables that make programs use them. It is cloned from a template that is kept on the server as ' +
    'long as no definition changes. A test environment contains only schemas that this command created.',
  examples: [
    {
      command: 'wwdb provision up --name pr_123 --out .env.test',
      purpose: 'a test environment, and a file for dotenv or docker --env-file, with passwords',
    },
    { command: 'wwdb provision up --as github >> "$GITHUB_ENV"', purpose: 'for the steps that follow in a GitHub job' },
  ],
  flags: {
    'The test environment': environmentFlags,
    'The variables': {
      as: {
        value: 'FORMAT',
        description: 'format: lines of an env file, a JSON object, or lines for $GITHUB_ENV',
        choices: ['env', 'json', 'github'],
        otherwise: 'env',
      },
      out: {
        value: 'FILE',
        type: 'file',
        description:
          'write them to this file, including passwords, readable only by this user; the printed output has no passwords',
      },
    },
  },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  stores: true,
  run(options, context) {
    return withProvision(context, async (provision) => {
      const { name, config, milliseconds } = await provisionEnvironment(context, provision, options, 'kept')
      const { config: project, registry } = provision
      const facts = { name, prefix: config.prefix, stores: options.with ?? [] }
      const file = options.out === undefined ? null : resolve(context.process.cwd, options.out)
      if (file !== null)
        await writeSecretly(file, writeEnvironment(variablesOf(project, facts, true), options.as ?? 'env'))
      const variables = variablesOf(project, facts, false)
      if (file === null && project.databases.some(({ server }) => server.password !== null))
        context.emit({ type: 'warning', message: withoutPasswords, target: null })
      if (file === null && options.as !== undefined) {
        const content = writeEnvironment(variables, options.as)
        return {
          result: { kind: 'document', format: options.as === 'json' ? 'json' : 'text', content },
          exitCode: exitCodes.done,
        }
      }
      const record = await registry.find(name)
      if (record === null)
        throw new ToolError('TEST_ENVIRONMENT_UNKNOWN', {
          what: `The test environment \`${name}\` was dropped by another run.`,
        })
      const environment = describeEnvironment({ ...record, held: false }, [], project)
      return { result: { kind: 'provision', environment, variables, file, milliseconds }, exitCode: exitCodes.done }
    })
  },
})

const withoutPasswords =
  'The printed URLs are without their passwords, so that programs cannot log in by them alone. `--out FILE` writes them in full.'

/** Only for this user, even if the file existed and others could read it: it may hold passwords. */
async function writeSecretly(file: string, text: string): Promise<void> {
  try {
    const handle = await open(file, 'w', 0o600)
    try {
      if ((await handle.stat()).isFile()) await handle.chmod(0o600)
      await handle.writeFile(text)
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw new ToolError('OUT_FILE', {
      what: `The environment could not be written to \`${file}\`.`,
      why: error instanceof Error ? error.message : String(error),
      next: 'The test environment was created anyway: `wwdb provision list` shows it.',
    })
  }
}
