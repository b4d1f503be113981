import { expect } from 'vitest'
import type { Stage } from '../tool/stage.ts'

/** MySQL is left out: what is looked at is how the stores are summed up. */
export const upOfStores: readonly string[] = [
  'up',
  ...['create', 'migrate', 'rotate', 'seed'].flatMap((step) => ['--skip', step]),
]

/** What is to be seen of a user who may do anything and whom no file declares. */
interface Undeclared {
  readonly sentence: string
  readonly environment: Readonly<Record<string, string>>
}

/** An undeclared user who may do anything is named by `apply`, `up` and `verify`, which fails; the report has it once: by the store, and not by doctor again. */
export async function showUndeclared(stage: Stage, { sentence, environment }: Undeclared): Promise<void> {
  for (const words of [['setup', 'apply'], upOfStores]) {
    const run = await stage.run(words, { environment })
    expect(run, `${run.stdout}${run.stderr}`).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(sentence) })
  }
  const verified = await stage.run(['setup', 'verify'], { environment })
  expect(verified).toMatchObject({ exitCode: 1, stdout: expect.stringContaining(`✗ ${sentence}`) })
  expect(verified.stdout).toMatch(/everything is as declared: \d+ resources compared, 1 that no file declares/)
  const report = await stage.run(['report', '--json'], { environment })
  expect(report.stdout.split(JSON.stringify(sentence).slice(1, -1))).toHaveLength(2)
  expect(report.stdout).toContain('"state":"differs"')
}
