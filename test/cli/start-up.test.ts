import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { tableMigration, withStages } from '../helpers/tool/stage.ts'
import { runTool } from '../helpers/tool/tool.ts'

const openStage = withStages()

/** Every source file that a run loaded: Node writes down its scripts, their source maps tell what they were made from. */
async function loadedSources(args: readonly string[], cwd = '/'): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-coverage-'))
  try {
    await runTool(args, { cwd, environment: { NODE_V8_COVERAGE: folder } })
    const reports = readdirSync(folder).map((name): Coverage => JSON.parse(readFileSync(join(folder, name), 'utf8')))
    const scripts = reports.flatMap((report) => report.result.map(({ url }) => url))
    return scripts.filter((url) => url.startsWith('file:')).flatMap((url) => sourcesOf(fileURLToPath(url)))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Coverage {
  readonly result: readonly { readonly url: string }[]
}

function sourcesOf(file: string): readonly string[] {
  if (!existsSync(`${file}.map`)) return [file]
  const map: { readonly sources: readonly string[] } = JSON.parse(readFileSync(`${file}.map`, 'utf8'))
  return map.sources
}

/** Libraries, drivers and whatever decides, reads or runs. Words that answers are made of may be loaded: they are small. */
const heavy = new RegExp(
  [
    'node_modules/(?:zod|mysql2|knex|jiti|chalk|testcontainers)/',
    '/src/(?:mysql|files|references|databases|project)/',
    '/src/[^/]+/(?:mysql|driver|commands|plan|execute|files|rotation|fan-out|inspect|repair|archive|templates|rules|statements)/',
  ].join('|'),
)

function words(line: string): readonly string[] {
  return line.split(' ').filter((word) => word !== '')
}

describe('what is loaded', () => {
  const light = ['--help', 'migrate --help', 'db --help', '--version', '', 'statsu']
  test.each(light)('wwdb %s: no zod, no driver, no engine, no command', async (line) => {
    const sources = await loadedSources(words(line))
    expect(sources.some((source) => source.endsWith('src/cli/main.ts'))).toBe(true)
    expect(sources.filter((source) => heavy.test(source))).toEqual([])
  })

  test.each(['version', 'completion bash', 'config schema'])('wwdb %s: no driver', async (line) => {
    const sources = await loadedSources(words(line))
    expect(sources.some((source) => source.includes('node_modules/zod/'))).toBe(true)
    expect(
      sources.filter((source) => /node_modules\/(mysql2|knex|jiti)\/|\/src\/(?:[^/]+\/)?mysql\//.test(source)),
    ).toEqual([])
  })

  test('wwdb migrate with nothing to do: nothing that judges, tries or executes statements', async () => {
    const stage = await openStage({ files: { 'app/0001_a.sql': tableMigration('a') } })
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    const sources = await loadedSources(['migrate'], stage.folder)
    expect(sources.some((source) => source.endsWith('src/migrations/run-targets.ts'))).toBe(true)
    const work =
      /\/src\/(?:lint\/(?:rules|algorithms|server)\/|lint\/find-hazards|migrations\/execute\/|mysql\/(?:algorithm-probe|read-snapshot|scratch-area|trial)|seeds\/|shards\/(?:partitions\/|render-shard))/
    expect(sources.filter((source) => work.test(source))).toEqual([])
  })

  test('wwdb migrate with nothing to do: no part of Node that few runs need', async () => {
    const stage = await openStage({ files: { 'app/0001_a.sql': tableMigration('a') } })
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    const list = join(stage.folder, 'loaded.txt')
    const preload = join(stage.folder, 'preload.cjs')
    const write = `require('node:fs').writeFileSync(${JSON.stringify(list)}, process.moduleLoadList.join('\\n'))`
    writeFileSync(preload, `process.on('exit', () => ${write})`)
    const environment = { NODE_OPTIONS: `--require ${preload}` }
    expect(await runTool(['migrate'], { cwd: stage.folder, environment })).toMatchObject({ exitCode: 0 })
    const loaded = readFileSync(list, 'utf8').split('\n')
    expect(loaded).toContain('NativeModule net')
    // `v8` is needed: it says when functions are optimized (decision 0041).
    const few = ['child_process', 'fs/promises', 'tls', 'worker_threads', 'readline/promises', 'dgram', '_tls_wrap']
    expect(few.filter((name) => loaded.includes(`NativeModule ${name}`))).toEqual([])
  })
})
