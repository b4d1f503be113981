import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StoreConfig } from '../../../src/config/config.ts'
import type { StoreKind } from '../../../src/core/store.ts'
import type { ToolError } from '../../../src/core/tool-error.ts'
import { prepareRestore } from '../../../src/stores/registry.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'wwdb-restore-'))
  mkdirSync(join(root, 'declared'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** What is said of a file that is restored beside what a folder declares, of whose variables none is set. */
async function faultsOf(store: StoreKind, file: string, declared: string): Promise<readonly string[]> {
  const directory = join(root, 'declared')
  writeFileSync(join(directory, 'all.yaml'), declared)
  writeFileSync(join(root, 'removed.yaml'), `${file}restore: { resources: [], context: [] }\n`)
  const config: StoreConfig = {
    store,
    label: store,
    hasUrl: true,
    endpoints: [{ host: 'store.test', port: 1 }],
    secure: false,
    user: null,
    password: null,
    token: null,
    path: '',
    tls: null,
    declarations: directory,
    prefix: '',
    connectTimeout: 1,
    faults: [],
  }
  const stop = { requested: false, killRequested: false, onStop: () => () => {}, onKill: () => () => {} }
  const run = { report: () => undefined, stop, now: () => 0, holder: 'a test' }
  const around = { learn: () => undefined, run, record: null }
  const folder = { directory, root, variables: {} }
  const refused: unknown = await prepareRestore(config, folder, join(root, 'removed.yaml'), around).catch(
    (error: unknown) => error,
  )
  expect(refused).toMatchObject({ code: 'DECLARATIONS_INVALID' })
  return (refused as ToolError).faults.map(({ what }) => what)
}

test('a file that a person has spoiled is refused for that, whatever variables of the folder are not set', async () => {
  const file = 'functions: { shop: { code: "#!lua name=other" } }\n'
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of a declaration
  const faults = await faultsOf('redis', file, 'users: { other: { password: "${NOT_SET}" } }\n')
  expect(faults).toEqual([expect.stringContaining('shop')])
})

test('where what is left out may be what is missing, its variables are named after the faults', async () => {
  const file = 'organization: { name: shop }\n'
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of a declaration
  const faults = await faultsOf('influxdb', file, 'buckets: { hot: { retention: "${NOT_SET}" } }\n')
  expect(faults).toEqual([
    expect.stringContaining('bucket'),
    'Of the folder, 1 declaration whose variables are not set here were left out: `buckets.hot.retention`.',
  ])
})
