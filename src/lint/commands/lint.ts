import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandResult, Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { language } from '../../command/shared-flags.ts'
import { selectDatabases } from '../../config/config.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { Language } from '../../core/language.ts'
import { ToolError } from '../../core/tool-error.ts'
import { baselineName, readBaseline, writeBaseline } from '../project/baseline.ts'
import { chooseFiles } from '../project/choose-files.ts'
import { filesOf, type ProjectFiles, readProjectFiles, unjudgedFiles } from '../project/project-files.ts'
import { readRuleSettings } from '../project/rule-settings.ts'
import { applyTextEdits } from '../review/apply-fixes.ts'
import type { ReviewFinding } from '../review/finding.ts'
import { type History, readHistory } from '../review/read-history.ts'
import { review } from '../review/review.ts'
import type { RuleSetting } from '../review/rule-use.ts'
import type { Rule } from '../rule.ts'
import { hazardRules } from '../rules.generated.ts'
import type { OpenServers, TrialSummary } from '../trial/ask-servers.ts'
import { holdMigrations } from '../trial/hold-migrations.ts'
import { hasFailed, type LintFindingDocument, type LintResult } from './lint-view.ts'
import { writeGitlab } from './report-gitlab.ts'
import { writeJunit } from './report-junit.ts'
import { writeSarif } from './report-sarif.ts'

/** `wwdb lint`: what a reviewer would say of migrations that are not applied yet. */
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
    { command: 'wwdb lint --fix', purpose: 'do what is safe to do' },
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
  async run(options, context) {
    if (!options.server) return lint(options, context, null)
    // Reviewing text needs nothing of what opens servers, plans runs and makes scratch schemas.
    const { withServers } = await import('../trial/ask-servers.ts')
    return withServers(context, (servers) => lint(options, context, servers))
  },
})

/** The options of the command, as they are checked. */
interface LintOptions {
  readonly paths: readonly string[]
  readonly since?: string | undefined
  readonly all: boolean
  readonly strict: boolean
  readonly targetVersion?: string | undefined
  readonly fix: boolean
  readonly maxWarnings?: number | undefined
  readonly writeBaseline: boolean
  readonly language?: string | undefined
  readonly format?: string | undefined
}

async function lint(options: LintOptions, context: Context, servers: OpenServers | null): Promise<CommandResult> {
  const config = await context.config()
  const { root } = config
  // Loaded here, so that help does not read two hundred rules.
  const { reviewRules } = await import('../review-rules.generated.ts')
  const rules: readonly Rule[] = [...hazardRules, ...reviewRules]
  const settingOf = readRuleSettings({ ...config.lint, strict: config.lint.strict || options.strict }, rules)
  const chosen = new Set(selectDatabases(config, context.targets).map(({ name }) => name))
  const project = await readProjectFiles(config, chosen)
  const own = filesOf(project, chosen)
  const wanted = {
    root,
    cwd: context.process.cwd,
    named: options.paths,
    since: options.since ?? null,
    all: options.all,
    strictSince: config.strictSince,
    isApplied: servers?.isApplied ?? null,
  }
  const picked = await chooseFiles(
    wanted,
    own.migrations,
    own.templates.map(({ file }) => file),
  )
  const target = readTarget(options.targetVersion ?? config.lint.target)
  const { found, trial } = await judge({
    context,
    servers,
    project,
    judged: picked.files,
    rules,
    settingOf,
    target,
  })
  const open = found.filter(({ suppressed }) => suppressed === null)
  const fixed = options.fix ? applyFixes(root, open) : new Set<ReviewFinding>()
  const left = open.filter((finding) => !fixed.has(finding))
  if (options.writeBaseline) writeBaseline(root, left, unjudgedFiles(project, picked.files))
  const known = options.writeBaseline ? new Set(left.map(({ fingerprint }) => fingerprint)) : readBaseline(root)
  const fresh = left.filter(({ fingerprint }) => !known.has(fingerprint))
  const language = options.language === 'zh' || options.language === 'en' ? options.language : config.lint.language
  const all = own.migrations.length + own.templates.length
  const result: LintResult = {
    kind: 'lint',
    judged: { files: picked.files.size, of: all, by: picked.by, note: picked.note },
    faults: project.faults,
    findings: fresh.map((finding) => toDocument(finding, rules, language)),
    suppressed: found.length - open.length,
    known: left.length - fresh.length,
    fixed: fixed.size,
    baselineWritten: options.writeBaseline,
    maxWarnings: options.maxWarnings ?? null,
    trial,
  }
  return {
    result: present(result, options.format, { rules, version: context.process.toolVersion, language }),
    exitCode: hasFailed(result) ? exitCodes.findings : exitCodes.done,
  }
}

