import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { git } from '../../helpers/tool/git.ts'
import { configuration, withProjects } from '../../helpers/tool/project.ts'
import { runToolHere } from '../../helpers/tool/tool-here.ts'

/** The first run of the tool loads all of its sources. */
vi.setConfig({ testTimeout: 60_000 })

const project = withProjects()
const url = 'mysql://user@127.0.0.1:1/app'
const first = 'migrations/app/20260101000000_orders.sql'
const second = 'migrations/app/20260102000000_price.sql'
const orders = '-- migrate:up\nCREATE TABLE orders (id BIGINT PRIMARY KEY);\n\n-- migrate:down\nDROP TABLE orders;\n'
const price =
  '-- migrate:up\nALTER TABLE orders ADD COLUMN price FLOAT;\n\n-- migrate:down\nALTER TABLE orders DROP COLUMN price;\n'

/** Other rules come and go: these tests are about one. */
function onlyFloats(more: object = {}, severity = 'hint'): string {
  return configuration(url, { lint: { rules: { FLOAT_COLUMN: severity } }, ...more })
}

function sample(files: Readonly<Record<string, string>> = {}): string {
  return project({ 'wwdb.config.json': onlyFloats(), [first]: orders, [second]: price, ...files })
}

async function lint(cwd: string, ...words: readonly string[]) {
  const { stdout, stderr, exitCode } = await runToolHere(['lint', ...words], { cwd })
  return { stdout, stderr, exitCode }
}

async function findings(cwd: string, ...words: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await lint(cwd, '--json', ...words)
  const answer: {
    readonly findings?: readonly { readonly code: string; readonly file: string; readonly line: number }[]
  } = JSON.parse(stdout)
  return (answer.findings ?? [])
    .filter(({ code }) => code === 'FLOAT_COLUMN')
    .map(({ file, line }) => `${file}:${line}`)
}

describe('the files that lint judges', () => {
  test('are those that are named, and the others are there to be known', async () => {
    const folder = sample()
    expect(await findings(folder, second)).toEqual([`${second}:2`])
    expect(await findings(folder, first)).toEqual([])
    expect(await findings(folder, 'migrations')).toEqual([`${second}:2`])
  })

  test('are refused where a name does not exist in the project', async () => {
    const { stderr, exitCode } = await lint(sample(), 'migrations/app/20260102000000_prize.sql')
    expect(stderr).toContain(`Did you mean \`${second}\`?`)
    expect(exitCode).toBe(64)
  })

  test('are those from strictSince on, and all with --all', async () => {
    const folder = sample({ 'wwdb.config.json': onlyFloats({ strictSince: '20260103' }) })
    expect(await findings(folder)).toEqual([])
    expect(await findings(folder, '--all')).toEqual([`${second}:2`])
  })

  test('are all without a journal, which the answer names', async () => {
    const { stdout } = await lint(sample())
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('No journal was read, so every file counts as pending')
  })

  test('need no journal in an empty folder', async () => {
    const { stdout, exitCode } = await lint(
      project({ 'wwdb.config.json': onlyFloats(), [join(dirname(first), 'README.md')]: '' }),
    )
    expect(exitCode).toBe(0)
    expect(stdout).not.toContain('No journal was asked')
  })
})

