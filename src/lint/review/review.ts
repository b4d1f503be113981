import type { ServerAnswer } from '../../ddl/server-answer.ts'
import type { LiveUse } from '../live-use.ts'
import {
  type HazardRule,
  isHazardRule,
  type LintRule,
  type PlacedFinding,
  type Rule,
  type RuleFacts,
  type StatementRule,
} from '../rule.ts'
import type {
  FileTrial,
  HistorySubject,
  LintFile,
  LintKeyspace,
  LintTemplate,
  ProjectSubject,
  ReadStatement,
} from '../subjects.ts'
import type { UpgradeFacts } from '../upgrade-facts.ts'
import { byPlace, groupByFile, numberFingerprints, type ReviewFinding } from './finding.ts'
import { judgeHazards } from './judge-hazards.ts'
import type { History } from './read-history.ts'
import { isAskedAbout, type RuleSetting, toFinding, type UsedRule } from './rule-use.ts'
import { Subject } from './subject.ts'
import { applySuppressions, type CodeBook } from './suppressions.ts'

export interface ReviewRequest {
  readonly histories: ReadonlyMap<string, History>
  readonly templates: readonly LintTemplate[]
  /** Paths of the files that are judged; the others are only read for context. */
  readonly judged: ReadonlySet<string>
  readonly rules: readonly Rule[]
  readonly settingOf: (rule: Rule) => RuleSetting
  /** The version of the server that the files are judged for; null where none is named. Rules of upgrades are only asked where one is. */
  readonly target: string | null
  /** By database, the version of the server that pending files are going to run on; absent without `--server`. */
  readonly running?: ReadonlyMap<string, string>
  /** The databases whose files run on a keyspace. */
  readonly keyspaces?: ReadonlyMap<string, LintKeyspace>
  /** As `2026-11-26`. */
  readonly today: string
  /** What servers answered, by file; empty without `--server`. */
  readonly trials?: ReadonlyMap<string, FileTrial>
  /** What live statements name of what the files take away. */
  readonly live?: readonly LiveUse[]
  /** How a server would carry out statements of up parts, by `statementKey`. */
  readonly answers?: ReadonlyMap<string, ServerAnswer>
  /** Facts about servers and their schemas; empty without `--server`. */
  readonly facts?: readonly UpgradeFacts[]
}

/** All findings of review, by file and line; those that a line of the file turns off are marked. Pure. */
export function review(request: ReviewRequest): readonly ReviewFinding[] {
  const run = new Review(request)
  return run.findAll()
}

class Review {
  readonly #request: ReviewRequest
  readonly #used: readonly UsedRule[]
  readonly #byVerb = new Map<string, readonly UsedRule<StatementRule>[]>()
  readonly #hazards: ReadonlyMap<string, { readonly rule: HazardRule; readonly setting: RuleSetting }>

