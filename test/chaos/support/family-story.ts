import { expect } from 'vitest'
import type { Stage } from '../../helpers/tool/stage.ts'
import { runToolHere } from '../../helpers/tool/tool-here.ts'
import { changed, type Header, keyOf, monthsAgo, original, template } from './shard-headers.ts'

const day = 86_400_000

/** What the schema holds of a family, as a backup has it too. */
export interface FamilyState {
  /** The name and the header that its shards were made and recorded under. */
  readonly family: string
  readonly header: Header
  /** Each row, and the month of its table. */
  readonly rows: ReadonlyMap<string, string>
  /** Months that are on a legal hold. */
  readonly protected: ReadonlySet<string>
  /** What was taken out of its records by a hand, and not brought back. */
  readonly lost: 'wwdb_shards' | 'wwdb_shard_events' | null
}

/** A family of shards, what people do to its template, and what must be true of its rows then. */
export class FamilyStory {
  readonly #stage: Stage
  readonly #choose: <T>(all: readonly T[]) => T | undefined
  readonly #tell: (what: string) => void
  readonly #say: (end: string) => string
  #file: { readonly family: string; readonly header: Header } = { family: 'msg', header: original }
  #serial = 0
  state: FamilyState = { family: 'msg', header: original, rows: new Map(), protected: new Set(), lost: null }

  constructor(
    stage: Stage,
    choose: <T>(all: readonly T[]) => T | undefined,
    tell: (what: string) => void,
    say: (end: string) => string,
  ) {
    this.#stage = stage
    this.#choose = choose
    this.#tell = tell
    this.#say = say
  }

  /** True where the template is the one that the shards were made from. */
  get fits(): boolean {
    const { family, header } = this.state
    return this.#file.family === family && this.#file.header.name === header.name && this.#isSamePeriod
  }

  /** True where nothing is half way that its own acts put right. */
  get isQuiet(): boolean {
    return this.fits && this.state.lost !== 'wwdb_shards'
  }

