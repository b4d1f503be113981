import { join } from 'node:path'
import { env, pid } from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Purpose, purposes } from '../../../src/grants/purpose.ts'
import { randomName } from '../servers/schema.ts'
import { type ServerVersion, testServerOf } from '../servers/servers.ts'
import { type Stage, type StageOptions, withStages } from '../tool/stage.ts'
import type { ToolOptions, ToolRun } from '../tool/tool.ts'
import { asRoot, checkGrants, grantsFor, type SingleRight, singleRights } from './grant-trial.ts'

/** What an account with the rights of some purposes runs, and what is done before that. */
export interface Scene {
  readonly purposes: readonly Purpose[]
  /** `{app}` stands for the name of the schema. */
  readonly command: readonly string[]
  /** Commands of an account that may do anything in the schemas. */
  readonly before: readonly (readonly string[])[]
  /** Statements after that, in the schema: what was done by hand. */
  readonly byHand?: readonly string[]
  /** Commands after those. */
  readonly andThen?: readonly (readonly string[])[]
  /** Everything else that has to be so before each run, and what it needs besides. */
  readonly prepare?: (stage: Stage) => Promise<void> | void
  readonly options?: () => ToolOptions
  /** True for what is tried on the oldest server, too, in every run of tests. */
  readonly onOldest?: boolean
  /** Rights, as `ALTER ON ...`, that are taken away in every run of tests besides the first. */
  readonly tries?: RegExp
  /** True where it looks at less without rights on the whole server, and names each in a GRANT. */
  readonly looksAtLess?: boolean
  /** 1 where it is to find something. Default 0. */
  readonly exitCode?: number
}

/**
 * All rights of all purposes on both versions are tried in `npm run soak`; here the newest server, and one right of each command.
 * WWDB_GRANT_TRIALS is 1 for all, or a pattern of those that are tried: `^INDEX`.
 */
const chosen = env['WWDB_GRANT_TRIALS']
const isWhole = chosen !== undefined || env['WWDB_SOAK'] !== undefined
const pattern = new RegExp(chosen === undefined || chosen === '1' ? '' : chosen)
const versions: readonly ServerVersion[] = ['9.7', '8.0']

const matrix: string[] = []

/** A command that fails and leaves a person to guess. */
const unnamed = 'NAMES IT NOT'

interface Trials {
  readonly open: StageOptions
  readonly scenes: readonly Scene[]
  /** True where every right of a purpose is missed by one of the commands at least. */
  readonly isComplete?: boolean
}