  constructor(request: ReviewRequest) {
    this.#request = request
    this.#used = request.rules.flatMap((rule) => {
      if (isHazardRule(rule)) return []
      const { severity, options } = request.settingOf(rule)
      const isMeant = rule.family !== 'upgrade' || request.target !== null || isMeantOfRunning(rule, request)
      return severity === 'off' || !isMeant ? [] : [{ rule, severity, options }]
    })
    this.#hazards = new Map(
      request.rules.filter(isHazardRule).map((rule) => [rule.code, { rule, setting: request.settingOf(rule) }]),
    )
  }

  findAll(): readonly ReviewFinding[] {
    const { histories, templates } = this.#request
    const found: (readonly ReviewFinding[])[] = []
    const subjects = new Map<string, HistorySubject>()
    for (const history of histories.values()) {
      found.push(this.#judgeHistory(history))
      const subject = this.#historySubject(history)
      subjects.set(history.database, subject)
    }
    found.push(
      this.#judgeTemplates(),
      this.#judgeProject({ databases: subjects, templates, ...this.#settings({}) }),
      this.#judgeServers(),
    )
    const files = [...histories.values()].flatMap(({ files }) => files)
    const all = [...files, ...templates.map(fileOf)]
    return numberFingerprints(this.#suppress(withoutRepeated(found.flat()), all)).toSorted(byPlace)
  }

  #settings(options: RuleSetting['options']): {
    readonly options: RuleSetting['options']
    readonly target: string | null
  } {
    return { options, target: this.#request.target }
  }

  #historySubject({ database, files, schema }: History, options: RuleSetting['options'] = {}): HistorySubject {
    return { database, files, judged: this.#request.judged, schema, ...this.#settings(options) }
  }

  /** Applied files are not judged again, but by the rules of upgrades: a fresh build runs them, too. */
  #isJudged(file: string, { family }: Pick<RuleFacts, 'family'>): boolean {
    return (family === 'upgrade' && this.#request.target !== null) || this.#request.judged.has(file)
  }

  #judgeHistory(history: History): readonly ReviewFinding[] {
    // Pushed as lists: as arguments of one call, 100,000 findings would exceed the stack.
    const found: (readonly ReviewFinding[])[] = []
    for (const file of history.files) {
      const { target, answers } = this.#request
      const isJudged = this.#request.judged.has(file.file)
      if (isJudged || this.#request.target !== null) found.push(this.#judgeStatements(file))
      found.push(this.#judgeFile(file))
      if (isJudged)
        found.push(
          judgeHazards(file, {
            judged: this.#request.judged,
            target,
            answers,
            hazards: this.#hazards,
            live: this.#request.live,
          }),
        )
    }
    for (const used of this.#used) {
      if (used.rule.looksAt !== 'history') continue
      const findings = used.rule.find(this.#historySubject(history, used.options))
      found.push(findings.flatMap((finding) => this.#place(used, finding, history.database, null)))
    }
    return found.flat()
  }

  #judgeStatements(file: LintFile): readonly ReviewFinding[] {
    const found: ReviewFinding[] = []
    const running = this.#request.running?.get(file.database) ?? null
    const judge = (read: ReadStatement): void => {
      for (const used of this.#rulesOf(read.statement.verb)) {
        const { rule, options } = used
        const parts = rule.parts ?? 'up'
        if (!this.#isJudged(file.file, rule) || (parts !== 'both' && parts !== read.part)) continue
        const target = this.#request.target ?? (rule.family === 'upgrade' ? running : null)
        const subject = new Subject(read, file, { options, target }, this.#request.judged)
        for (const finding of rule.find(subject))
          found.push(toFinding(used, finding, file.database, read.statement, file.file))
      }
    }
    for (const read of [...file.up, ...(file.down ?? [])]) judge(read)
    return found
  }

  #rulesOf(verb: string): readonly UsedRule<StatementRule>[] {
    const known = this.#byVerb.get(verb)
    if (known !== undefined) return known
    const rules = this.#used.flatMap(({ rule, ...rest }) =>
      rule.looksAt === 'statement' && isAskedAbout(rule, verb) ? [{ rule, ...rest }] : [],
    )
    this.#byVerb.set(verb, rules)
    return rules
  }

  #judgeFile(file: LintFile): readonly ReviewFinding[] {
    return this.#used.flatMap((used) => {
      if (used.rule.looksAt !== 'file' || !this.#isJudged(file.file, used.rule)) return []
      const findings = used.rule.find({
        file,
        keyspace: this.#request.keyspaces?.get(file.database) ?? null,
        trial: this.#request.trials?.get(file.file) ?? null,
        ...this.#settings(used.options),
      })
      return findings.flatMap((finding) => this.#place(used, finding, file.database, file.file))
    })
  }

  #judgeTemplates(): readonly ReviewFinding[] {
    return this.#used.flatMap((used) => {
      const { rule } = used
      if (rule.looksAt !== 'template') return []
      return this.#request.templates.flatMap((template) =>
        this.#isJudged(template.file, rule)
          ? rule
              .find({ template, ...this.#settings(used.options) })
              .flatMap((finding) => this.#place(used, finding, template.database, template.file))
          : [],
      )
    })
  }

  #judgeProject(subject: ProjectSubject): readonly ReviewFinding[] {
    return this.#used.flatMap((used) => {
      if (used.rule.looksAt !== 'project') return []
      const findings = used.rule.find({ ...subject, options: used.options })
      return findings.flatMap((finding) => this.#place(used, finding, null, null))
    })
  }

  #judgeServers(): readonly ReviewFinding[] {
    return this.#used.flatMap((used) => {
      const { rule } = used
      if (rule.looksAt !== 'server') return []
      return (this.#request.facts ?? []).flatMap((facts) =>
        rule
          .find({ facts, ...this.#settings(used.options) })
          .flatMap((finding) => this.#place(used, finding, facts.database, facts.place)),
      )
    })
  }

  /** Rules that see more than the judged files keep only findings about judged files. */
  #place(
    used: UsedRule,
    finding: PlacedFinding,
    database: string | null,
    own: string | null,
  ): readonly ReviewFinding[] {
    const file = finding.file ?? finding.statement?.file ?? own
    if (file === null || !this.#isJudged(file, used.rule)) return []
    return [toFinding(used, finding, database, finding.statement ?? null, file, finding.line)]
  }

  #suppress(found: readonly ReviewFinding[], files: readonly LintFile[]): readonly ReviewFinding[] {
    const byFile = groupByFile(found)
    const codes = this.#codeBook()
    const rules = this.#used.flatMap(({ rule, ...rest }) =>
      rule.looksAt === 'suppressions' ? [{ rule, ...rest }] : [],
    )
    const all: (readonly ReviewFinding[])[] = []
    for (const file of files) {
      const { findings, suppressions } = applySuppressions(
        file,
        byFile.get(file.file) ?? [],
        this.#request.today,
        codes,
      )
      byFile.delete(file.file)
      all.push(findings)
      if (suppressions.length === 0 || !this.#request.judged.has(file.file)) continue
      for (const used of rules) {
        const found = used.rule.find({ file, suppressions, ...this.#settings(used.options) })
        all.push(found.flatMap((finding) => this.#place(used, finding, file.database, file.file)))
      }
    }
    return [...all, ...byFile.values()].flat()
  }

  #codeBook(): CodeBook {
    const on = new Set(this.#used.map(({ rule }) => rule.code))
    const all = new Set(this.#request.rules.map(({ code }) => code))
    return {
      kindOf: (code) => {
        const hazard = this.#hazards.get(code)
        if (hazard !== undefined) return hazard.rule.stops ? 'stops' : 'known'
        return all.has(code) ? 'known' : null
      },
      isAsked: (code) => {
        const hazard = this.#hazards.get(code)
        if (hazard === undefined) return on.has(code)
        // Whether these are found depends on the size of a table or on a server's answer: without one, their lines cannot be judged.
        const isOpen = ['blocking', 'rebuilding', 'unresumable'].includes(hazard.rule.kind)
        return hazard.setting.severity !== 'off' && !isOpen
      },
    }
  }
}

/** A statement that the server of the files refuses is an error there, whatever version is planned. */
function isMeantOfRunning({ looksAt, severity }: LintRule, { running }: ReviewRequest): boolean {
  return looksAt === 'statement' && severity === 'error' && running !== undefined
}

/** A template as a file whose lines turn findings off. */
function fileOf({ file, database, family, suppressed }: LintTemplate): LintFile {
  const none = { accepted: [], conditions: [], up: [], down: null, partial: false }
  return { file, database, version: '', name: family, kind: 'versioned', suppressed, shards: family, ...none }
}

/** A refusal by the server is not reported again where a rule explains it. */
function withoutRepeated(found: readonly ReviewFinding[]): readonly ReviewFinding[] {
  const explained = new Set(
    found.flatMap(({ code, severity, statement }) =>
      code !== refusedCode && severity === 'error' && statement !== null ? [statement] : [],
    ),
  )
  return found.filter(({ code, statement }) => code !== refusedCode || statement === null || !explained.has(statement))
}

const refusedCode = 'SERVER_REFUSES'
