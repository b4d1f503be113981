import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { expect } from 'vitest'
import type { Stage } from '../../helpers/tool/stage.ts'
import { file, files, spell } from './counting-files.ts'
import { type FamilyState, FamilyStory } from './family-story.ts'
import { restoreTables, type SavedTables, saveTables } from './saved-tables.ts'

const own = ['wwdb_journal', 'wwdb_schema', 'wwdb_runs'] as const

/** What must be true, whatever the tool is told. */
interface Model {
  /** The files that have run in the tables as they are. */
  readonly applied: number
  /** What a hand added and nothing took back. */
  readonly byHand: number
  /** Rows of tables that a hand made, which are moved aside at most. */
  readonly extra: readonly string[]
  readonly family: FamilyState
}

/** Two servers: one where names of tables are as they are written, and one where their case does not count. */
export interface Places {
  readonly exact: string
  readonly folded: string
}

/** One schema, what people and accidents do to it and to the records of wwdb, and what must be true then. */
export class RecordHistory {
  readonly #stage: Stage
  readonly #places: Places
  readonly #random: () => number
  readonly #told: string[] = []
  readonly #backups: { readonly model: Model; readonly tables: SavedTables }[] = []
  readonly #family: FamilyStory
  #applied = 0
  #byHandLeft = 0
  #extra: readonly string[] = []
  #files = 0
  #hands = 0
  #isFolded = false
  /** True while the records do not belong to the tables: a run may refuse. */
  #isDisturbed = false
  refused = 0
  moves = 0

  constructor(stage: Stage, places: Places, random: () => number) {
    this.#random = random
    this.#places = places
    const query: Stage['query'] = (sql) => this.#query(sql)
    this.#stage = { ...stage, query }
    const choose = <T>(all: readonly T[]): T | undefined => this.#choose(all)
    const tell = (what: string): void => void this.#told.push(what)
    this.#family = new FamilyStory(this.#stage, choose, tell, (end) => this.#story(end))
  }