describe('a branch', () => {
  const clones: string[] = []
  afterAll(() => {
    for (const folder of clones) rmSync(folder, { recursive: true, force: true })
  })

  /** `main` has the first file; the branch `work` adds the second. */
  function repository(): string {
    const folder = sample({ [second]: '-- migrate:up\nCREATE TABLE old (id INT PRIMARY KEY, price FLOAT);\n' })
    git(folder, 'init', '-q', '-b', 'main')
    git(folder, 'add', '-A')
    git(folder, 'commit', '-qm', 'first')
    git(folder, 'checkout', '-qb', 'work')
    return folder
  }

  const third = 'migrations/app/20260103000000_total.sql'
  const total = '-- migrate:up\nALTER TABLE orders ADD COLUMN total FLOAT;\n'

  test('is judged by what it adds, changes or has not committed, and by nothing else', async () => {
    const folder = repository()
    expect(await findings(folder, '--since', 'main')).toEqual([])
    writeFileSync(join(folder, third), total)
    expect(await findings(folder, '--since', 'main')).toEqual([`${third}:2`])
    git(folder, 'add', '-A')
    git(folder, 'commit', '-qm', 'third')
    expect(await findings(folder, '--since', 'main')).toEqual([`${third}:2`])
    git(folder, 'mv', second, 'migrations/app/20260104000000_price.sql')
    expect(await findings(folder, '--since', 'main')).toEqual([
      `${third}:2`,
      'migrations/app/20260104000000_price.sql:2',
    ])
  })

  test('in a shallow clone is judged by all that differs, and the answer names the reason', async () => {
    const folder = repository()
    git(folder, 'checkout', '-q', 'main')
    git(folder, 'commit', '-qm', 'on main', '--allow-empty')
    git(folder, 'checkout', '-q', 'work')
    writeFileSync(join(folder, third), total)
    git(folder, 'add', '-A')
    git(folder, 'commit', '-qm', 'third')
    const clone = mkdtempSync(join(tmpdir(), 'wwdb-clone-'))
    clones.push(clone)
    git(clone, 'clone', '-q', '--depth=1', '--branch', 'work', `file://${folder}`, '.')
    const unknown = await lint(clone, '--since', 'origin/main')
    expect(unknown.stderr).toContain('git fetch --depth=1 origin main')
    expect(unknown.exitCode).toBe(64)
    git(clone, 'fetch', '-q', '--depth=1', 'origin', 'main:refs/remotes/origin/main')
    const { stdout } = await lint(clone, '--since', 'origin/main')
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('The clone is shallow: the merge base with origin/main is unknown')
    expect(await findings(clone, '--since', 'origin/main')).toEqual([`${third}:2`])
  })

  test('is refused where git fails to say what it changes: nothing would be judged, and that would pass', async () => {
    const folder = repository()
    writeFileSync(join(folder, third), total)
    git(folder, 'add', '-A')
    const tree = git(folder, 'rev-parse', 'main:migrations')
    rmSync(join(folder, '.git/objects', tree.slice(0, 2), tree.slice(2)))
    const { stderr, exitCode } = await lint(folder, '--since', 'main')
    expect(stderr).toContain('what the branch changes is not known')
    expect(exitCode).toBe(64)
  })

  test('is the same where git shows paths from its own folder on, and a range or an exclusion is no commit', async () => {
    const folder = repository()
    const service = join(folder, 'service')
    cpSync(join(folder, 'migrations'), join(service, 'migrations'), { recursive: true })
    cpSync(join(folder, 'wwdb.config.json'), join(service, 'wwdb.config.json'))
    git(folder, 'add', '-A')
    git(folder, 'commit', '-qm', 'a service')
    git(folder, 'config', 'diff.relative', 'true')
    expect(await findings(service, '--since', 'HEAD')).toEqual([])
    writeFileSync(join(service, third), total)
    git(folder, 'add', '-A')
    expect(await findings(service, '--since', 'HEAD')).toEqual([`${third}:2`])
    for (const odd of ['^main', 'main..HEAD']) {
      const { stderr, exitCode } = await lint(service, `--since=${odd}`)
      expect(stderr).toContain(`The commit \`${odd}\` does not exist`)
      expect(exitCode).toBe(64)
    }
    // A depth would make this clone, which is whole, a shallow one.
    expect((await lint(service, '--since', 'origin/main')).stderr).toContain('`git fetch origin main`')
  })

  test('cannot be asked for outside a repository', async () => {
    const { stderr, exitCode } = await lint(sample(), '--since', 'main')
    expect(stderr).toContain('needs a git repository')
    expect(exitCode).toBe(64)
  })
})

