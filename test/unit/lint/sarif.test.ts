import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import AjvDraft04 from 'ajv-draft-04'
import addFormats from 'ajv-formats'
import { describe, expect, test, vi } from 'vitest'
import { configuration, withProjects } from '../../helpers/tool/project.ts'
import { runToolHere } from '../../helpers/tool/tool-here.ts'

vi.setConfig({ testTimeout: 60_000 })

interface Region {
  readonly startLine: number
  readonly startColumn: number
  readonly endLine: number
  readonly endColumn: number
}

interface Sarif {
  readonly runs: readonly {
    readonly tool: {
      readonly driver: {
        readonly rules: readonly { readonly id: string; readonly help: object; readonly helpUri: string }[]
      }
    }
    readonly results: readonly {
      readonly ruleId: string
      readonly ruleIndex: number
      readonly locations: readonly {
        readonly physicalLocation: { readonly artifactLocation: { readonly uri: string }; readonly region?: Region }
      }[]
      readonly partialFingerprints?: Readonly<Record<string, string>>
    }[]
  }[]
}

const project = withProjects()
const file = 'migrations/app/20260102000000_price.sql'
const text = `-- migrate:up
ALTER TABLE orders
  ADD COLUMN price FLOAT,
  ADD COLUMN gross_price FLOAT;
DROP TABLE basket_lines;

-- migrate:down
ALTER TABLE orders DROP COLUMN price, DROP COLUMN gross_price;
`

function sample(more: Readonly<Record<string, string>> = {}): string {
  return project({
    'wwdb.config.json': configuration('mysql://user@127.0.0.1:1/app'),
    'migrations/app/20260101000000_orders.sql':
      '-- migrate:up\nCREATE TABLE orders (id BIGINT PRIMARY KEY);\nCREATE TABLE basket_lines (id BIGINT PRIMARY KEY);\n',
    [file]: text,
    ...more,
  })
}

async function report(cwd: string, ...words: readonly string[]): Promise<Sarif> {
  return JSON.parse((await runToolHere(['lint', '--format', 'sarif', ...words], { cwd })).stdout)
}

const schema = JSON.parse(readFileSync(new URL('../../fixtures/lint/sarif-2.1.0-rtm.5.json', import.meta.url), 'utf8'))
const ajv = new AjvDraft04.default({ strict: false, allErrors: true, unicodeRegExp: false })
addFormats.default(ajv)
const validate = ajv.compile(schema)

function faultsOf(document: unknown): unknown {
  return validate(document) ? [] : validate.errors
}

/** The findings of the file, each with its fingerprint. */
function fingerprints({ runs }: Sarif): readonly string[] {
  return runs.flatMap(({ results }) =>
    results.map(({ ruleId, partialFingerprints }) => `${ruleId} ${partialFingerprints?.['wwdb/v1']}`).toSorted(),
  )
}

describe('a report as SARIF', () => {
  test('is valid by the schema of SARIF 2.1.0, with findings, without, with broken files, and in Chinese', async () => {
    const broken = { 'migrations/app/20260103000000_broken.sql': 'CREATE TABLE x (id INT);\n' }
    const clean = { [file]: '-- migrate:up\nSELECT 1;\n' }
    for (const [files, words] of [
      [{}, []],
      [broken, []],
      [clean, [file]],
      [{}, ['--language', 'zh']],
      [{}, ['--target-version', '9.7', '--all']],
    ] as const) {
      const document = await report(sample(files), ...words)
      expect(faultsOf(document)).toEqual([])
    }
    expect(faultsOf({ version: '2.1.0', runs: [{ results: [] }] })).not.toEqual([])
  })

  test('describes every rule that found something once, and each finding points at its rule', async () => {
    const [run] = (await report(sample(), file)).runs
    const rules = run?.tool.driver.rules ?? []
    const ids = rules.map(({ id }) => id)
    expect(ids).toContain('DROP_TABLE')
    expect(new Set(ids).size).toBe(ids.length)
    expect(new Set(run?.results.map(({ ruleId }) => ruleId))).toEqual(new Set(ids))
    for (const { helpUri } of rules) expect(helpUri).toMatch(/^https:\/\/dev\.mysql\.com\/doc\//)
    for (const { ruleId, ruleIndex } of run?.results ?? []) expect(rules[ruleIndex]?.id).toBe(ruleId)
  })

  test('has regions that hold exactly what a finding is about', async () => {
    const [run] = (await report(sample(), file)).runs
    const lines = text.split('\n')
    const shown = (run?.results ?? [])
      .filter(({ ruleId }) => ruleId === 'FLOAT_COLUMN')
      .map(({ locations }) => {
        const region = locations[0]?.physicalLocation.region
        return lines[(region?.startLine ?? 0) - 1]?.slice((region?.startColumn ?? 1) - 1, (region?.endColumn ?? 1) - 1)
      })
    expect(shown).toEqual(['price', 'gross_price'])
  })

  test('keeps the fingerprint of a finding when lines are inserted above it or line ends change, and has one a finding', async () => {
    const folder = sample()
    const before = fingerprints(await report(folder, file))
    expect(new Set(before).size).toBe(before.length)
    const moved = text.replace(
      '-- migrate:up\n',
      '-- One.\n-- Two.\n\n-- migrate:up\n\nSELECT 1 FROM orders LIMIT 1;\n\n',
    )
    writeFileSync(join(folder, file), moved)
    const after = fingerprints(await report(folder, file))
    expect(after).toEqual(expect.arrayContaining([...before]))
    writeFileSync(join(folder, file), text.replaceAll('\n', '\r\n'))
    expect(fingerprints(await report(folder, file))).toEqual(before)
  })

  test('names files by addresses that hold blanks and signs of other scripts', async () => {
    const directory = 'migrations of 价格 #1'
    const name = `${directory}/20260104000000_price.sql`
    const databases = { app: { url: 'mysql://user@127.0.0.1:1/app', migrations: directory } }
    const folder = project({
      'wwdb.config.json': JSON.stringify({ databases }),
      [name]: '-- migrate:up\nDROP TABLE basket_lines;\n',
    })
    const document = await report(folder)
    expect(faultsOf(document)).toEqual([])
    const uri = document.runs[0]?.results[0]?.locations[0]?.physicalLocation.artifactLocation.uri ?? ''
    expect(decodeURIComponent(uri)).toBe(name)
    expect(uri).toMatch(/^[\w/.%-]+$/)
  })
})
