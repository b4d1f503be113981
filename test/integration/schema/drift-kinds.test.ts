import { beforeAll, describe, expect, test } from 'vitest'
import { hazardCodes } from '../../../src/lint/hazard-codes.generated.ts'
import type { SchemaDiffResult } from '../../../src/schema/commands/schema-diff-view.ts'
import { carelessKinds } from '../../helpers/schema/careless-kinds.ts'
import { driftKinds, driftSchema, leftOutKinds } from '../../helpers/schema/drift-kinds.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
const allowed = hazardCodes.flatMap((code) => ['--allow', code])

/** One database for all of them: what is not taken back is found by the next. */
describe.each(versionsInTurn(import.meta.url))('what a hand changes on MySQL %s', (version) => {
  let stage: Stage
  beforeAll(async () => {
    const { url } = await testServerOf(version)
    stage = await openStage({ url, files: { 'app/0001_all.sql': migration(driftSchema) } })
    const run = await stage.run(['migrate'])
    expect(run, run.stderr).toMatchObject({ exitCode: 0 })
  }, 120_000)

  const kinds = [...driftKinds, ...carelessKinds].filter(({ isNew = false }) => version === '9.7' || !isNew)

  test.each(kinds)('is found and taken back: $name', async ({ byHand, object, said = [] }) => {
    for (const text of byHand) await stage.query(text)
    const { answer, exitCode } = await stage.json(['drift', ...said])
    expect(exitCode).toBe(1)
    const found = (answer as unknown as SchemaDiffResult).databases
    const names = found.flatMap(({ differences }) => differences.map(({ name }) => name))
    expect(names).toContain(object)
    const reverted = await stage.run(['drift', '--revert', '--no-probe', '--yes', ...said, ...allowed])
    expect(reverted, reverted.stdout + reverted.stderr).toMatchObject({ exitCode: 0 })
    const after = await stage.run(['drift'])
    expect(after, after.stdout).toMatchObject({ exitCode: 0 })
  })

  test.each(leftOutKinds)('is left out, and the last line says so: $name', async ({ byHand }) => {
    for (const text of byHand) await stage.query(text)
    const drift = await stage.run(['drift'])
    expect(drift, drift.stdout).toMatchObject({ exitCode: 0 })
    expect(drift.stdout.trim().split('\n').at(-1)).toMatch(
      /^Not compared: rows, shards, grants and accounts, AUTO_INCREMENT, histograms/,
    )
  })

  test('leaves what the migrations make', async () => {
    const replayed = await stage.run(['drift', '--replay'])
    expect(replayed, replayed.stdout).toMatchObject({ exitCode: 0 })
  })
})