describe('a finding', () => {
  test('ends with 1 where it is an error, and where warnings are more than allowed', async () => {
    const withSeverity = (severity: string) => sample({ 'wwdb.config.json': onlyFloats({}, severity) })
    expect((await lint(withSeverity('error'), second)).exitCode).toBe(1)
    expect((await lint(withSeverity('warning'), second)).exitCode).toBe(0)
    expect((await lint(withSeverity('warning'), second, '--max-warnings', '0')).exitCode).toBe(1)
    expect((await lint(withSeverity('hint'), second, '--max-warnings', '0')).exitCode).toBe(0)
    expect(await findings(withSeverity('off'), second)).toEqual([])
  })

  test('has the severity and the options of its environment', async () => {
    const environments = { strict: { lint: { rules: { FLOAT_COLUMN: { severity: 'error', names: 'cost, price' } } } } }
    const folder = sample({ 'wwdb.config.json': onlyFloats({ environments }) })
    expect((await lint(folder, second)).exitCode).toBe(0)
    expect((await lint(folder, second, '--env', 'strict')).exitCode).toBe(1)
  })

  test('whose rule or option does not exist is a fault of the configuration', async () => {
    const rules = { FLOAT_COLUMNS: 'off', FLOAT_COLUMN: { name: 'price' } }
    const { stderr, exitCode } = await lint(sample({ 'wwdb.config.json': configuration(url, { lint: { rules } }) }))
    expect(stderr).toContain('Did you mean `FLOAT_COLUMN`?')
    expect(stderr).toContain('`lint.rules.FLOAT_COLUMN.name` is not an option of the rule.')
    expect(exitCode).toBe(78)
  })

  test('is turned off in the file or for one statement, until a day', async () => {
    const withLine = (above: string, inside: string) =>
      sample({
        [second]: `${above}-- migrate:up\n${inside}ALTER TABLE orders ADD COLUMN price FLOAT;\nALTER TABLE orders ADD COLUMN cost FLOAT;\n`,
      })
    const line = '-- wwdb:nolint FLOAT_COLUMN rounded on purpose'
    expect(await findings(withLine(`${line}\n`, ''), second)).toEqual([])
    expect(await findings(withLine('', `${line}\n`), second)).toEqual([`${second}:4`])
    expect(await findings(withLine(`${line} until 2999-12-31\n`, ''), second)).toEqual([])
    const expired = await lint(withLine(`${line} until 2020-12-31\n`, ''), second)
    expect(expired.stdout).toContain('EXPIRED_SUPPRESSION')
  })

  test('is not named again once the baseline has it, wherever it moves to in its file', async () => {
    const folder = sample()
    await lint(folder, '--all', '--write-baseline')
    expect(await findings(folder, '--all')).toEqual([])
    writeFileSync(join(folder, second), price.replace('-- migrate:up\n', '-- A comment.\n\n-- migrate:up\n\n'))
    expect(await findings(folder, '--all')).toEqual([])
    writeFileSync(join(folder, second), price.replace('FLOAT;', 'FLOAT;\nALTER TABLE orders ADD COLUMN cost FLOAT;'))
    expect(await findings(folder, '--all')).toEqual([`${second}:3`])
  })

  test('stays in the baseline when the baseline is written for other files', async () => {
    const folder = sample()
    await lint(folder, '--all', '--write-baseline')
    await lint(folder, first, '--write-baseline')
    expect(await findings(folder, '--all')).toEqual([])
    writeFileSync(join(folder, 'lint.baseline.json'), '{"version":1,"findings":[')
    expect((await lint(folder, first, '--write-baseline')).exitCode).toBe(78)
    expect((await lint(folder, '--all', '--write-baseline')).exitCode).toBe(0)
    expect(await findings(folder, '--all')).toEqual([])
  })

  test('has its place in a file with CRLF, too', async () => {
    expect(await findings(sample({ [second]: price.replaceAll('\n', '\r\n') }), second)).toEqual([`${second}:2`])
  })
})

test('a fault in the files of another database is none of the chosen one', async () => {
  const broken = { 'migrations/b/0001_x.sql': "-- migrate:up\nCREATE TABLE x (id INT;\n'\n" }
  const files = {
    'wwdb.config.json': JSON.stringify({ url: 'mysql://user@127.0.0.1:1', databases: { app: {}, b: {} } }),
    ...broken,
  }
  expect(await lint(sample(files), '--target', 'app')).toMatchObject({ exitCode: 0 })
  expect(await lint(sample(files))).toMatchObject({ exitCode: 1 })
})

test('what a rule finds many times in a file is one entry, and quiet rules are asked for', async () => {
  const inserts = 'INSERT INTO orders VALUES (1);\n'.repeat(7)
  const folder = sample({ [second]: `-- migrate:up\n${inserts}` })
  const { stdout } = await lint(folder, second)
  expect(stdout).toContain('7 times: lines 2, 3, 4, 5, 6 and 2 more')
  expect(stdout.split('INSERT_WITHOUT_COLUMNS')).toHaveLength(2)
  expect(stdout).not.toContain('NO_DOWN')
  expect((await lint(folder, second, '--strict')).stdout).toContain('NO_DOWN')
})