  get #url(): string {
    return this.#isFolded ? this.#places.folded : this.#places.exact
  }

  async #query(sql: string): Promise<readonly (readonly unknown[])[]> {
    const uri = `${this.#url}/${this.#stage.schema('app')}`
    const connection = await createConnection({ uri, rowsAsArray: true, dateStrings: true, connectTimeout: 60_000 })
    try {
      const [rows] = await connection.query<RowDataPacket[]>(sql)
      return Array.isArray(rows) ? (rows as unknown as readonly (readonly unknown[])[]) : []
    } finally {
      await connection.end()
    }
  }

  #choose<T>(all: readonly T[]): T | undefined {
    return all[Math.floor(this.#random() * all.length)]
  }

  async play(steps: number): Promise<void> {
    await this.#run(['migrate'], [0])
    await this.#family.begin()
    await this.#backUp()
    for (let step = 0; step < steps; step += 1) {
      await this.#act()
      await this.#check()
    }
  }

  async #act(): Promise<void> {
    const family = this.#choose(this.#family.acts())
    const isFamily = this.#choose([true, false])
    // What people do to files is put right before anything else happens to the schema.
    if (!this.#isDisturbed && (isFamily === true || !this.#family.isQuiet)) return family?.()
    const acts = [
      this.#addFile,
      this.#addFile,
      this.#migrate,
      this.#migrate,
      this.#backUp,
      this.#byHand,
      this.#tableByHand,
    ]
    const harm = [this.#restoreAll, this.#restoreTables, this.#restoreJournal, this.#lose, this.#lose, this.#damage]
    const act = this.#choose(this.#isDisturbed ? acts : [...acts, ...harm, this.#move, this.#move])
    await act?.call(this)
  }

  async #run(args: readonly string[], codes: readonly number[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.#stage.run(args)
    const text = stdout + stderr
    expect(codes, this.#story(`${args.join(' ')}: ${text}`)).toContain(exitCode)
    return text
  }

  #story(end: string): string {
    return `${this.#told.join(', ')} | ${end}`
  }

  async #addFile(): Promise<void> {
    if (this.#files >= files) return this.#migrate()
    this.#files += 1
    this.#stage.write(`app/000${this.#files + 1}_f.sql`, file(this.#files))
    this.#told.push(`file ${this.#files}`)
  }

  async #migrate(): Promise<void> {
    this.#told.push('migrate')
    const { exitCode, stdout, stderr } = await this.#stage.run(['migrate', '--yes', '--no-probe', '--drift', 'warn'])
    if (exitCode === 0) this.#applied = this.#files
    else {
      this.refused += 1
      expect(this.#isDisturbed, this.#story(stdout + stderr)).toBe(true)
      // A person reads what it says, and puts everything back from the last backup.
      expect(stderr, this.#story('it says what to do')).toContain('Next:')
      await this.#restoreLast()
    }
    this.#isDisturbed = false
  }

  /** The dump of one server, restored on the other one. Where case counts, a person spells the tables as the files do. */
  async #move(): Promise<void> {
    const tables = await saveTables((sql) => this.#query(sql))
    this.#isFolded = !this.#isFolded
    this.moves += 1
    this.#told.push(`moved to lower_case_table_names=${this.#isFolded ? 1 : 0}`)
    this.#stage.write(
      'wwdb.config.json',
      JSON.stringify({ url: this.#url, prefix: this.#stage.prefix, databases: { app: {} } }),
    )
    await this.#restore(tables, () => true)
    const [[recorded] = []] = await this.#query(
      "SELECT name FROM wwdb_journal WHERE kind = 'setting' AND version = 'lower_case_table_names'",
    )
    const said = await this.#run(['status', '--exit-code'], [0, 1])
    expect(said.includes('lower_case_table_names'), this.#story(`status: ${said}`)).toBe(
      recorded !== (this.#isFolded ? '1' : '0'),
    )
    await this.#checkDrift()
    await this.#run(
      ['drift', '--revert', '--yes', '--no-probe', '--allow', 'DROP_TABLE', '--allow', 'DROP_COLUMN'],
      [0],
    )
    await this.#readHands()
  }

  async #restore(tables: SavedTables, isChosen: (table: string) => boolean): Promise<void> {
    await restoreTables((sql) => this.#query(sql), tables, isChosen, this.#isFolded ? undefined : spell)
  }

  #setModel({ applied, byHand, extra, family }: Model): void {
    this.#applied = applied
    this.#byHandLeft = byHand
    this.#extra = extra
    this.#family.state = family
  }

  get #model(): Model {
    return { applied: this.#applied, byHand: this.#byHandLeft, extra: this.#extra, family: this.#family.state }
  }

  async #restoreLast(): Promise<void> {
    const last = this.#backups.at(-1)
    if (last === undefined) throw new Error('nothing was saved')
    await this.#restore(last.tables, () => true)
    this.#setModel(last.model)
    this.#told.push('all restored')
  }

  async #byHand(): Promise<void> {
    this.#hands += 1
    this.#told.push('a column by hand')
    await this.#query(`ALTER TABLE Kept ADD COLUMN hand_${this.#hands} INT NULL`)
    this.#byHandLeft += 1
    await this.#revert()
  }

  /** A table with rows that a hand made: taken back, it is moved aside at most. */
  async #tableByHand(): Promise<void> {
    this.#hands += 1
    this.#told.push('a table by hand')
    const body = `row of extra ${this.#hands}`
    await this.#query(`CREATE TABLE extra_${this.#hands} (id INT PRIMARY KEY, note VARCHAR(40))`)
    await this.#query(`INSERT INTO extra_${this.#hands} VALUES (1, '${body}')`)
    this.#extra = [...this.#extra, body]
    this.#byHandLeft += 1
    await this.#revert('--confirm', `extra_${this.#hands}`)
  }

  async #revert(...named: readonly string[]): Promise<void> {
    await this.#checkDrift()
    const allowed = ['--allow', 'DROP_COLUMN', '--allow', 'DROP_TABLE']
    const codes = this.#isDisturbed ? [0, 1, 2] : [0]
    await this.#run(['drift', '--revert', '--yes', '--no-probe', ...allowed, ...named], codes)
    await this.#run(['held', '--drop', '--yes'], this.#isDisturbed ? [0, 1, 2] : [0])
    await this.#readHands()
  }

  async #readHands(): Promise<void> {
    const columns = await this.#query("SHOW COLUMNS FROM Kept LIKE 'hand%'")
    const tables = await this.#query("SHOW TABLES LIKE 'extra%'")
    this.#byHandLeft = columns.length + tables.length
  }

  /** No difference is said only where there is none. */
  async #checkDrift(): Promise<void> {
    const { exitCode, stdout, stderr } = await this.#stage.run(['drift'])
    if (exitCode === 0 && !/left out|not known/.test(stderr))
      expect(this.#byHandLeft, this.#story(`drift: ${stdout}${stderr}`)).toBe(0)
  }

  async #backUp(): Promise<void> {
    if (this.#isDisturbed || !this.#family.isQuiet) return
    this.#told.push('backup')
    this.#backups.push({ model: this.#model, tables: await saveTables((sql) => this.#query(sql)) })
  }

  async #restoreAll(): Promise<void> {
    const backup = this.#choose(this.#backups)
    if (backup === undefined) return
    this.#told.push(`all as of ${backup.model.applied}`)
    await this.#restore(backup.tables, () => true)
    this.#setModel(backup.model)
  }

  async #restoreTables(): Promise<void> {
    const backup = this.#choose(this.#backups)
    if (backup === undefined || !this.#family.fits) return
    this.#told.push(`tables as of ${backup.model.applied}`)
    await this.#restore(backup.tables, (name) => !name.startsWith('wwdb_'))
    const isSame = backup.model.applied === this.#applied && backup.model.byHand === this.#byHandLeft
    // Journal and record agree with each other: that the tables are others is drift, and status counts it.
    await this.#run(['drift'], isSame ? [0, 1] : [1, 2])
    if (!isSame)
      expect(await this.#run(['status'], [0, 2]), this.#story('status')).toMatch(
        /changed by hand|newer than its schema/,
      )
    await this.#restoreLast()
  }

  async #restoreJournal(): Promise<void> {
    const backup = this.#choose(this.#backups)
    if (backup === undefined) return
    this.#told.push(`journal as of ${backup.model.applied}`)
    await this.#restore(backup.tables, (name) => name === 'wwdb_journal')
    this.#isDisturbed = true
  }

  async #lose(): Promise<void> {
    const table = this.#choose(own) ?? 'wwdb_runs'
    const how = this.#choose(['DROP TABLE IF EXISTS', 'DELETE FROM']) ?? 'DELETE FROM'
    this.#told.push(`${how} ${table}`)
    await this.#query(`${how} ${table}`)
    this.#isDisturbed = true
  }

  async #damage(): Promise<void> {
    const row = this.#choose([
      'wwdb_journal WHERE pass > 0 ORDER BY pass DESC',
      "wwdb_schema WHERE kind = 'table' ORDER BY name DESC",
    ])
    this.#told.push(`a row of ${row ?? ''} lost`)
    await this.#query(`DELETE FROM ${row ?? ''} LIMIT 1`)
    this.#isDisturbed = true
  }

  /** The tables say what ran; what the tool says may not contradict it. */
  async #check(): Promise<void> {
    const ran = (await this.#query('SELECT version FROM Ran ORDER BY id')).map(([version]) => Number(version))
    const all = Array.from({ length: this.#applied }, (_, index) => index + 1)
    expect(ran, this.#story('each file ran once')).toEqual(all)
    expect(await this.#query('SELECT n FROM Kept'), this.#story('rows were changed once')).toEqual([[all.length]])
    const notes: unknown[] = []
    for (const [table] of await this.#query("SHOW TABLES LIKE '%extra%'"))
      for (const [note] of await this.#query(`SELECT note FROM \`${String(table)}\``)) notes.push(note)
    expect(notes.toSorted(), this.#story('rows of tables by hand')).toEqual([...this.#extra].toSorted())
    await this.#family.check(false)
    const { exitCode, stdout, stderr } = await this.#stage.run(['status', '--exit-code'])
    if (exitCode === 0) expect(this.#applied, this.#story(`status: ${stdout}${stderr}`)).toBe(this.#files)
    await this.#checkDrift()
  }
}