/** Each scene runs under exactly what `wwdb grants` computes for its purposes; without any one of these rights it names the GRANT that it lacks. */
export function tryGrants({ open, scenes, isComplete = false }: Trials): void {
  const openStage = withStages()
  afterAll(() => {
    if (isWhole) process.stdout.write(`\n${matrix.join('\n')}\n`)
  })
  const trials = versions.map((version) => {
    const own = scenes.filter(({ onOldest }) => isWhole || version === '9.7' || onOldest === true)
    return [version, own] as const
  })
  describe.each(trials.filter(([, own]) => own.length > 0))('on MySQL %s', (version, itsOwn) => {
    let stage: Stage
    let url = ''
    let port = ''
    let runs = 0
    const user = `${randomName('trial')}_${pid}`.slice(-26)
    const account = `'${user}'@'%'`
    const maker = `'${user}_maker'@'%'`

    beforeAll(async () => {
      url = (await testServerOf(version)).url
      port = new URL(url).port
      stage = await openStage({ ...open, url })
      // What root has made, an account without SYSTEM_USER may not drop.
      const all = ['`%\\_app`', '`s\\_%`', '`wwdb\\_%`'].map((place) => `GRANT ALL ON ${place}.* TO ${maker}`)
      await asRoot(url, `CREATE USER ${account} IDENTIFIED BY 'x'`, `CREATE USER ${maker} IDENTIFIED BY 'x'`, ...all)
    })
    afterAll(() => asRoot(url, `DROP USER IF EXISTS ${account}, ${maker}`))

    const reset = async ({ before, byHand = [], andThen = [], prepare }: Scene): Promise<void> => {
      const schema = `\`${stage.schema('app')}\``
      await asRoot(url, `DROP DATABASE IF EXISTS ${schema}`, `CREATE DATABASE ${schema}`)
      for (const command of before) await runWell(command)
      for (const sql of byHand) await stage.query(sql)
      for (const command of andThen) await runWell(command)
      await prepare?.(stage)
    }
    const runWell = async (command: readonly string[]): Promise<void> => {
      const run = await runAs(`${user}_maker`, command)
      if (run.exitCode !== 0) throw new Error(`${command.join(' ')}: ${run.stdout}${run.stderr}`)
    }
    const runAs = (name: string, command: readonly string[], options: ToolOptions = {}): Promise<ToolRun> => {
      const words = command.map((word) => word.replace('{app}', stage.schema('app')))
      runs += 1
      const environment = {
        WWDB_ALLOW_PUBLIC_KEY_RETRIEVAL: 'true',
        // What another account replayed is not taken from the cache.
        WWDB_CACHE_DIR: join(stage.folder, `cache-${runs}`),
        ...options.environment,
      }
      const url = `mysql://${name}:x@127.0.0.1:${port}`
      return stage.run([...words, '--url', url], { ...options, environment })
    }
    const attempt = ({ command, options }: Scene): Promise<ToolRun> => runAs(user, command, options?.())
    const give = async (statements: readonly string[]): Promise<void> => {
      await asRoot(url, `REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${account}`, ...statements)
    }

    test.each(itsOwn.map((scene) => [scene.purposes.join(', '), scene.command.join(' '), scene] as const))(
      '%s: %s runs under just what is computed, and names each right that is taken away',
      async (_, __, scene) => {
        const statements = await grantsFor(stage, scene.purposes, user)
        await give(statements)
        await reset(scene)
        expect(await checkGrants(stage, user, scene.purposes)).toMatchObject([
          { exists: true, missing: [], excess: [] },
        ])
        const well = await attempt(scene)
        expect(well.exitCode, well.stdout + well.stderr).toBe(scene.exitCode ?? 0)
        const denied = `${well.stdout}${well.stderr}`.split('\n').filter((line) => /denied/.test(line))
        expect(denied.filter((line) => scene.looksAtLess !== true || !/`GRANT .* ON .*;`/.test(line))).toEqual([])
        const rights = statements.flatMap(singleRights)
        const tried = rights.filter(({ privilege, place }, index) =>
          isWhole ? pattern.test(privilege) : index === 0 || scene.tries?.test(`${privilege} ON ${place}`),
        )
        for (const right of tried) {
          await give(statements)
          await asRoot(url, `REVOKE ${right.privilege} ON ${right.place} FROM ${account}`)
          await reset(scene)
          const run = await attempt(scene)
          const outcome = describeOutcome(version, scene, right, run)
          matrix.push(outcome)
          expect(outcome, run.stdout + run.stderr).not.toContain(unnamed)
        }
      },
      600_000,
    )

    // Not `test.runIf`: a run of everything fails for a test that is skipped.
    if (!isWhole || !isComplete) return

    test('every right of a purpose is missed by one of its commands at least', () => {
      const own = matrix.filter((line) => line.startsWith(version))
      for (const purpose of purposes) {
        const lines = own.filter((line) => line.startsWith(`${version} ${purpose} | `))
        const rights = new Set(lines.map((line) => line.split(' | ')[2]))
        for (const right of rights) {
          const missed = lines.some((line) => line.split(' | ')[2] === right && !line.endsWith('not needed'))
          expect(missed, `${purpose}: ${right}`).toBe(true)
        }
      }
    })
  })
}

/** One cell of the matrix: `9.7 migrate | migrate | INSERT ON ... | exit 2, names it`. */
function describeOutcome(
  version: string,
  { purposes: all, command, exitCode = 0 }: Scene,
  { privilege, place }: SingleRight,
  run: ToolRun,
): string {
  const text = run.stdout + run.stderr
  const named = new RegExp(`GRANT [^;]*\\b${privilege}\\b[^;]* ON `).test(text)
  const spot = place.replace(/^`s\w*?_\\?_?/, '`')
  const outcome =
    run.exitCode === exitCode
      ? named || /was not (?:asked|tried)/.test(text)
        ? `exit ${exitCode}, says so`
        : 'not needed'
      : `exit ${run.exitCode}, ${named ? 'names the GRANT' : unnamed}`
  return `${version} ${all.join('+')} | ${command.join(' ')} | ${privilege} ON ${spot} | ${outcome}`
}