  get #isSamePeriod(): boolean {
    return this.#file.header.period === this.state.header.period
  }

  /** Shards that retention takes, with rows; rotation adopts them. */
  async begin(): Promise<void> {
    this.#write({ family: 'msg', header: original })
    for (const back of [5, 4, 3]) {
      const table = this.#tableOf(keyOf(monthsAgo(back)))
      await this.#stage.query(`CREATE TABLE ${table} ${template(original).split('{{table}} ')[1] ?? ''}`)
      await this.#insert(keyOf(monthsAgo(back)))
    }
    await this.#rotate()
    await this.protect()
  }

  readonly acts = (): readonly (() => Promise<void>)[] => {
    if (this.state.lost === 'wwdb_shards') return [this.rotate, this.adopt]
    if (!this.fits) return [this.rotate, this.rotate, this.drift, this.settle, this.wrongClock]
    const changes = [this.renameFamily, this.changeHeader, this.changeHeader, this.wrongClock, this.lose]
    return [this.write, this.write, this.rotate, this.rotate, this.protect, this.unprotect, ...changes]
  }

  readonly write = async (): Promise<void> => {
    this.#tell('a row is written')
    await this.#insert(keyOf(monthsAgo(0)))
  }

  readonly rotate = async (): Promise<void> => {
    this.#tell('rotate')
    await this.#rotate()
  }

  /** The grace of what is held ends before its time: rows may go with the next run, and none that is protected. */
  async #rotate(): Promise<void> {
    const before = await this.#tables()
    const run = await this.#stage.run(['rotate', 'run', '--yes'])
    const text = run.stdout + run.stderr
    if (!this.fits || this.#isProtectionLost) {
      expect(run.exitCode, this.#say(`rotate: ${text}`)).toBe(2)
      expect(await this.#tables(), this.#say('no table is made or taken')).toEqual(before)
      return this.check(false)
    }
    expect(run.exitCode, this.#say(`rotate: ${text}`)).toBe(0)
    // A registry that was lost is written again from the tables that are there.
    this.state = { ...this.state, lost: this.state.lost === 'wwdb_shards' ? null : this.state.lost }
    await this.check(true)
    await this.#stage.query("UPDATE wwdb_shards SET held_until='2020-01-01' WHERE held_until IS NOT NULL")
  }

  get #isProtectionLost(): boolean {
    return this.state.lost === 'wwdb_shards' && this.state.protected.size > 0
  }

  /** A client whose clock is a year off makes nothing and takes nothing. */
  readonly wrongClock = async (): Promise<void> => {
    const years = this.#choose([-7, -1, 1]) ?? 1
    this.#tell(`rotate by a clock ${years} years off`)
    const before = await this.#tables()
    const now = Date.now() + years * 365 * day
    const run = await runToolHere(['rotate', 'run', '--yes'], { cwd: this.#stage.folder, now })
    expect(run.exitCode, this.#say(`wrong clock: ${run.stdout}${run.stderr}`)).toBe(2)
    expect(await this.#tables(), this.#say('a wrong clock changes nothing')).toEqual(before)
    await this.check(false)
  }

  readonly drift = async (): Promise<void> => {
    const words = this.#choose([['drift'], ['drift', '--revert', '--yes', '--allow', 'DROP_TABLE']]) ?? ['drift']
    this.#tell(words.join(' '))
    const before = await this.#tables()
    const run = await this.#stage.run(words)
    if (this.#file.header !== this.state.header)
      expect(run.exitCode, this.#say(`${words.join(' ')}: ${run.stdout}${run.stderr}`)).not.toBe(0)
    expect(await this.#tables(), this.#say('drift takes no shard')).toEqual(before)
    await this.check(false)
  }

  readonly protect = async (): Promise<void> => {
    const month = this.#choose([...this.state.rows.values()])
    const live = await this.#months("state IN ('live','sealed')")
    if (month === undefined || !live.has(month)) return
    this.#tell(`${month} is protected`)
    await this.#must(['shards', 'protect', ...this.#shard(month), '--reason', `case of ${month}`])
    this.state = { ...this.state, protected: new Set([...this.state.protected, month]) }
  }

  readonly unprotect = async (): Promise<void> => {
    const month = this.#choose([...this.state.protected])
    if (month === undefined) return
    this.#tell(`${month} is no longer protected`)
    await this.#must(['shards', 'unprotect', ...this.#shard(month), '--reason', 'closed'])
    const left = [...this.state.protected].filter((one) => one !== month)
    this.state = { ...this.state, protected: new Set(left) }
  }

  readonly renameFamily = async (): Promise<void> => {
    const family = this.#file.family === 'msg' ? 'post' : 'msg'
    this.#tell(`the template is renamed to ${family}`)
    this.#stage.remove(`shard-templates/app/${this.#file.family}.sql`)
    this.#write({ ...this.#file, family })
  }

  readonly changeHeader = async (): Promise<void> => {
    const header =
      this.#choose(changed.filter(({ name, period }) => `${name}${period}` !== this.#headerText)) ?? original
    this.#tell(`the header is now ${header.name}, ${header.period}`)
    this.#write({ ...this.#file, header })
  }

  get #headerText(): string {
    return `${this.state.header.name}${this.state.header.period}`
  }

  /** One of the ways that wwdb names: the move, the adoption of another zone, or what it was. */
  readonly settle = async (): Promise<void> => {
    const { family, header } = this.state
    if (this.#file.header.name !== header.name || (!this.#isSamePeriod && this.#choose([true, false]) === true)) {
      this.#tell('the header is put back')
      this.#write({ ...this.#file, header })
    }
    if (this.#file.family !== family) {
      this.#tell(`rename-family ${family} ${this.#file.family}`)
      // The move needs shards that fit the header, too.
      this.#write({ ...this.#file, header })
      await this.#must(['shards', 'rename-family', family, this.#file.family, '--yes'])
      this.state = { ...this.state, family: this.#file.family }
    } else if (!this.#isSamePeriod) {
      this.#tell('the other zone is adopted')
      await this.#must(['shards', 'adopt', '--family', family])
      this.state = { ...this.state, header: this.#file.header }
    }
    await this.check(false)
  }

  readonly lose = async (): Promise<void> => {
    const table = this.state.lost === null ? this.#choose(['wwdb_shards', 'wwdb_shard_events'] as const) : undefined
    if (table === undefined) return
    const how = this.#choose(['DROP TABLE', 'DELETE FROM']) ?? 'DROP TABLE'
    this.#tell(`${how} ${table}`)
    await this.#stage.query(`${how} ${table}`)
    this.state = { ...this.state, lost: table }
  }

  readonly adopt = async (): Promise<void> => {
    this.#tell('adopt')
    await this.#must(['shards', 'adopt', '--family', this.state.family])
    this.state = { ...this.state, lost: null }
    await this.check(false)
  }

  /**
   * No row is lost but by retention that had its reasons, and no summary says what is not so.
   * @param mayTake true behind a run that may drop what is expired and not protected
   */
  async check(mayTake: boolean): Promise<void> {
    const present = await this.#readRows()
    const gone = [...this.state.rows].filter(([body]) => !present.has(body))
    for (const [body, month] of gone)
      expect(mayTake && this.#isExpired(month) && !this.state.protected.has(month), this.#say(`${body} is lost`)).toBe(
        true,
      )
    this.state = { ...this.state, rows: new Map([...this.state.rows].filter(([body]) => present.has(body))) }
    const check = await this.#stage.run(['shards', 'check'])
    if (check.exitCode === 0)
      expect(this.fits && this.state.lost !== 'wwdb_shards', this.#say(`check: ${check.stdout}`)).toBe(true)
    if (this.state.lost === 'wwdb_shards') return
    const kept = await this.#months('protected_reason IS NOT NULL')
    expect([...kept].toSorted(), this.#say('what is protected')).toEqual([...this.state.protected].toSorted())
  }

  #isExpired(month: string): boolean {
    const [year = 0, number = 0] = month.split('-').map(Number)
    // Another zone is less than a day off.
    return Date.UTC(year, number + 1, 1) <= Date.now()
  }

  #tableOf(month: string): string {
    return `msg_${month.replace('-', '')}`
  }

  #shard(month: string): readonly string[] {
    return ['--family', this.state.family, '--key', month]
  }

  async #insert(month: string): Promise<void> {
    this.#serial += 1
    const body = `row ${this.#serial} of ${month}`
    const table = this.#tableOf(month)
    const [found] = await this.#stage.query(`SHOW TABLES LIKE '${table}'`)
    if (found === undefined) return
    await this.#stage.query(`INSERT INTO ${table} (body) VALUES ('${body}')`)
    this.state = { ...this.state, rows: new Map([...this.state.rows, [body, month]]) }
  }

  async #readRows(): Promise<ReadonlySet<string>> {
    const rows = new Set<string>()
    for (const table of await this.#tables())
      for (const [body] of await this.#stage.query(`SELECT body FROM \`${table}\``)) rows.add(String(body))
    return rows
  }

  async #tables(): Promise<readonly string[]> {
    const rows = await this.#stage.query("SHOW TABLES LIKE '%msg%'")
    return rows.map(([name]) => String(name)).toSorted()
  }

  async #months(condition: string): Promise<ReadonlySet<string>> {
    const rows = await this.#stage.query(`SELECT shard_key FROM wwdb_shards WHERE ${condition}`)
    return new Set(rows.map(([key]) => String(key)))
  }

  async #must(words: readonly string[]): Promise<void> {
    const { exitCode, stdout, stderr } = await this.#stage.run(words)
    expect(exitCode, this.#say(`${words.join(' ')}: ${stdout}${stderr}`)).toBe(0)
  }

  #write(file: { readonly family: string; readonly header: Header }): void {
    this.#file = file
    this.#stage.write(`shard-templates/app/${file.family}.sql`, template(file.header))
  }
}
