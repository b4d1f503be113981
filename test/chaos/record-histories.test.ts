import { describe, expect, test } from 'vitest'
import { testServerOf } from '../helpers/servers/servers.ts'
import { migration, type Stage, withStages } from '../helpers/tool/stage.ts'
import { isSoak, randomFrom, seed } from './support/seed.ts'

const openStage = withStages()
console.error(`Histories of records: seed ${seed}; SOAK_SEED=${seed} repeats them`)

/** Sixty in a soak, half of them on each server. */
const histories = isSoak ? 30 : 3
const steps = isSoak ? 10 : 8
const files = 4
const own = ['wwdb_journal', 'wwdb_schema', 'wwdb_runs'] as const

/** Each file counts how often it ran, in a way that shows a second time, and changes a table. */
const file = (version: number): string =>
  migration(`CREATE TABLE IF NOT EXISTS made_${version} (id INT PRIMARY KEY);
INSERT INTO ran (version) VALUES (${version});
ALTER TABLE kept ADD COLUMN c${version} INT NULL;
UPDATE kept SET n = n + 1 WHERE id = 1;`)

const first = migration(`CREATE TABLE ran (id INT AUTO_INCREMENT PRIMARY KEY, version INT NOT NULL);
CREATE TABLE kept (id INT PRIMARY KEY, n INT NOT NULL, note VARCHAR(20) NULL);
INSERT INTO kept VALUES (1, 0, NULL);`)

/** What must be true, whatever the tool is told. */
interface Model {
  /** The files that have run in the tables as they are. */
  applied: number
  /** What a hand added and nothing took back. */
  byHand: number
  /** The files that there are. */
  readonly files: number
}

type Backup = ReadonlyMap<string, readonly [ddl: string, rows: readonly (readonly unknown[])[]]>

class History {
  readonly #stage: Stage
  readonly #random: () => number
  readonly #told: string[] = []
  readonly #backups: { readonly applied: number; readonly byHand: number; readonly tables: Backup }[] = []
  #model: Model = { applied: 0, byHand: 0, files: 0 }
  #hands = 0
  /** True while the records do not belong to the tables: a run may refuse. */
  #isDisturbed = false
  refused = 0

  constructor(stage: Stage, random: () => number) {
    this.#stage = stage
    this.#random = random
  }