describe('a report', () => {
  test.each(['sarif', 'gitlab', 'junit', 'github', 'human'])('as %s is as its golden file', async (format) => {
    const rules = ['FLOAT_COLUMN', 'NO_DOWN', 'DROP_COLUMN']
    const folder = sample({
      [second]: '-- migrate:up\nALTER TABLE orders ADD COLUMN price FLOAT;\nALTER TABLE orders\n  DROP COLUMN id;\n',
    })
    const baseline = await lint(folder, second, '--json')
    const others: { readonly findings: readonly { readonly code: string }[] } = JSON.parse(baseline.stdout)
    const off = others.findings.map(({ code }) => code).filter((code) => !rules.includes(code))
    const config = configuration(url, {
      lint: { strict: true, rules: Object.fromEntries(off.map((code) => [code, 'off'])) },
    })
    writeFileSync(join(folder, 'wwdb.config.json'), config)
    const { stdout } = await lint(folder, second, '--format', format)
    await expect(
      stdout
        .replaceAll(/"uri": "file:.*"/g, '"uri": "file:///project/"')
        .replaceAll(/"semanticVersion": ".*"/g, '"semanticVersion": "x"'),
    ).toMatchFileSnapshot(`../../fixtures/lint/report.${format}.txt`)
  })

  test('in Chinese has Chinese texts', async () => {
    expect((await lint(sample(), second, '--language', 'zh')).stdout).toContain('列 `price` 存放的是舍入后的值。')
  })

  test('has the files that are not well-formed beside its findings, and ends with 1', async () => {
    const folder = sample({ 'migrations/app/20260103000000_broken.sql': 'CREATE TABLE x (id INT);\n' })
    const { stdout, exitCode } = await lint(folder, '--format', 'gitlab')
    expect(stdout).toContain('INVALID_FILE')
    expect(stdout).toContain('FLOAT_COLUMN')
    expect(exitCode).toBe(1)
  })

  test('in a format of lint is refused to other commands', async () => {
    const { stderr, exitCode } = await runToolHere(['validate', '--format', 'sarif'], { cwd: sample() })
    expect(stderr).toContain('`wwdb validate` has no format `sarif`.')
    expect(exitCode).toBe(64)
  })
})

test('the example of docs/guides/lint.md is what lint prints', async () => {
  const page = readFileSync(new URL('../../../docs/guides/lint.md', import.meta.url), 'utf8')
  const example = /```\n\$ wwdb lint (\S+)\n([\s\S]*?)```/.exec(page)
  expect((await lint(sample(), example?.[1] ?? '')).stdout).toBe(example?.[2])
})

describe('a shard template', () => {
  const template = 'shard-templates/app/logs.sql'
  const codes = async (header: string) => {
    const text = `${header}-- wwdb:period month\n-- wwdb:name logs_{YYYYMM}\n-- wwdb:archive none\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY, code VARCHAR(20) UNIQUE, at DATETIME NOT NULL);\n`
    const folder = project({ 'wwdb.config.json': configuration(url), [first]: orders, [template]: text })
    const { stdout } = await lint(folder, '--json', template)
    const answer: { readonly faults: readonly unknown[]; readonly findings: readonly { readonly code: string }[] } =
      JSON.parse(stdout)
    expect(answer.faults).toEqual([])
    return answer.findings.map(({ code }) => code).filter((code) => /UNIQUE_KEY|SUPPRESSION/.test(code))
  }

  test('has its findings turned off by a line among its headers, until its day is over', async () => {
    expect(await codes('')).toEqual(['TEMPLATE_UNIQUE_KEY'])
    expect(await codes('-- wwdb:nolint TEMPLATE_UNIQUE_KEY codes repeat by intention\n')).toEqual([])
    expect(await codes('-- wwdb:nolint TEMPLATE_UNIQUE_KEY codes repeat until 2999-12-31\n')).toEqual([])
    const expired = await codes('-- wwdb:nolint TEMPLATE_UNIQUE_KEY codes repeat until 2020-12-31\n')
    expect(expired.toSorted()).toEqual(['EXPIRED_SUPPRESSION', 'TEMPLATE_UNIQUE_KEY'])
    expect(await codes('-- wwdb:nolint FLOAT_KEY no key is one\n')).toEqual([
      'UNUSED_SUPPRESSION',
      'TEMPLATE_UNIQUE_KEY',
    ])
  })

  test('with such a line that gives no reason is faulty', async () => {
    const text =
      '-- wwdb:nolint TEMPLATE_UNIQUE_KEY\n-- wwdb:period month\n-- wwdb:name logs_{YYYYMM}\n-- wwdb:archive none\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY, at DATETIME NOT NULL);\n'
    const folder = project({ 'wwdb.config.json': configuration(url), [first]: orders, [template]: text })
    const { stdout } = await lint(folder, template)
    expect(stdout).toContain('turns TEMPLATE_UNIQUE_KEY off without a reason')
  })
})
