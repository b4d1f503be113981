import type { Config } from '../../config/config.ts'
import type { InBoth } from '../../core/in-both.ts'
import { compareVersions } from '../../core/version.ts'
import { normalizeText } from '../../files/checksum.ts'
import { displayPath } from '../../migrations/files/folder.ts'
import { canonicalVersion, isFault, isIgnoredName, readMigrationName } from '../../migrations/files/migration-name.ts'
import type { Migration } from '../../migrations/migration.ts'
import { tokenize } from '../../sql/tokens.ts'
import { fingerprintOf, type ReviewFinding } from '../review/finding.ts'
import type { LintTemplate } from '../subjects.ts'
import { type BranchCode, branchCodes } from './branch-codes.ts'
import type { BranchChange, BranchHistory } from './changed-files.ts'

/** The project as it is now, and what the branch did. */
export interface BranchRequest {
  readonly config: Pick<Config, 'root' | 'outOfOrder'>
  /** The databases that are judged. */
  readonly databases: Config['databases']
  readonly migrations: readonly Migration[]
  readonly templates: readonly LintTemplate[]
  readonly history: BranchHistory
  /** The text of a file of the project now. */
  readonly readNow: (file: string) => string
}

/**
 * What the branch did to migrations and templates that its base has: edited, deleted or renamed ones, and new ones that sort before those of the
 * base. Repeatable migrations may change, and a squashed file stands for those whose versions it names.
 */
export async function judgeBranch(request: BranchRequest): Promise<readonly ReviewFinding[]> {
  const found: (readonly ReviewFinding[])[] = []
  for (const database of request.databases) {
    found.push(await new BranchOf(request, database).findAll())
  }
  return found.flat()
}

/** What the path of a versioned migration says. */
interface Named {
  readonly file: string
  readonly fileName: string
  readonly version: string
}

class BranchOf {
  readonly #request: BranchRequest
  readonly #database: string
  readonly #migrations: string
  readonly #templates: string
  readonly #own: readonly Migration[]
  readonly #squashed: ReadonlySet<string>

  constructor(request: BranchRequest, { name, migrations, templates }: Config['databases'][number]) {
    const { root } = request.config
    this.#request = request
    this.#database = name
    this.#migrations = displayPath(root, migrations)
    this.#templates = displayPath(root, templates)
    this.#own = request.migrations.filter(({ database }) => database === name)
    const versions = this.#own.flatMap(({ squashes }) => squashes?.versions ?? [])
    this.#squashed = new Set(versions.map(canonicalVersion))
  }