/** What is judged, and by what. */
interface JudgeRequest {
  readonly context: Context
  readonly servers: OpenServers | null
  readonly project: ProjectFiles
  /** Paths of the files that are judged; the others are there to be known. */
  readonly judged: ReadonlySet<string>
  readonly rules: readonly Rule[]
  readonly settingOf: (rule: Rule) => RuleSetting
  readonly target: string | null
}

/** The findings about the files, and for another version about what the servers have. */
async function judge({ context, servers, project, judged, rules, settingOf, target }: JudgeRequest): Promise<{
  readonly found: readonly ReviewFinding[]
  readonly trial: TrialSummary | null
}> {
  const histories = new Map<string, History>()
  for (const [database, files] of project.migrations)
    histories.set(database, readHistory(database, await holdMigrations(files)))
  const asked = await servers?.review(judged)
  const shared = { settingOf, target, today: new Date(context.now()).toISOString().slice(0, 10) }
  const ofFiles = review({
    ...shared,
    ...(asked !== undefined && { trials: asked.trials, answers: asked.answers }),
    ...(servers !== null && { running: servers.versions }),
    histories,
    templates: project.templates,
    judged,
    rules,
  })
  if (asked === undefined || target === null) return { found: ofFiles, trial: asked?.summary ?? null }
  // All else that is there was made by files, which have their own findings; only an upgrade concerns it as it is.
  const upgrades = rules.filter(({ family }) => family === 'upgrade')
  const { readLive } = await import('../trial/read-live.ts')
  const { histories: schemas, facts, notes } = await readLive(context)
  const none = { templates: [], judged: new Set<string>() }
  const ofServers = review({ ...shared, ...none, histories: schemas, rules: upgrades, facts })
  return { found: [...ofFiles, ...ofServers], trial: { ...asked.summary, notes: [...asked.summary.notes, ...notes] } }
}

/** `9.7` is its first release. */
function readTarget(version: string | null): string | null {
  if (version === null) return null
  if (!/^\d+(\.\d+){0,2}$/.test(version)) {
    throw new ToolError('CONFIG_INVALID', {
      what: `\`lint.target\` is not a version: "${version}".`,
      next: 'Write `9.7` or `8.4.3`.',
    })
  }
  return [...version.split('.'), '0', '0'].slice(0, 3).join('.')
}

/** Writes the safe fixes; returns the findings that are gone. */
function applyFixes(root: string, findings: readonly ReviewFinding[]): ReadonlySet<ReviewFinding> {
  const fixable = findings.filter(({ edits }) => edits.length > 0)
  for (const file of new Set(fixable.map((finding) => finding.file))) {
    const path = join(root, file)
    const text = readFileSync(path, 'utf8')
    writeFileSync(
      path,
      applyTextEdits(
        text,
        fixable.filter((finding) => finding.file === file),
      ),
    )
  }
  return new Set(fixable)
}

function toDocument(finding: ReviewFinding, rules: readonly Rule[], language: Language): LintFindingDocument {
  const { code, severity, stops, database, file, region, message, fix, edits, fingerprint } = finding
  const rule = rules.find((each) => each.code === code)
  const manual = rule?.manual ?? null
  return {
    code,
    severity,
    stops,
    database,
    file,
    line: region.line,
    column: region.column,
    endLine: region.endLine,
    endColumn: region.endColumn,
    message: message[language],
    fix: fix[language],
    manual,
    fixable: edits.length > 0,
    fingerprint,
  }
}

function present(
  result: LintResult,
  format: string | undefined,
  {
    rules,
    version,
    language,
  }: { readonly rules: readonly Rule[]; readonly version: string; readonly language: Language },
): LintResult | { readonly kind: 'document'; readonly format: 'json' | 'text'; readonly content: string } {
  switch (format) {
    case 'sarif':
      return { kind: 'document', format: 'json', content: writeSarif(result, rules, version, language) }
    case 'gitlab':
      return { kind: 'document', format: 'json', content: writeGitlab(result) }
    case 'junit':
      return { kind: 'document', format: 'text', content: writeJunit(result) }
    default:
      return result
  }
}
