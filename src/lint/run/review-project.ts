import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Context } from '../../command/context.ts'
import type { Answers } from '../../command/result.ts'
import { type Config, selectDatabases } from '../../config/config.ts'
import type { Language } from '../../core/language.ts'
import { ToolError } from '../../core/tool-error.ts'
import { readBaseline, writeBaseline } from '../project/baseline.ts'
import { describedBranchCodes } from '../project/branch-codes.ts'
import { type ChosenFiles, chooseFiles } from '../project/choose-files.ts'
import { judgeBranch } from '../project/judge-branch.ts'
import { keyspacesOf } from '../project/keyspaces.ts'
import { filesOf, type ProjectFiles, readProjectFiles, unjudgedFiles } from '../project/project-files.ts'
import { readRuleSettings } from '../project/rule-settings.ts'
import { applyTextEdits } from '../review/apply-fixes.ts'
import type { ReviewFinding } from '../review/finding.ts'
import { type History, readHistory } from '../review/read-history.ts'
import { review } from '../review/review.ts'
import type { RuleSetting } from '../review/rule-use.ts'
import type { DescribedCode, Rule } from '../rule.ts'
import { hazardRules } from '../rules.generated.ts'
import type { OpenServers, TrialSummary } from '../trial/ask-servers.ts'
import { holdMigrations } from '../trial/hold-migrations.ts'

type LintResult = Answers['lint']
type LintFindingDocument = LintResult['findings'][number]

/** What is reviewed and how, as values; by default every pending file. */
export interface ReviewOptions {
  /** Files or folders. */
  readonly paths: readonly string[]
  readonly since?: string | undefined
  readonly all?: boolean
  readonly strict?: boolean
  readonly targetVersion?: string | undefined
  readonly fix?: boolean
  readonly maxWarnings?: number | undefined
  readonly writeBaseline?: boolean
  readonly language?: Language | undefined
}

/** The answer, and the rules and the language that it was made with, for the formats of other programs. */
export interface ProjectReview {
  readonly result: LintResult
  readonly rules: readonly DescribedCode[]
  readonly language: Language
  /** The project's folder. */
  readonly root: string
}

/**
 * Reviews the files of the chosen databases: what a reviewer would say about them. Writes fixes and the baseline on request. @param servers that are also asked; null for the text alone
 */
export async function reviewProject(
  { all: isAll = false, strict = false, fix = false, writeBaseline: keepsBaseline = false, ...options }: ReviewOptions,
  context: Context,
  servers: OpenServers | null = null,
): Promise<ProjectReview> {
  const config = await context.config()
  const { root } = config
  // Loaded here, so that help does not load two hundred rules.
  const { reviewRules } = await import('../review-rules.generated.ts')
  const rules: readonly Rule[] = [...hazardRules, ...reviewRules]
  const settingOf = readRuleSettings({ ...config.lint, strict: config.lint.strict || strict }, rules)
  const chosen = new Set(selectDatabases(config, context.targets).map(({ name }) => name))
  const project = await readProjectFiles(config, chosen)
  const own = filesOf(project, chosen)
  const wanted = {
    ...{ root, cwd: context.process.cwd, named: options.paths, since: options.since ?? null, all: isAll },
    strictSince: config.strictSince,
    isApplied: servers?.isApplied ?? null,
  }
  const templates = own.templates.map(({ file }) => file)
  const picked = await chooseFiles(wanted, own.migrations, templates)
  const target = readTarget(options.targetVersion ?? config.lint.target)
  const { found, trial } = await judge({ context, servers, project, judged: picked.files, rules, settingOf, target })
  const changed = await judgeChanged(context, config, own, picked.history)
  const open = [...changed, ...found.filter(({ suppressed }) => suppressed === null)]
  const fixed = fix ? applyFixes(root, open) : new Set<ReviewFinding>()
  const left = open.filter((finding) => !fixed.has(finding))
  const fresh = withoutKnown(root, left, keepsBaseline ? unjudgedFiles(project, picked.files) : null)
  const language = options.language ?? config.lint.language
  const result: LintResult = {
    kind: 'lint',
    judged: {
      files: picked.files.size,
      of: own.migrations.length + own.templates.length,
      by: picked.by,
      note: picked.note,
    },
    folder: project.folder,
    faults: project.faults,
    findings: fresh.map((finding) => toDocument(finding, rules, language)),
    suppressed: found.length + changed.length - open.length,
    known: left.length - fresh.length,
    fixed: fixed.size,
    baselineWritten: keepsBaseline,
    maxWarnings: options.maxWarnings ?? null,
    trial,
  }
  return { result, rules: [...rules, ...describedBranchCodes], language, root }
}

/** What a branch has changed although the main branch has it; nothing where no commit is compared with. */
async function judgeChanged(
  { targets }: Context,
  config: Config,
  own: ReturnType<typeof filesOf>,
  history: ChosenFiles['history'],
): Promise<readonly ReviewFinding[]> {
  if (history === null) return []
  return judgeBranch({
    config,
    databases: selectDatabases(config, targets),
    ...own,
    history,
    readNow: (file) => readFileSync(resolve(config.root, file), 'utf8'),
  })
}

/** The findings that the baseline does not have. @param unjudged the files whose entries stay when a new baseline is written; null where none is written */
function withoutKnown(
  root: string,
  left: readonly ReviewFinding[],
  unjudged: ReadonlySet<string> | null,
): readonly ReviewFinding[] {
  if (unjudged !== null) {
    writeBaseline(root, left, unjudged)
    return []
  }
  const known = readBaseline(root)
  return left.filter(({ fingerprint }) => !known.has(fingerprint))
}

/** What is judged, and by what. */
interface JudgeRequest {
  readonly context: Context
  readonly servers: OpenServers | null
  readonly project: ProjectFiles
  /** Paths of the files that are judged; the others serve as context. */
  readonly judged: ReadonlySet<string>
  readonly rules: readonly Rule[]
  readonly settingOf: (rule: Rule) => RuleSetting
  readonly target: string | null
}

/** The findings about the files, and for another version about the servers' schemas. */
async function judge({ context, servers, project, judged, rules, settingOf, target }: JudgeRequest): Promise<{
  readonly found: readonly ReviewFinding[]
  readonly trial: TrialSummary | null
}> {
  const histories = new Map<string, History>()
  for (const [database, files] of project.migrations)
    histories.set(database, readHistory(database, await holdMigrations(files)))
  const asked = await servers?.review(judged)
  const keyspaces = await keyspacesOf(await context.config())
  const shared = { settingOf, target, today: new Date(context.now()).toISOString().slice(0, 10) }
  const ofFiles = review({
    ...shared,
    ...(asked !== undefined && { trials: asked.trials, answers: asked.answers }),
    ...(servers !== null && { running: servers.versions }),
    keyspaces,
    histories,
    templates: project.templates,
    judged,
    rules,
  })
  if (asked === undefined || target === null) return { found: ofFiles, trial: asked?.summary ?? null }
  // Everything else was created by files, which have their own findings; only an upgrade concerns the current state.
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

/** Writes the safe fixes; returns the findings that are fixed. */
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