  async findAll(): Promise<readonly ReviewFinding[]> {
    const newest = this.#newest()
    const found: ReviewFinding[] = []
    for (const change of this.#request.history.changes) {
      const to = this.#named(change.to)
      const from = this.#named(change.from) ?? this.#movedFrom(change, to)
      if (from !== null) found.push(...(await this.#judgeOld(from, to, change)))
      else if (to !== null) found.push(...this.#judgeNew(to, newest))
      found.push(...(await this.#judgeTemplate(change)))
    }
    return found
  }

  /** A versioned file directly in the folder; null for everything else. */
  #named(file: string | null): Named | null {
    if (file === null || folderOf(file) !== this.#migrations) return null
    const fileName = nameOf(file)
    if (isIgnoredName(fileName)) return null
    const name = readMigrationName(fileName, file)
    if (isFault(name) || name.kind === 'repeatable') return null
    return { file, fileName, version: canonicalVersion(name.version) }
  }

  async #judgeOld(from: Named, to: Named | null, { to: place }: BranchChange): Promise<readonly ReviewFinding[]> {
    if (this.#squashed.has(from.version) && to?.fileName !== from.fileName) return []
    if (to === null && place !== null && nameOf(place) === from.fileName && this.#isOwn(place)) return []
    if (to === null) {
      const en = `The migration \`${from.fileName}\`, which the base of this branch has, was deleted.`
      return [this.#finding('MIGRATION_DELETED', from.file, { en, zh: `基线上的迁移 \`${from.fileName}\` 被删除。` })]
    }
    if (to.fileName !== from.fileName) {
      const en = `The migration \`${from.fileName}\`, which the base of this branch has, was renamed to \`${to.fileName}\`.`
      const zh = `基线上的迁移 \`${from.fileName}\` 被重命名为 \`${to.fileName}\`。`
      return [this.#finding('MIGRATION_RENAMED', to.file, { en, zh })]
    }
    const { history, readNow } = this.#request
    const [before, now] = [normalizeText(await history.readBase(from.file)), normalizeText(readNow(to.file))]
    if (before === now) return []
    const en = `The migration \`${from.fileName}\`, which the base of this branch has, was edited.`
    const zh = `基线上的迁移 \`${from.fileName}\` 被修改。`
    return [this.#finding('MIGRATION_EDITED', to.file, { en, zh }, firstChange(before, now))]
  }

  /** Where a migration was before the whole folder moved; null for one that comes from the folder of another database. */
  #movedFrom({ from }: BranchChange, to: Named | null): Named | null {
    if (from === null || to === null || nameOf(from) !== to.fileName) return null
    const { config, databases } = this.#request
    const isOthers = databases.some(({ migrations }) => displayPath(config.root, migrations) === folderOf(from))
    return isOthers ? null : { ...to, file: from }
  }

  /** True for a file of the project in its present folder: the configuration moved it. */
  #isOwn(file: string): boolean {
    return this.#own.some((migration) => migration.file === file)
  }

  #judgeNew(to: Named, newest: Named | null): readonly ReviewFinding[] {
    const { config, history } = this.#request
    if (newest === null || config.outOfOrder === 'allow' || compareVersions(to.version, newest.version) >= 0) return []
    const isSquash = this.#own.some(({ file, squashes }) => file === to.file && squashes !== undefined)
    if (isSquash || history.onReference.includes(to.file)) return []
    const en = `The migration \`${to.fileName}\` is new, but sorts before \`${newest.fileName}\`, which the base has.`
    const zh = `迁移 \`${to.fileName}\` 是新的，却排在基线上的 \`${newest.fileName}\` 之前。`
    return [this.#finding('MIGRATION_LATE', to.file, { en, zh })]
  }

  #newest(): Named | null {
    const named = this.#request.history.onReference.flatMap((file) => this.#named(file) ?? [])
    return named.toSorted((one, other) => compareVersions(one.version, other.version)).at(-1) ?? null
  }

  async #judgeTemplate({ from, to }: BranchChange): Promise<readonly ReviewFinding[]> {
    if (from === null || folderOf(from) !== this.#templates || !from.endsWith('.sql')) return []
    const now = this.#request.templates.find(({ file }) => file === to)
    const name = nameOf(from)
    if (to === null || nameOf(to) !== name) {
      const en = `The shard template \`${name}\`, which the base of this branch has, was ${to === null ? 'deleted' : `renamed to \`${nameOf(to)}\``}.`
      const zh = `基线上的分表模板 \`${name}\` 被${to === null ? '删除' : `重命名为 \`${nameOf(to)}\``}。`
      return [this.#finding('TEMPLATE_DELETED', to ?? from, { en, zh })]
    }
    if (now === undefined || this.#isCarriedOut(now.family)) return []
    const [before, text] = [await this.#request.history.readBase(from), this.#request.readNow(to)]
    if (wordsOf(before) === wordsOf(text)) return []
    const en = `The table of the shard template \`${name}\` was edited, and no new migration changes the shards of \`${now.family}\`.`
    const zh = `分表模板 \`${name}\` 的表被修改，而没有新的迁移变更 \`${now.family}\` 的分表。`
    const line = firstChange(normalizeText(before), normalizeText(text))
    return [this.#finding('TEMPLATE_EDITED', to, { en, zh }, line)]
  }

  /** True where the branch has a new migration for the shards of the family. */
  #isCarriedOut(family: string): boolean {
    const added = new Set(this.#request.history.changes.flatMap(({ from, to }) => (from === null && to ? [to] : [])))
    return this.#own.some(({ shards, file }) => shards === family && added.has(file))
  }

  /** @param line where it is shown; of a file that is new or gone, all lines are of the branch */
  #finding(code: BranchCode, file: string, message: InBoth, line = 1): ReviewFinding {
    return {
      code,
      severity: code === 'MIGRATION_LATE' && this.#request.config.outOfOrder === 'warn' ? 'warning' : 'error',
      stops: false,
      database: this.#database,
      file,
      region: { line, column: 1, endLine: line, endColumn: 1 },
      message,
      fix: branchCodes[code].fix,
      statement: null,
      edits: [],
      suppressed: null,
      fingerprint: fingerprintOf(code, file, null, message.en),
    }
  }
}

/** The first line that differs: hosts show what is said of a file beside lines of the diff alone. */
function firstChange(before: string, now: string): number {
  const [old, lines] = [before.split('\n'), now.split('\n')]
  const index = lines.findIndex((line, at) => line !== old[at])
  // Behind the last line end is no line: one that lost lines at its end is shown at the last that is left.
  const last = Math.max(1, now.endsWith('\n') ? lines.length - 1 : lines.length)
  return index < 0 ? last : Math.min(index + 1, last)
}

function folderOf(file: string): string {
  const at = file.lastIndexOf('/')
  return at < 0 ? '.' : file.slice(0, at)
}

function nameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1)
}

/** The statements without comments and layout. */
function wordsOf(text: string): string {
  return tokenize(text)
    .map((token) => token.text)
    .join(' ')
}
