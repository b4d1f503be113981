import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { language } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { baselineName } from '../project/baseline.ts'
import { type ProjectReview, type ReviewOptions, reviewProject } from '../run/review-project.ts'
import { hasFailed, type LintResult } from './lint-view.ts'

/** `wwdb lint`: what a reviewer would say about pending migrations. */
export const command = defineCommand({
  name: 'lint',
  group: 'Migrations',
  summary: 'review migration files and shard templates, without a server',
  purpose:
    'Reviews each file that is not applied yet: what fails, locks, loses data or surprises, why, and what to do ' +
    'instead. Replays the definitions of all files, so that it knows the tables that a statement uses. Needs no ' +
    'server; with `--server` it reads what is applied, and tries the rest. Exit code 1 for errors, and for more ' +
    'warnings than `--max-warnings` allows.',
  examples: [
    { command: 'wwdb lint --since origin/main', purpose: 'in a pull request: what the branch adds or changes' },
    { command: 'wwdb lint --since origin/main --format sarif', purpose: 'the same for code scanning' },
    {
      command: 'wwdb lint --all --write-baseline',
      purpose: 'begin in a project with findings: later runs name new ones only',
    },
    { command: 'wwdb lint --server', purpose: 'try what is pending, up and down, before anyone runs it' },
    { command: 'wwdb lint --fix', purpose: 'apply the fixes that are safe' },
  ],
  arguments: {
    paths: {
      description: 'files or folders; default: all files that are not applied',
      required: false,
      variadic: true,
      type: 'file',
    },
  },
  flags: {
    'What to review': {
      since: {
        value: 'REF',
        description: 'only files that the branch adds or changes, compared with this git commit',
        conflicts: ['all'],
      },
      all: { description: 'include applied files' },
      strict: {
        description: 'include rules about style rather than harm: a missing down part, display widths',
      },
      server: {
        description:
          'connect to the databases: skip files that are applied, and try the rest in scratch schemas: up, down and up again',
      },
      targetVersion: {
        value: 'VERSION',
        description: 'review all files for this version of MySQL, for example 9.7, as for a new installation',
        pattern: { source: '\\d+(\\.\\d+){0,2}', meaning: 'It must be a version, such as 9.7 or 8.4.3.' },
      },
    },
    'What to do with findings': {
      fix: { description: 'fix the files where that is safe' },
      maxWarnings: {
        value: 'NUMBER',
        type: 'integer',
        description: 'exit with 1 if there are more warnings than this',
        otherwise: 'warnings do not fail',
      },
      writeBaseline: {
        description: `write the current findings to ${baselineName}, so that they are not reported again`,
      },
      language,
      format: {
        value: 'FORMAT',
        description: 'output format; use sarif for code scanning, gitlab for GitLab, junit for most build servers',
        choices: ['human', 'json', 'github', 'sarif', 'gitlab', 'junit'],
        otherwise: 'human',
      },
    },
  },
  exitCodes: [...exitCodesOf.servers, exitCodes.findings],
  interruption: 'at-once',
  writes: false,
  connects: false,
  connectsWith: 'server',
  async run({ server, format, ...options }, context) {
    const reviewed = await reviewWith(server, options, context)
    return {
      result: await present(reviewed, format, context.process.toolVersion),
      exitCode: hasFailed(reviewed.result) ? exitCodes.findings : exitCodes.done,
    }
  },
})

async function reviewWith(server: boolean, options: ReviewOptions, context: Context): Promise<ProjectReview> {
  if (!server) return reviewProject(options, context)
  // Reviewing text needs nothing that opens servers, plans runs or creates scratch schemas.
  const { withServers } = await import('../trial/ask-servers.ts')
  return withServers(context, (servers) => reviewProject(options, context, servers))
}

/** A format for programs is loaded where it is asked for. */
async function present(
  { result, rules, language, root }: ProjectReview,
  format: string | undefined,
  version: string,
): Promise<LintResult | { readonly kind: 'document'; readonly format: 'json' | 'text'; readonly content: string }> {
  switch (format) {
    case 'sarif': {
      const { writeSarif } = await import('../formats/sarif.ts')
      return { kind: 'document', format: 'json', content: writeSarif(result, rules, version, language, root) }
    }
    case 'gitlab': {
      const { writeGitlab } = await import('../formats/gitlab.ts')
      return { kind: 'document', format: 'json', content: writeGitlab(result) }
    }
    case 'junit': {
      const { writeJunit } = await import('../formats/junit.ts')
      return { kind: 'document', format: 'text', content: writeJunit(result) }
    }
    default:
      return result
  }
}
