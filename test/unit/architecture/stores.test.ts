import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { storeKinds } from '../../../src/core/store.ts'
import { stores } from '../../../src/stores/registry.ts'

const project = resolve(import.meta.dirname, '../../..')

/** What each file of a store exports under the same name in every store. */
const shape: Readonly<Record<string, readonly string[]>> = {
  'declaration.ts': ['Declaration', 'prefixNames'],
  'schema.ts': ['readDeclaration', 'jsonSchema'],
  'observe.ts': ['Observation', 'observe'],
  'plan.ts': ['plan'],
  'lock.ts': ['lockPlace', 'guardWrites'],
  'apply.ts': ['Operation', 'applyOperation'],
  'import.ts': ['readContents'],
  'verify.ts': ['verify'],
  'clear.ts': ['clear'],
  'errors.ts': ['explainError'],
  'sandbox.ts': ['sandbox'],
  'index.ts': ['parts', 'store'],
}

function exportsOf(kind: string, file: string): readonly string[] {
  const path = join(project, 'src/stores', kind, file)
  if (!existsSync(path)) return []
  const text = readFileSync(path, 'utf8')
  const declared = [...text.matchAll(/^export (?:async )?(?:type|interface|function|const) (\w+)/gm)]
  const passedOn = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = '']) => names.split(','))
  return [...declared.map(([, name = '']) => name), ...passedOn.map((name) => name.trim())]
}

function contractNames(kind: string, file: string): readonly string[] {
  const own = exportsOf(kind, file)
  return (shape[file] ?? []).filter((name) => own.includes(name))
}

test.each(storeKinds)('%s has the twelve files of a store, and each exports the names of the contract', (kind) => {
  const found = Object.fromEntries(Object.keys(shape).map((file) => [file, contractNames(kind, file)]))
  expect(found).toEqual(shape)
})

test.each(storeKinds)('%s is flat: every part that is an idea of its own lies beside the twelve files', (kind) => {
  for (const folder of ['driver', 'declare', 'sandbox', 'plan']) {
    expect(existsSync(join(project, 'src/stores', kind, folder)), `${kind}/${folder}`).toBe(false)
  }
})

test.each(storeKinds)(
  '%s explains a refused connection with the one code, exit code and reason of all stores',
  async (kind) => {
    const { explainError } = await stores[kind]()
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    })
    expect(explainError(refused, '127.0.0.1:1')).toMatchObject({
      code: 'STORE_UNREACHABLE',
      exitCode: 69,
      faults: [{ where: { server: '127.0.0.1:1' }, why: 'Nothing is listening there.' }],
    })
  },
)

test('adding-a-store.md shows the exported names of all stores side by side, as the code has them', () => {
  const page = readFileSync(join(project, 'docs/internals/adding-a-store.md'), 'utf8')
  const cell = (kind: string, file: string): string =>
    contractNames(kind, file)
      .map((name) => `\`${name}\``)
      .join(', ')
  const rows = Object.keys(shape).map(
    (file) => `| \`${file}\` | ${storeKinds.map((kind) => cell(kind, file)).join(' | ')} |`,
  )
  const table = [`| file | ${storeKinds.join(' | ')} |`, `| --- |${' --- |'.repeat(storeKinds.length)}`, ...rows]
  expect(page).toContain(table.join('\n'))
})

test('the compiler asks for a fifth store in the registry and in two tables of the configuration, and nowhere else', () => {
  const copy = mkdtempSync(join(tmpdir(), 'wwdb-fifth-store-'))
  try {
    cpSync(join(project, 'src'), join(copy, 'src'), { recursive: true })
    for (const name of ['node_modules', 'package.json']) symlinkSync(join(project, name), join(copy, name))
    const { compilerOptions } = JSON.parse(readFileSync(join(project, 'tsconfig.json'), 'utf8'))
    writeFileSync(
      join(copy, 'tsconfig.json'),
      // Every capability adds its events and its answers to those of a run.
      JSON.stringify({ compilerOptions, include: ['src/stores', 'src/config', 'src/*/events.ts', 'src/**/*-view.ts'] }),
    )
    const kinds = join(copy, 'src/core/store.ts')
    writeFileSync(kinds, readFileSync(kinds, 'utf8').replace("'redis'] as const", "'redis', 'tiny'] as const"))
    mkdirSync(join(copy, 'src/stores/tiny'))
    const compiler = join(project, 'node_modules/typescript/bin/tsc')
    const { stdout } = spawnSync(process.execPath, [compiler, '-p', copy], { cwd: copy, encoding: 'utf8' })
    const files = [...stdout.matchAll(/^(src\/[^(]+)\(/gm)].map(([, file = '']) => file)
    expect([...new Set(files)].sort()).toEqual([
      'src/config/readable-secret.ts',
      'src/config/store-url.ts',
      'src/stores/registry.ts',
    ])
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}, 240_000)