  #choose<T>(all: readonly T[]): T | undefined {
    return all[Math.floor(this.#random() * all.length)]
  }

  async play(): Promise<void> {
    await this.#run(['migrate'], [0])
    await this.#backUp()
    for (let step = 0; step < steps; step += 1) {
      const acts = [this.#addFile, this.#addFile, this.#migrate, this.#migrate, this.#backUp, this.#byHand]
      const harm = [this.#restoreAll, this.#restoreTables, this.#restoreJournal, this.#lose, this.#empty, this.#damage]
      const act = this.#choose(this.#isDisturbed ? acts : [...acts, ...harm])
      await act?.call(this)
      await this.#check()
    }
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
    if (this.#model.files >= files) return this.#migrate()
    const version = this.#model.files + 1
    this.#model = { ...this.#model, files: version }
    this.#stage.write(`app/000${version + 1}_f.sql`, file(version))
    this.#told.push(`file ${version}`)
  }

  async #migrate(): Promise<void> {
    this.#told.push('migrate')
    const { exitCode, stdout, stderr } = await this.#stage.run(['migrate', '--yes', '--no-probe', '--drift', 'warn'])
    if (exitCode === 0) this.#model = { ...this.#model, applied: this.#model.files }
    else {
      this.refused += 1
      expect(this.#isDisturbed, this.#story(stdout + stderr)).toBe(true)
      // A person reads what it says, and puts everything back from the last backup.
      expect(stderr, this.#story('it says what to do')).toContain('Next:')
      await this.#restoreLast()
    }
    this.#isDisturbed = false
  }

  async #restoreLast(): Promise<void> {
    const last = this.#backups.at(-1)
    if (last === undefined) throw new Error('nothing was saved')
    await this.#restore(last.tables, () => true)
    this.#model = { ...this.#model, applied: last.applied, byHand: last.byHand }
    this.#told.push('all restored')
  }

  async #byHand(): Promise<void> {
    this.#hands += 1
    this.#told.push('by hand')
    await this.#stage.query(`ALTER TABLE kept ADD COLUMN hand_${this.#hands} INT NULL`)
    this.#model = { ...this.#model, byHand: this.#model.byHand + 1 }
    await this.#checkDrift()
    await this.#run(
      ['drift', '--revert', '--yes', '--no-probe', '--allow', 'drop-column'],
      this.#isDisturbed ? [0, 1, 2] : [0],
    )
    const left = await this.#stage.query("SHOW COLUMNS FROM kept LIKE 'hand%'")
    this.#model = { ...this.#model, byHand: left.length }
  }

  /** No difference is said only where there is none. */
  async #checkDrift(): Promise<void> {
    const { exitCode, stdout, stderr } = await this.#stage.run(['drift'])
    if (exitCode === 0 && !/left out|not known/.test(stderr))
      expect(this.#model.byHand, this.#story(stdout + stderr)).toBe(0)
  }

  async #backUp(): Promise<void> {
    this.#told.push('backup')
    if (this.#isDisturbed) return
    const tables = new Map<string, readonly [string, readonly (readonly unknown[])[]]>()
    for (const [name] of await this.#stage.query('SHOW TABLES')) {
      const [[, ddl = ''] = []] = await this.#stage.query(`SHOW CREATE TABLE \`${String(name)}\``)
      tables.set(String(name), [String(ddl), await this.#stage.query(`SELECT * FROM \`${String(name)}\``)])
    }
    this.#backups.push({ applied: this.#model.applied, byHand: this.#model.byHand, tables })
  }

  async #restore(tables: Backup, isChosen: (table: string) => boolean): Promise<void> {
    for (const [name] of await this.#stage.query('SHOW TABLES'))
      if (isChosen(String(name))) await this.#stage.query(`DROP TABLE \`${String(name)}\``)
    for (const [name, [ddl]] of tables) {
      if (!isChosen(name)) continue
      await this.#stage.query(ddl)
      await this.#fill(name, tables.get(name)?.[1] ?? [])
    }
  }

  /** Texts and numbers as they were read; what the server makes itself is left to it. */
  async #fill(table: string, rows: readonly (readonly unknown[])[]): Promise<void> {
    const literal = (value: unknown): string => {
      if (value === null || value === undefined) return 'NULL'
      if (Buffer.isBuffer(value)) return `0x${value.toString('hex') || '00'}`
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
      return `CONVERT(0x${Buffer.from(text).toString('hex')} USING utf8mb4)`
    }
    for (const row of rows) {
      const values = row.map((value) => (value === '' ? "''" : literal(value))).join(',')
      await this.#stage.query(`INSERT INTO \`${table}\` VALUES (${values})`)
    }
  }

  async #restoreAll(): Promise<void> {
    const backup = this.#choose(this.#backups)
    if (backup === undefined) return
    this.#told.push(`all as of ${backup.applied}`)
    await this.#restore(backup.tables, () => true)
    this.#model = { ...this.#model, applied: backup.applied, byHand: backup.byHand }
  }

  async #restoreTables(): Promise<void> {
    const backup = this.#choose(this.#backups)
    if (backup === undefined) return
    this.#told.push(`tables as of ${backup.applied}`)
    await this.#restore(backup.tables, (name) => !name.startsWith('wwdb_'))
    const isSame = backup.applied === this.#model.applied && backup.byHand === this.#model.byHand
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
    this.#told.push(`journal as of ${backup.applied}`)
    await this.#restore(backup.tables, (name) => name === 'wwdb_journal')
    this.#isDisturbed = true
  }

  async #lose(): Promise<void> {
    const table = this.#choose(own) ?? 'wwdb_runs'
    this.#told.push(`${table} lost`)
    await this.#stage.query(`DROP TABLE IF EXISTS ${table}`)
    this.#isDisturbed = true
  }

  async #empty(): Promise<void> {
    const table = this.#choose(own) ?? 'wwdb_runs'
    this.#told.push(`${table} emptied`)
    await this.#stage.query(`DELETE FROM ${table}`)
    this.#isDisturbed = true
  }

  async #damage(): Promise<void> {
    const row = this.#choose([
      'wwdb_journal WHERE pass > 0 ORDER BY pass DESC',
      "wwdb_schema WHERE kind = 'table' ORDER BY name DESC",
    ])
    this.#told.push(`a row of ${row ?? ''} lost`)
    await this.#stage.query(`DELETE FROM ${row ?? ''} LIMIT 1`)
    this.#isDisturbed = true
  }

  /** The tables say what ran; what the tool says may not contradict it. */
  async #check(): Promise<void> {
    const ran = (await this.#stage.query('SELECT version FROM ran ORDER BY id')).map(([version]) => Number(version))
    const all = Array.from({ length: this.#model.applied }, (_, index) => index + 1)
    expect(ran, this.#story('each file ran once')).toEqual(all)
    expect(await this.#stage.query('SELECT n FROM kept'), this.#story('rows were changed once')).toEqual([[all.length]])
    const { exitCode, stdout, stderr } = await this.#stage.run(['status', '--exit-code'])
    if (exitCode === 0) expect(this.#model.applied, this.#story(`status: ${stdout}${stderr}`)).toBe(this.#model.files)
    await this.#checkDrift()
  }
}

describe.each(['9.7', '8.0'] as const)('on MySQL %s', (version) => {
  test('no history of restored, lost and damaged records makes a statement run twice, or a summary untrue', {
    timeout: 1_800_000,
  }, async () => {
    const { url } = await testServerOf(version)
    let refused = 0
    for (let at = 0; at < histories; at += 1) {
      const stage = await openStage({ url, files: { 'app/0001_first.sql': first } })
      const history = new History(stage, randomFrom(seed + at * 7919 + (version === '9.7' ? 0 : 104_729)))
      await history.play()
      refused += history.refused
    }
    console.error(`Histories of records on MySQL ${version}: ${histories} played, ${refused} runs refused`)
  })
})
