import { rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hazardCodes } from '../../src/lint/hazard-codes.generated.ts'
import { type History, randomHistory } from '../helpers/schema/random-history.ts'
import { testServerOf } from '../helpers/servers/servers.ts'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { type Stage, withStages } from '../helpers/tool/stage.ts'
import { runToolHere } from '../helpers/tool/tool-here.ts'
import { isSoak, seed } from './support/seed.ts'

/** On each server. */
const numRuns = Number(process.env['WWDB_SQUASH_RUNS'] ?? (isSoak ? 50 : 1))
const openStage = withStages()
const allowAll = [...hazardCodes].flatMap((code) => ['--allow', code])
const databases = ['user_db', 'app']

/** Another set of databases of the same project. */
class Environment {
  readonly #stage: Stage
  readonly prefix: string

  constructor(stage: Stage, name: string) {
    this.#stage = stage
    this.prefix = `${stage.prefix}${name}_`
  }

  async run(...args: string[]): Promise<string> {
    const ended = await runToolHere(args, { cwd: this.#stage.folder, environment: { WWDB_PREFIX: this.prefix } })
    expect(ended, ended.stderr).toMatchObject({ exitCode: 0 })
    return ended.stdout
  }

  migrate(...args: string[]): Promise<string> {
    return this.run('migrate', '--no-probe', ...allowAll, ...args)
  }

  /** Definitions and rows. */
  async content(): Promise<unknown> {
    const rows = []
    for (const database of databases) {
      const schema = this.prefix + database
      const tables = await this.#stage.query(
        `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA='${schema}' AND TABLE_TYPE='BASE TABLE' AND TABLE_NAME NOT LIKE 'wwdb%' ORDER BY 1`,
      )
      for (const [table] of tables)
        rows.push([
          database,
          table,
          await this.#stage.query(`SELECT * FROM \`${schema}\`.\`${String(table)}\` ORDER BY id`),
        ])
    }
    return [(await this.run('schema', 'dump')).replaceAll(this.prefix, ''), rows]
  }
}

async function squashHistory(url: string, { files, versions, cut, lag }: History): Promise<void> {
  const configuration = { references: 'physical' }
  const stage = await openStage({ databases, create: false, configuration, url })
  const [current, lagging, fresh] = [
    new Environment(stage, 'c'),
    new Environment(stage, 'l'),
    new Environment(stage, 'f'),
  ]
  try {
    for (const { name, text } of files) stage.write(name, text)
    for (const one of [current, lagging, fresh]) await one.run('db', 'create')
    await current.migrate()
    const before = await current.content()
    if (lag > 0) await lagging.migrate('--steps', String(lag))
    await current.run('squash', '--to', versions[cut] ?? '', '--yes')
    for (const one of [lagging, fresh, current]) await one.migrate()
    expect(await current.content()).toEqual(before)
    expect(await lagging.content()).toEqual(before)
    expect(await fresh.content()).toEqual(before)
    for (const name of databases)
      rmSync(join(stage.folder, 'migrations', name, 'squashed'), { recursive: true, force: true })
    for (const one of [lagging, fresh, current]) await one.run('status', '--exit-code')
  } finally {
    for (const { prefix } of [current, lagging, fresh])
      for (const name of databases.toReversed()) await stage.query(`DROP DATABASE IF EXISTS \`${prefix}${name}\``)
  }
}

describe.each(versionsInTurn(import.meta.url))('a squash of a random history on MySQL %s', (version) => {
  test('leaves fresh, lagging and current databases equal', async () => {
    const { url } = await testServerOf(version)
    await fc.assert(
      fc.asyncProperty(randomHistory, (history) => squashHistory(url, history)),
      { numRuns, seed, endOnFailure: true },
    )
    console.error(`MySQL ${version}: ${numRuns} random histories squashed; SOAK_SEED=${seed} repeats them`)
  }, 7_200_000)
})
